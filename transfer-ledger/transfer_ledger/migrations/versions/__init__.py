"""One script per version of the ledger's structure."""
