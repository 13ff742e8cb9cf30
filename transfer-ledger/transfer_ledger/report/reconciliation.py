"""A reconciliation as one HTML file that an accountant can sign off: no script, nothing from elsewhere."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from transfer_ledger.reconciliation import KINDS
from transfer_ledger.report.templates import environment
from transfer_ledger.wording import Words

if TYPE_CHECKING:
    from transfer_ledger.causes import Language
    from transfer_ledger.reconciliation import Reconciliation


def html(found: Reconciliation, language: Language, *, administration: str, now: dt.datetime) -> str:
    """Return the file; whatever comes from outside is escaped."""
    words = Words(language)
    shown = {kind: [each for each in found.differences if each.kind == kind] for kind in KINDS}
    template = environment(Path(__file__).with_name("templates")).get_template("reconciliation.html")
    return template.render(
        found=found, t=words, say=partial(_said, words), shown=shown, administration=administration, now=now
    )


def _said(words: Words, value: Decimal | dt.date | str | None) -> str:
    """Return one side of a difference as people write it."""
    if isinstance(value, Decimal):
        return words.amount(value, None)
    return words.date(value) if isinstance(value, dt.date) else value or ""
