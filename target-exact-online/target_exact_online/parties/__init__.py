"""Accounts of Exact Online as documents speak of them: read, checked and written."""
