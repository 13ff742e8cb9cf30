"""Documents, the ledger of transfers and the write protocol that every target follows."""
