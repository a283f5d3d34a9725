"""Conflicts as cases: queue, evidence, suggestion, ruling, correction, statements, credit. Staff only."""
