"""Accounts and companies: linked, merged with what the receiving system holds, created where nobody is linked."""
