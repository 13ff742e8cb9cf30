"""Singer target for Exact Online that writes each document once."""
