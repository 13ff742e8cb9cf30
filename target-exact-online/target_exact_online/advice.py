"""What to do about Exact Online's own messages; the dictionary is in ``transfer_ledger.causes``."""

from __future__ import annotations

from transfer_ledger.causes import explain

UNKNOWN = "Look at what Exact Online names, correct it at its source, in the settings or in Exact, and run again."


def advice_on(message: str) -> str:
    """Return what to do about a message of Exact Online; several messages may stand in one text, apart by ``; ``."""
    found = (explain(part, "en", "exact").advice for part in message.split("; "))
    return " ".join(dict.fromkeys(advice for advice in found if advice)) or UNKNOWN
