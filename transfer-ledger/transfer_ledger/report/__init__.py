"""What the ledger says to people: how things stand, what is open and why, runs, figures, and the report of them."""
