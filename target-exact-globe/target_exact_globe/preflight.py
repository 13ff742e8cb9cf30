"""Everything about a sales document that can be checked without sending it: all that is wrong is told at once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from target_exact_globe import characters, orders
from target_exact_globe.answers import trimmed
from target_exact_globe.findings import Findings
from target_exact_globe.lists import (
    COST_CENTERS,
    COST_UNITS,
    CURRENCIES,
    ITEMS,
    PAYMENT_CONDITIONS,
    PROJECTS,
    VAT_CODES,
    WAREHOUSES,
    accounts_by,
)
from target_exact_globe.numbers import check_sales_number
from target_exact_globe.orders import Order, Party
from transfer_ledger import texts
from transfer_ledger.amounts import Priced, Taxed, cents, predicted, priced
from transfer_ledger.receipts import Prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_globe.answers import Row
    from target_exact_globe.lists import Codes, Lists
    from transfer_ledger.documents import Line, SalesInvoice, Voucher
    from transfer_ledger.ledger import Link

LENGTHS = {
    "currency": 3,
    "payment_condition": 2,
    "item": 30,
    "vat_code": 3,
    "unit": 5,
    "cost_center": 8,
    "cost_unit": 8,
    "project": 20,
}
"""Characters of a code (PU415 entity reference)."""
HEADER_CODES = {"currency": CURRENCIES, "payment_condition": PAYMENT_CONDITIONS}
LINE_CODES = {
    "item": ITEMS,
    "vat_code": VAT_CODES,
    "cost_center": COST_CENTERS,
    "cost_unit": COST_UNITS,
    "project": PROJECTS,
}
CODE_LENGTH, NUMBER_LENGTH = 20, 6
"""Of the code of a debtor or creditor, and of its number."""
ACCOUNT_CODES = {"account_code": "AccountCode", "debtor_code": "{side}Code", "debtor_number": "{side}Number"}
SIDES = {"customer": "Debtor", "supplier": "Creditor"}
EXCLUSIVE, INCLUSIVE, BLOCKED = "E", "I", "B"
SALES, PURCHASE, BOTH = "V", "I", "B"
"""Sides of a VAT code (eExact schema, VAT/@type)."""
USABLE = ("A", "D", None)
"""Conditions of an item: active, or discontinued while there is stock."""


class PreparedOrder(Prepared):
    """What both routes need beside the document."""

    order: Order


def check(
    document: SalesInvoice, lists: Lists | None, link: Link | None, settings: Mapping[str, Any]
) -> tuple[PreparedOrder | None, Findings]:
    """Resolve the codes of a document; what is wrong with it stands in the findings."""
    findings = Findings(lists)
    _check_header(findings, document, settings)
    debtor = party(findings, document, link, settings)
    rows = [line_rows(findings, document, number, SALES) for number in range(len(document.lines))]
    prices = [_priced(findings, document, number, rows[number], settings) for number in range(len(document.lines))]
    check_texts(findings, document, settings)
    if not findings.problems and lists is not None:
        _check_totals(findings, document, rows, settings)
    if findings.problems or debtor is None:
        return None, findings
    order = orders.sales_order(document, debtor, prices, settings)
    return PreparedOrder(customer_id=debtor.number or debtor.code, order=order), findings


def party(findings: Findings, document: Voucher, link: Link | None, settings: Mapping[str, Any]) -> Party | None:
    """Return the debtor or creditor that a document is for: linked, else the one with its code."""
    partner, role = document.partner, document.partner_field
    code = trimmed(link.receiver_code if link else None) or trimmed(partner.code)
    if not code and link is None:
        message = f"{role.capitalize()} {partner.name} has no code and is not linked to an account"
        findings.add(f"{role}.code", "", message, f"Give {partner.name} its number, which is its code in Globe.")
        return None
    if findings.lists is None:
        findings.code(f"{role}.code", code, CODE_LENGTH)
        return Party(code=code)
    row = _account(findings, document, code, link, settings)
    return None if row is None else _on_side(findings, row, role)


def _account(
    findings: Findings, document: Voucher, code: str, link: Link | None, settings: Mapping[str, Any]
) -> Row | None:
    role, name = document.partner_field, document.partner.name
    by = accounts_by(ACCOUNT_CODES[settings["customer_code"]].format(side=SIDES[role]))
    if link is None or findings.lists is None:
        return findings.row(by, f"{role}.code", code, "customer_code")
    linked = [row for row in findings.lists.all(by) if row.get("ID") == link.receiver_id]
    if not linked:
        message = f"{name} is linked to account {link.receiver_code or link.receiver_id}, which is gone"
        findings.add(f"{role}.id", link.source_id, message, "Link it to another account.")
    return linked[0] if linked else None


def _on_side(findings: Findings, row: Row, role: str) -> Party | None:
    """Return an account as debtor or creditor, or note that it is none."""
    side = SIDES[role]
    name = f"{trimmed(row.get('AccountCode'))} ({trimmed(row.get('AccountName'))})"
    number, code = trimmed(row.get(f"{side}Number")), trimmed(row.get(f"{side}Code"))
    if row.get("Blocked") or row.get("CustomerStatus") == BLOCKED:
        findings.add(f"{role}.code", name, f"Account {name} is blocked", f"Unblock account {name} in Globe.")
    if not number:
        message = f"Account {name} is no {side.lower()}: it has no {side.lower()} number"
        findings.add(f"{role}.code", name, message, f"Make account {name} a {side.lower()} in Globe.")
        return None
    return Party(code=code or number, number=number)


def _check_header(findings: Findings, document: SalesInvoice, settings: Mapping[str, Any]) -> None:
    for field, codes in HEADER_CODES.items():
        check_code(findings, codes, field, field, getattr(document, field), document.rules.get(field))
    check_reference(findings, document.reference, orders.REFERENCE_LENGTH.get(document.form, 30))
    if document.form == "sales_entry":
        message = "Sales entries are not written to Exact Globe"
        findings.add("form", document.form, message, "Map the form sales_order or sales_invoice.", "form")
    if document.form == "sales_invoice" and not settings.get("invoice_code"):
        message = "A sales invoice needs an invoice code, the series of its numbers in Globe"
        findings.add("invoice_code", "", message, "Set invoice_code on the target.", "invoice_code")
    if document.invoice_date is None:
        findings.add("invoice_date", "", f"{document.number} has no invoice date", "Give it a date at its source.")
    if not document.lines:
        findings.add("lines", "", f"{document.number} has no lines", "Skip it in the mapping.")
    check_sales_number(findings, document, settings)
    check_code(findings, WAREHOUSES, "warehouse", "warehouse", settings.get("warehouse"), "warehouse")


def check_reference(findings: Findings, reference: str, length: int) -> None:
    """Note a reference by which the document would not be found again."""
    findings.code("reference", reference, length)
    if reference != texts.one_line(reference):
        message = "The reference, by which the document is found, must be one line without doubled blanks"
        findings.add("reference", reference, message, "Map another reference.")


def check_code(
    findings: Findings, codes: Codes, name: str, field: str, code: str | None, setting: str | None
) -> Row | None:
    """Check a code that may be absent; return its row."""
    if not code:
        return None
    findings.code(field, code, LENGTHS.get(name, 4), setting)
    row = findings.row(codes, field, code, setting)
    for message, advice in _unusable(codes, row) if row is not None else ():
        findings.add(field, code, f"{codes.what[0].upper()}{codes.what[1:]} {code} {message}", advice, setting)
    return row


def _unusable(codes: Codes, row: Row) -> list[tuple[str, str]]:
    if codes is CURRENCIES and row.get("Enabled") is False:
        return [("is not in use", "Put it in use in Globe.")]
    if codes is WAREHOUSES and row.get("Blocked"):
        return [("is blocked", "Unblock it in Globe, or set another.")]
    return []


def check_texts(findings: Findings, document: Any, settings: Mapping[str, Any]) -> None:
    """Note texts with characters that Globe may not hold, where the setting wants the document to fail for them."""
    if settings["characters"] != "fail":
        return
    told = {"description": document.description, "remarks": document.remarks or ""}
    for number, line in enumerate(document.lines):
        told[f"lines[{number}].description"] = line.description
        told[f"lines[{number}].notes"] = line.notes or ""
    for field, text in told.items():
        unfit = characters.strangers(text, "fail")
        if unfit:
            shown = " ".join(characters.spelled(one) for one in unfit)
            message = f"{field} has characters that Exact Globe may not hold: {shown}"
            findings.add(field, text, message, "Take them out, or set `characters: replace`.", "characters")


def line_rows(findings: Findings, document: Any, number: int, side: str) -> dict[str, Row]:
    """Check the codes of a line of an invoice or order; return the rows that were found, by field."""
    line, found = document.lines[number], dict[str, Any]()
    for name, codes in LINE_CODES.items():
        place, rule = f"lines[{number}].{name}", line.rules.get(name)
        row = check_code(findings, codes, name, place, getattr(line, name), rule)
        if row is not None:
            found[name] = row
            for message, advice in line_faults(codes, row, line, side):
                text = f"{codes.what[0].upper()}{codes.what[1:]} {getattr(line, name)} {message}"
                findings.add(place, getattr(line, name), text, advice, rule)
    if not line.item:
        message = f"Line {number + 1} ({texts.one_line(line.description)[:60]}) has no item"
        findings.add(
            f"lines[{number}].item", line.description, message, "Map the line to an item.", line.rules.get("item")
        )
    if line.unit:
        findings.code(f"lines[{number}].unit", line.unit, LENGTHS["unit"], line.rules.get("unit"))
    return found


def line_faults(codes: Codes, row: Row, line: Any, side: str) -> list[tuple[str, str]]:
    """Return why a row cannot be used on a line of this side, each with what to do."""
    if codes is ITEMS:
        used = "IsSalesItem" if side == SALES else "IsPurchaseItem"
        if row.get("Condition") not in USABLE or row.get("Blocked") in ("1", True):
            return [("is not in use", "Make it active in Globe, or map to another.")]
        if row.get(used) is False:
            return [(f"is not {'sold' if side == SALES else 'bought'}", "Mark it so in Globe, or map to another.")]
    return _vat_faults(row, line, side) if codes is VAT_CODES else []


def _vat_faults(row: Row, line: Any, side: str) -> list[tuple[str, str]]:
    if row.get("SalesPurchase") not in (side, BOTH, None):
        return [("is meant for the other side", f"Map a VAT code for {'sales' if side == SALES else 'purchases'}.")]
    if row.get("Excluded") == INCLUSIVE:
        return [("includes VAT in the amount, while amounts here are without", "Map a VAT code that excludes VAT.")]
    wanted, rate = getattr(line, "vat_rate", None), rate_of(row)
    if wanted is not None and wanted != rate:
        message = f"has {_percent(rate)} % in Exact Globe, the invoice {_percent(wanted)} %"
        return [(message, "Map the VAT code with the invoice's rate, or correct the rate at its source.")]
    return []


def rate_of(row: Row) -> Decimal:
    """Return the rate of a VAT code as a fraction, nothing for codes that charge none to the customer."""
    if row.get("Excluded") not in (EXCLUSIVE, INCLUSIVE) or row.get("VATCharged"):
        return Decimal(0)
    return Decimal(row.get("Percentage") or 0) / 100


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}"


def _priced(
    findings: Findings, document: SalesInvoice, number: int, rows: dict[str, Row], settings: Mapping[str, Any]
) -> Priced:
    line, form = document.lines[number], document.form
    item = rows.get("item")
    whole = item is not None and item.get("IsFractionAllowedItem") is False
    decimals = 0 if whole else orders.QUANTITY_DECIMALS.get(form, 3)
    price = priced(line, orders.PRICE_DECIMALS.get(form, 3), quantity_decimals=decimals)
    if price.uneven and settings["uneven_lines"] == "fail":
        message = (
            f"Line {number + 1}: quantity {line.quantity:f} times price {line.unit_price:f} does not give its amount "
            f"{line.amount:f} in Exact Globe"
        )
        advice = "Set `uneven_lines: amount` to send 1 x amount, with quantity and price in the text of the line."
        findings.add(f"lines[{number}].amount", f"{line.amount:f}", message, advice, "uneven_lines")
    return price


def _check_totals(
    findings: Findings, document: SalesInvoice, rows: list[dict[str, Row]], settings: Mapping[str, Any]
) -> None:
    """Compare what Globe will compute with what the source system says, when every line has a VAT code."""
    if any("vat_code" not in found for found in rows):
        return
    pairs = zip(document.lines, rows, strict=True)
    there = predicted((_taxed(line, found["vat_code"]) for line, found in pairs), settings["vat_rounding"])
    for name in ("net", "vat", "gross"):
        here, computed = getattr(document.totals, name), getattr(there, name)
        if cents(here) != computed:
            message = f"{name} is {here:f} in the source system; Exact Globe will compute {computed:f}"
            advice = "Let the mapping add a rounding line, or correct the invoice at its source. See `vat_rounding`."
            findings.add(f"totals.{name}", f"{here:f}", message, advice, "vat_rounding")


def _taxed(line: Line, row: Row) -> Taxed:
    return Taxed(line.amount, trimmed(row["VATCode"]), rate_of(row))
