"""Pages of the conflict queue and its cases."""
