"""Forms of what we sell together."""
