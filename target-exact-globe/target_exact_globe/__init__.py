"""Singer target for Exact Globe that writes each document once."""
