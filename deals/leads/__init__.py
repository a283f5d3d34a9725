"""Leads both ways: routed to a partner or given by one, offered, answered, and their deals."""
