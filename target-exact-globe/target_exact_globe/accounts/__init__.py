"""Accounts of Exact Globe as documents speak of them: read, checked and written, over both routes."""
