"""What sales invoices and sales orders have in common: a header, lines of items, totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.exact_online import checks, rates, sales_lines
from sandbox.exact_online.errors import Invalid, Problem

if TYPE_CHECKING:
    from decimal import Decimal

    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.vat import Totals
    from sandbox.store import Row

NOT_SIMULATED = (
    "AmountDiscount",
    "AmountDiscountExclVat",
    "Discount",
    "ExtraDutyAmountFC",
    "GAccountAmountFC",
    "IsExtraDuty",
    "WithholdingTaxAmountFC",
    "WithholdingTaxBaseAmount",
    "WithholdingTaxPercentage",
)
"""Header values that would change the total."""
KEPT = (
    "Currency",
    "DeliverTo",
    "InvoiceDate",
    "InvoiceTo",
    "Journal",
    "OrderDate",
    "OrderNumber",
    "OrderedBy",
    "PaymentCondition",
    "Type",
)
"""What a document cannot be without: null does not empty it."""
CREDIT_NOTES = {8021, 8024}


@dataclass(frozen=True)
class Kind:
    """A kind of sales document.

    Args:
        headers: Its resource.
        lines: That of its lines.
        date: The column whose date decides the exchange rate.
        vat_amount: The column that holds the VAT of a line.
        closed: The statuses in which it cannot be changed any more.
    """

    headers: Resource
    lines: Resource
    date: str
    vat_amount: str
    closed: frozenset[int]

    @property
    def key(self) -> str:
        """Return the column by which lines refer to their header."""
        return self.headers.key


def customer_problems(division: Division, values: Values) -> list[Problem]:
    """Return what is wrong with who ordered and who pays."""
    if values.get("OrderedBy") is None:
        return checks.missing(values, ["InvoiceTo", "OrderedBy"])
    return checks.customer(division, "InvoiceTo", invoice_to(division, values))


def invoice_to(division: Division, values: Values) -> Any:
    """Return who is invoiced: as posted, else the account that the customer's invoices go to, else the customer."""
    account = division.relations.row("OrderedBy", values["OrderedBy"]) or {}
    return values.get("InvoiceTo") or account.get("InvoiceAccount") or values["OrderedBy"]


def problems(division: Division, kind: Kind, values: Values, lines: list[Values]) -> list[Problem]:
    """Return what is wrong with a posted document, whatever its kind."""
    checks.simulated(values, NOT_SIMULATED)
    found = customer_problems(division, values) + checks.references(division, kind.headers, values)
    found += checks.missing({"Lines": lines}, ["Lines"])
    for line in lines:
        found += sales_lines.line_problems(division, kind.lines, line)
    return found


def header(division: Division, kind: Kind, values: Values) -> Row:
    """Return the row of a posted header, with what every kind defaults alike."""
    account = division.relations.row("InvoiceTo", invoice_to(division, values)) or {}
    row = {
        **values,
        kind.key: division.new_id(),
        "Currency": values.get("Currency") or account.get("SalesCurrency") or rates.HOME_CURRENCY,
        "DeliverTo": values.get("DeliverTo") or values["OrderedBy"],
        "InvoiceTo": account["ID"],
        "OrderDate": values.get("OrderDate") or division.today(),
        "OrderNumber": values.get("OrderNumber") or division.next_number(kind.headers.table),
        "PaymentCondition": values.get("PaymentCondition") or rates.condition_of(account),
    }
    division.use_number(kind.headers.table, row["OrderNumber"])
    return {name: value for name, value in row.items() if value is not None}


def line(division: Division, kind: Kind, head: Row, values: Values) -> Row:
    """Return the row of a posted line."""
    account = division.relations.row("InvoiceTo", head["InvoiceTo"]) or {}
    row = sales_lines.complete(division, values, account)
    if division.switches.credit_note_sign == "negated" and head.get("Type") in CREDIT_NOTES:
        row["Quantity"] = -row["Quantity"]
    return row | {"ID": division.new_id(), kind.key: head[kind.key]}


def store(division: Division, kind: Kind, head: Row, lines: list[Row]) -> Row:
    """Add up a document and store it; a change anywhere renews the rowversions of header and lines."""
    rate = rates.exchange_rate(division, head["Currency"], head[kind.date])
    totals = sales_lines.add_up(division, lines)
    for place, row in enumerate(lines):
        amounts = _line_amounts(kind, totals.net_lines[place], totals.vat_lines[place], rate)
        division.tables[kind.lines.table].put(row | amounts | {"LineNumber": place + 1})
    return division.tables[kind.headers.table].put(head | _amounts(kind, totals, rate))


def _line_amounts(kind: Kind, net: Decimal, vat: Decimal, rate: Decimal) -> Row:
    amounts = {
        "AmountFC": net,
        "AmountDC": rates.at_rate(net, rate),
        kind.vat_amount: vat,
        "VATAmountDC": rates.at_rate(vat, rate),
    }
    return {name: amount for name, amount in amounts.items() if name in kind.lines.properties}


def _amounts(kind: Kind, totals: Totals, rate: Decimal) -> Row:
    amounts = {
        "AmountFC": totals.gross,
        "AmountFCExclVat": totals.net,
        "VATAmountFC": totals.vat,
        "AmountDC": rates.at_rate(totals.gross, rate),
        "VATAmountDC": rates.at_rate(totals.vat, rate),
    }
    return {name: amount for name, amount in amounts.items() if name in kind.headers.properties}


def lines_of(division: Division, kind: Kind, head: Row) -> list[Row]:
    """Return the lines of a document, in their order."""
    return division.tables[kind.lines.table].find(kind.key, [head[kind.key]])


def check_open(kind: Kind, head: Row) -> None:
    """Refuse to touch what is closed.

    Raises:
        Invalid: It is processed (picqer/exact-php-client#464).
    """
    if head["Status"] in kind.closed:
        raise Invalid([("processed", "")])


def changes(division: Division, kind: Kind, head: Row, values: Values) -> tuple[Row, list[Problem]]:
    """Return a header with changes, and what is wrong with them; lines are changed by themselves and ignored here."""
    check_open(kind, head)
    checks.simulated(values, NOT_SIMULATED)
    wanted = {
        name: value
        for name, value in values.items()
        if not isinstance(value, list) and (value is not None or name not in KEPT)
    }
    changed = {**head, **wanted}
    return changed, customer_problems(division, changed) + checks.references(division, kind.headers, wanted)


def remove(division: Division, kind: Kind, head: Row) -> None:
    """Remove an open document and its lines.

    Raises:
        Invalid: It is processed.
    """
    check_open(kind, head)
    for row in lines_of(division, kind, head):
        division.delete(kind.lines.table, row["ID"])
    division.delete(kind.headers.table, head[kind.key])


def create_line(division: Division, kind: Kind, values: Values) -> Row:
    """Add a line to an open document.

    Raises:
        Invalid: The document is unknown or processed, or a value is wrong.
    """
    found = checks.missing(values, [kind.key]) + sales_lines.line_problems(division, kind.lines, values)
    checks.refuse(found)
    head = _head_of(division, kind, values)
    row = line(division, kind, head, values)
    store(division, kind, head, [*lines_of(division, kind, head), row])
    return division.tables[kind.lines.table].get(row["ID"]) or {}


def change_line(division: Division, kind: Kind, row: Row, values: Values) -> None:
    """Change a line of an open document.

    Raises:
        Invalid: The document is processed, or a value is wrong.
    """
    wanted = {name: value for name, value in values.items() if name not in (kind.key, "Item") or value is not None}
    wanted.pop(kind.key, None)
    head = _head_of(division, kind, row)
    checks.refuse(sales_lines.line_problems(division, kind.lines, wanted, add=False))
    changed = sales_lines.changed(division, row, wanted)
    lines = [changed if other["ID"] == row["ID"] else other for other in lines_of(division, kind, head)]
    store(division, kind, head, lines)


def remove_line(division: Division, kind: Kind, row: Row) -> None:
    """Remove a line of an open document.

    Raises:
        Invalid: The document is processed.
    """
    head = _head_of(division, kind, row)
    division.delete(kind.lines.table, row["ID"])
    store(division, kind, head, lines_of(division, kind, head))


def _head_of(division: Division, kind: Kind, row: Row) -> Row:
    head = division.tables[kind.headers.table].get(row[kind.key]) or {}
    check_open(kind, head)
    return head
