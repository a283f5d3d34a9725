"""Reads that screening weighs."""
