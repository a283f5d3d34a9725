"""Pure rules of screening."""
