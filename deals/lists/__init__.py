"""Check a list: companies of a file looked up among the accounts. It changes no account."""
