"""Everything about a sales document that can be checked against Exact's lists without sending it.

A refusal costs a call and, with status 4xx, one of ten errors an hour; here all that is wrong is told at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_exact_online import customers, faults
from target_exact_online.findings import Findings
from target_exact_online.master_data import (
    COST_CENTERS,
    COST_UNITS,
    GL_ACCOUNTS,
    ITEMS,
    JOURNALS,
    PAYMENT_CONDITIONS,
    PROJECTS,
    UNITS,
    VAT_CODES,
)
from transfer_ledger import texts
from transfer_ledger.amounts import Priced, Taxed, cents, predicted, priced
from transfer_ledger.documents import Problem
from transfer_ledger.ledger import MasterRow
from transfer_ledger.receipts import Prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_exact_online.customers import Account
    from target_exact_online.master_data import MasterLists, Resource
    from transfer_ledger.documents import Line, SalesInvoice, Voucher
    from transfer_ledger.ledger import Link

_DIMENSIONS = {"vat_code": VAT_CODES, "cost_center": COST_CENTERS, "cost_unit": COST_UNITS, "project": PROJECTS}
LINE_CODES: dict[str, dict[str, Resource]] = {
    "sales_invoice": {"item": ITEMS, "gl_account": GL_ACCOUNTS, "unit": UNITS, **_DIMENSIONS},
    "sales_order": {"item": ITEMS, "unit": UNITS, **_DIMENSIONS},
    "sales_entry": {"gl_account": GL_ACCOUNTS, **_DIMENSIONS},
}
"""Which codes of a line each form sends."""
HEADER_CODES: dict[str, dict[str, Resource]] = {
    "sales_invoice": {"journal": JOURNALS, "payment_condition": PAYMENT_CONDITIONS},
    "sales_order": {"payment_condition": PAYMENT_CONDITIONS},
    "sales_entry": {"journal": JOURNALS, "payment_condition": PAYMENT_CONDITIONS},
}
NEEDED = {"sales_invoice": "item", "sales_order": "item", "sales_entry": "gl_account"}
"""What a line of each form cannot do without (Exact REST docs)."""
HIGHEST_NUMBER = 2**31 - 1
REFERENCE_LENGTH = 40
"""Of YourRef (a hint, not documented; not tried live)."""


class PreparedInvoice(Prepared):
    """What the payload needs beside the document."""

    account: Account
    ids: list[dict[str, str]]
    """Per line: the ids of its codes; Exact wants item, G/L account and project by id."""
    prices: list[Priced]


def check(
    document: SalesInvoice, lists: MasterLists, link: Link | None, settings: Mapping[str, Any]
) -> tuple[PreparedInvoice, Findings]:
    """Resolve the codes of a document and note everything that is wrong with it."""
    findings = Findings(lists)
    account = customers.resolve(findings, document, link, settings)
    _check_header(findings, document)
    rows = [_line_rows(findings, document, number) for number in range(len(document.lines))]
    prices = [
        _priced(findings, line, number, found.get("item"), settings)
        for number, (line, found) in enumerate(zip(document.lines, rows, strict=True))
    ]
    _check_totals(findings, document, rows, settings)
    ids = [{field: row.id for field, row in found.items()} for found in rows]
    return PreparedInvoice(customer_id=account.id, account=account, ids=ids, prices=prices), findings


def _check_header(findings: Findings, document: SalesInvoice) -> None:
    for field, resource in HEADER_CODES[document.form].items():
        code = getattr(document, field)
        if code:
            row = findings.row(resource, field, code, document.rules.get(field))
            if row is not None:
                faults.note(findings, resource, faults.Use(row, document), field, document.rules.get(field))
    for problem, advice in _header_problems(document):
        findings.add(problem, advice)


def _header_problems(document: SalesInvoice) -> list[tuple[Problem, str]]:
    """Return what is wrong with the header by itself."""
    number = document.number
    wrong: list[tuple[Problem, str]] = []
    if problem := reference_problem(document):
        wrong.append((problem, "Map another reference."))
    if document.invoice_date is None:
        problem = Problem(field="invoice_date", value="", message=f"{number} has no invoice date")
        wrong.append((problem, "Give it a date in the source system."))
    if not document.lines:
        problem = Problem(field="lines", value="", message=f"{number} has no lines")
        wrong.append((problem, "Exact Online takes no document without lines; skip it in the mapping."))
    if document.form == "sales_entry" and not document.journal:
        problem = Problem(field="journal", value="", message="A sales entry needs a journal", setting="journal")
        wrong.append((problem, "Map a sales journal."))
    if document.keep_number and not _can_keep(document):
        wrong.append((_number_problem(document), "Let Exact Online number it, or use another form."))
    return wrong


def reference_problem(document: Voucher) -> Problem | None:
    """Return a problem when a document could not be found again by its reference."""
    reference = document.reference
    if reference == texts.one_line(reference) and 0 < texts.width(reference) <= REFERENCE_LENGTH:
        return None
    message = (
        f"The reference, by which the document is found, must be 1 to {REFERENCE_LENGTH} characters on one "
        "line, without control characters and doubled blanks"
    )
    return Problem(field="reference", value=reference, message=message)


def _can_keep(document: SalesInvoice) -> bool:
    digits = document.number.isascii() and document.number.isdecimal()
    return document.form != "sales_invoice" and digits and 0 < int(document.number[:11]) <= HIGHEST_NUMBER


def _number_problem(document: SalesInvoice) -> Problem:
    why = (
        "Exact Online always numbers sales invoices itself"
        if document.form == "sales_invoice"
        else "a number in Exact Online is a whole number of at most ten digits"
    )
    message = f"Number {document.number} cannot be kept: {why}"
    return Problem(
        field="keep_number", value=document.number, message=message, setting=document.rules.get("keep_number")
    )


def _line_rows(findings: Findings, document: SalesInvoice, number: int) -> dict[str, MasterRow]:
    line, found = document.lines[number], dict[str, MasterRow]()
    for field, resource in LINE_CODES[document.form].items():
        code, place, rule = getattr(line, field), f"lines[{number}].{field}", line.rules.get(field)
        if code:
            row = findings.row(resource, place, code, rule)
            if row is not None:
                found[field] = row
                faults.note(findings, resource, faults.Use(row, document, line), place, rule)
    needed = NEEDED[document.form]
    if not getattr(line, needed):
        what = needed.replace("_", " ")
        problem = Problem(
            field=f"lines[{number}].{needed}",
            value=line.description,
            message=f"Line {number + 1} ({texts.one_line(line.description)[:60]}) has no {what}",
            setting=line.rules.get(needed),
        )
        findings.add(problem, f"Map the line to one: this form needs the {what}.")
    return found


def _priced(findings: Findings, line: Line, number: int, item: MasterRow | None, settings: Mapping[str, Any]) -> Priced:
    fractions = item is None or item.data["IsFractionAllowedItem"] is not False
    price = priced(line, settings["price_decimals"], quantity_decimals=None if fractions else 0)
    if price.uneven and settings["uneven_lines"] == "fail":
        message = (
            f"Line {number + 1}: quantity {line.quantity:f} times price {line.unit_price:f} does not give its amount "
            f"{line.amount:f} in Exact Online"
        )
        problem = Problem(
            field=f"lines[{number}].amount", value=f"{line.amount:f}", message=message, setting="uneven_lines"
        )
        findings.add(problem, "Set `uneven_lines: amount` to send 1 x amount, with quantity and price in the notes.")
    return price


def _check_totals(
    findings: Findings, document: SalesInvoice, rows: list[dict[str, MasterRow]], settings: Mapping[str, Any]
) -> None:
    """Compare what Exact will compute with what the source system says, when every line has a good VAT code."""
    if VAT_CODES in findings.blamed or any("vat_code" not in found for found in rows):
        return
    own_vat = document.form == "sales_entry" and settings["entry_vat_amounts"]
    codes = [found["vat_code"] for found in rows]
    taxed = [
        Taxed(line.amount, code.id, faults.rate_of(code), line.vat_amount if own_vat else None)
        for line, code in zip(document.lines, codes, strict=True)
    ]
    there = predicted(taxed, settings["vat_rounding"])
    for name in ("net", "vat", "gross"):
        here, computed = getattr(document.totals, name), getattr(there, name)
        if cents(here) != computed:
            message = f"{name} is {here:f} in the source system; Exact Online will compute {computed:f}"
            problem = Problem(field=f"totals.{name}", value=f"{here:f}", message=message, setting="vat_rounding")
            findings.add(
                problem,
                "Let the mapping add a rounding line, or correct the invoice at its source. `vat_rounding` says how "
                "Exact rounds.",
                blame=VAT_CODES,
            )
