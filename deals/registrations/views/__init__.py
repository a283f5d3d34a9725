"""Pages of registrations, for the workspace and the portal."""
