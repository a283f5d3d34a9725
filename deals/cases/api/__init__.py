"""Cases in the API. Staff only."""
