"""Pure rules of registrations."""
