"""The number that Globe is asked to give an order: the document's own, or one of a range that is this link's.

With a number of its own an order cannot come in twice by the same file, since Globe holds a number once. Whether its
importer refuses a number that exists or writes that order again is not documented; either way there is one order.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_globe.findings import Findings
    from transfer_ledger.documents import PurchaseOrder, SalesInvoice, Source

HIGHEST = 99_999_999
"""Eight digits (PU415 entity reference, ``orkrg.ordernr``)."""
SALES_RANGE, PURCHASE_RANGE = "sales_numbers_from", "purchase_numbers_from"
"""Settings: where the range begins. Sales and purchase orders share one table in Globe, so each has its own."""
_NUMBERED = "Set `{setting}` to the first of a range of order numbers that is free in Globe; or set "
_ONCE = (
    "`picked_up_once: true` when the job takes each file out of the folder before it imports it; or `import_command`."
)


def sales_number(document: SalesInvoice, settings: Mapping[str, Any]) -> int | None:
    """Return the number of a sales order; None: Globe gives one, as it always does to an invoice."""
    if document.keep_number:
        return int(document.number)
    return own_number(document.source, settings, SALES_RANGE) if document.form == "sales_order" else None


def own_number(source: Source, settings: Mapping[str, Any], setting: str) -> int | None:
    """Return the number in our range of a record, always the same one; None: there is no range, or no number in it.

    A record has two, one after the other: the second is that of the document that takes the first one back.
    """
    first, record = settings.get(setting), re.fullmatch(r"([0-9]{1,9})(:void)?", source.id)
    if settings["route"] != "xml" or first is None or record is None:
        return None
    number = int(first) + 2 * int(record[1]) + bool(record[2])
    return number if number <= HIGHEST else None


def can_keep(document: SalesInvoice) -> bool:
    """Tell whether Globe can give an order the number of its document."""
    number = document.number
    digits = number.isascii() and number.isdecimal() and number == str(int(number))
    return document.form == "sales_order" and digits and 0 < int(number) <= HIGHEST


def check_sales_number(findings: Findings, document: SalesInvoice, settings: Mapping[str, Any]) -> None:
    """Note a number that cannot be kept, and an order that a file picked up twice would make two of."""
    if document.keep_number:
        if not can_keep(document):
            message = f"Number {document.number} cannot be kept: only an order takes one, of digits, eight at most"
            rule = document.rules.get("keep_number")
            findings.add("keep_number", document.number, message, "Let Globe number it.", rule)
        return
    check_own_number(findings, document, settings, None if document.form != "sales_order" else SALES_RANGE)


def check_own_number(
    findings: Findings, document: SalesInvoice | PurchaseOrder, settings: Mapping[str, Any], setting: str | None
) -> None:
    """Note an order without a number where nothing but a number keeps a file from being imported twice.

    Args:
        findings: takes the note.
        document: what the order is of.
        settings: of the target.
        setting: the range; None: Globe numbers such documents itself.
    """
    if settings["route"] != "xml":
        return
    ranged = setting is not None and settings.get(setting) is not None
    if ranged and own_number(document.source, settings, str(setting)) is None:
        message = f"No order number of eight digits can be made of record {document.source.id} and {setting}"
        findings.add("number", document.source.id, message, f"Set a lower `{setting}`, or none.", setting)
    elif not ranged and not settings["import_command"] and not settings["picked_up_once"]:
        message = f"Nothing would keep {document.number} from being in Globe twice when its file is picked up twice"
        advice = (_NUMBERED.format(setting=setting) if setting else "Set ") + _ONCE
        findings.add("number", "", message, advice, setting or "picked_up_once")
