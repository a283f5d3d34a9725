"""Registrations in the API."""
