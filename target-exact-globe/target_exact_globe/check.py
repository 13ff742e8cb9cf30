"""What a dry run finds beside the documents themselves: whether the services answer, and let the codes be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from target_exact_globe.answers import trimmed
from target_exact_globe.client import NotReadable
from target_exact_globe.lists import CURRENCIES, ITEMS, PAYMENT_CONDITIONS, VAT_CODES, Codes, accounts_by
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import StopRun
from transfer_ledger.rehearsal import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_exact_globe.answers import Row
    from target_exact_globe.lists import Lists

NEEDED = (accounts_by("AccountCode"), ITEMS, VAT_CODES, PAYMENT_CONDITIONS, CURRENCIES)
"""The lists that documents of every kind name codes of."""
_CHOICES = {"lines.vat_code": VAT_CODES, "payment_condition": PAYMENT_CONDITIONS}
"""Fields for which a person can choose from a short list of Globe's."""


def findings(lists: Lists) -> Iterator[Finding]:
    """Yield each list that cannot be read; what keeps the user out altogether is told once."""
    for codes in NEEDED:
        try:
            lists.all(codes)
        except NotReadable as error:
            yield Finding(
                problem=Problem(field="rights", value=codes.entity, message=error.message), advice=error.advice
            )
        except StopRun as error:
            yield Finding(problem=Problem(field="connection", value="", message=error.message), advice=error.advice)
            return


def choices(lists: Lists, problem: Problem) -> list[str]:
    """Return Globe's codes for a missing row; of VAT codes those with the rate that is asked for."""
    codes = _CHOICES.get(problem.field)
    if codes is None or not problem.paste:
        return []
    asked: Any = yaml.safe_load(problem.paste)
    rate = asked[0].get("rate") if isinstance(asked, list) and codes is VAT_CODES else None
    fitting = (row for row in lists.all(codes) if rate is None or float(row.get("Percentage") or 0) == rate)
    return sorted(_told(codes, row) for row in fitting)


def _told(codes: Codes, row: Row) -> str:
    code = trimmed(row[codes.code])
    return f"{code} ({float(row['Percentage'] or 0):g} %)" if codes is VAT_CODES else code
