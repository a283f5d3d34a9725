"""End customers as the vendor knows them: accounts, other names, look-up and merging. Staff only."""
