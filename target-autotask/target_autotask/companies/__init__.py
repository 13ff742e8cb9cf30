"""Documents of the kind ``companies``: read in bulk, merged by the protocol, written by what differs, read back."""
