"""Possible sales on accounts: opened, their source, and what partners did on them."""
