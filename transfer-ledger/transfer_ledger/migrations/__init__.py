"""The structure of the ledger, version by version (Alembic)."""

from __future__ import annotations

VERSIONS = ("0001", "0002", "0003")
"""Known versions, oldest first; each is the revision of a script in ``versions``."""
