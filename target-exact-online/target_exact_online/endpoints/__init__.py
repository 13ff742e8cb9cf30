"""Any writable endpoint of Exact Online under its own stream name, for the records of other people's taps."""
