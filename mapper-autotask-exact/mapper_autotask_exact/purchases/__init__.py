"""Goods receipts of Autotask become purchase orders."""
