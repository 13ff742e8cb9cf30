"""What Exact Online holds already, read in bulk for a ledger that is new: the ledger of an earlier machine, say."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from tap_exact_online import odata
from target_exact_online.forms import FORMS, Form, found
from target_exact_online.translation import reading
from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_exact_online.client import Client
    from transfer_ledger.receipts import Found


def held(client: Client, settings: Mapping[str, Any]) -> Iterator[Found]:
    """Yield every document with a reference, once.

    An order that was invoiced stands there as an invoice too, and a processed invoice as an entry, with the same
    reference, customer and amount: only the first of them is yielded. Two of one form are both yielded, since they are
    two.
    """
    first: dict[tuple[str, str, Any], Form] = {}
    for name, form in FORMS.items():
        if name not in settings["adopt"]:
            continue
        where = _since(form, settings.get("adopt_from")) or form.every
        with reading():
            for row in client.read(form.bulk, select=form.columns, where=where):
                document = found(form, row)
                same = (document.reference.strip(), document.customer_id, document.gross)
                if same[0] and first.setdefault(same, form) is form:
                    yield document


def _since(form: Form, day: str | None) -> str:
    first = first_day(day)
    return "" if first is None else f"{form.date} ge {odata.literal(first)}"


def first_day(day: str | None) -> dt.date | None:
    """Return the day of the setting ``adopt_from``; None when it is not set.

    Raises:
        StopRun: it is no date.
    """
    try:
        return dt.date.fromisoformat(day) if day else None
    except ValueError as error:
        raise StopRun(
            f"The setting adopt_from is {day!r:.40}, which is no date.", "Write it like 2026-01-31."
        ) from error
