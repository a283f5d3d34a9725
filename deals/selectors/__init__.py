"""Reads of what we sell together: what pages, the API and the floors above need."""
