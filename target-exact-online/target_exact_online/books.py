"""What Exact Online holds of a period, read in bulk, with what is booked under each VAT code and what is still open."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_exact_online import odata
from tap_exact_online.exceptions import StopRun
from target_exact_online.forms import FORMS, PROCESSED, Form, number_of, totals
from target_exact_online.master_data import ACCOUNTS
from transfer_ledger.amounts import cents
from transfer_ledger.books import Booked, Taxed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from tap_exact_online.client import Client
    from target_exact_online.master_data import MasterLists
    from transfer_ledger.documents import Totals

_VAT = {"sales_invoice": "VATAmountFC", "sales_order": "VATAmount", "sales_entry": "VATAmountFC"}
"""The VAT of a line, by form (Exact REST docs)."""
_MATCHED = 50
"""Status of a receivable that is matched with a payment or a credit (Exact REST docs, Receivables)."""
_INVOICE, _CREDIT_NOTE = 20, 21


def booked(client: Client, lists: MasterLists, forms: Iterable[str], first: dt.date, last: dt.date) -> Iterator[Booked]:
    """Yield every document dated in the period, once.

    An order that was invoiced stands there as an invoice too, and a processed invoice as an entry, with the same
    reference, customer and amount: only the first of them is yielded.
    """
    lists.refresh([ACCOUNTS])
    due = _open(client, first, last)
    told: dict[tuple[str, str, Decimal], str] = {}
    for form in FORMS.values():
        if form.name not in forms:
            continue
        where = _within(form.date, first, last)
        columns = tuple(dict.fromkeys((*form.columns, "Currency", form.lines)))
        for row in client.read(form.resource, select=columns, where=where, expand=form.lines):
            document = _booked(form, row, lists, due)
            same = (document.reference.strip(), row[form.customer] or "", document.gross)
            if not same[0] or told.setdefault(same, form.name) == form.name:
                yield document


def _within(column: str, first: dt.date, last: dt.date) -> str:
    return f"{column} ge {odata.literal(first)} and {column} le {odata.literal(last)}"


def _open(client: Client, first: dt.date, last: dt.date) -> dict[int, Decimal]:
    """Return what is still to be received, by number of the invoice; matched terms count as nothing."""
    columns = ("ID", "InvoiceNumber", "AmountFC", "Status", "TransactionType")
    due: defaultdict[int, Decimal] = defaultdict(Decimal)
    for row in client.read("bulk/Cashflow/Receivables", select=columns, where=_within("InvoiceDate", first, last)):
        if row["InvoiceNumber"] and row["TransactionType"] in {_INVOICE, _CREDIT_NOTE}:
            # What is to be received is negative there.
            due[int(row["InvoiceNumber"])] -= Decimal(0 if row["Status"] == _MATCHED else row["AmountFC"] or 0)
    return {number: cents(amount) for number, amount in due.items()}


def _booked(form: Form, row: dict[str, Any], lists: MasterLists, due: Mapping[int, Decimal]) -> Booked:
    amounts = totals(form, row)
    if amounts is None:
        raise StopRun(f"Exact Online tells no amounts of {form.name} {number_of(form, row)}; run again later")
    account = lists.row(ACCOUNTS, row[form.customer]) if row[form.customer] else None
    return Booked(
        id=row[form.key],
        form=form.name,
        number=number_of(form, row),
        reference=row["YourRef"] or "",
        date=odata.calendar_date(row[form.date]),
        customer_code=account.code if account else None,
        customer_name=account.data["Name"] if account else None,
        currency=odata.trimmed(row["Currency"]),
        net=amounts.net,
        vat=amounts.vat,
        gross=amounts.gross,
        codes=_codes(form, row, amounts),
        open=due.get(int(row[form.number])) if _is_booked(form, row) else None,
    )


def _is_booked(form: Form, row: Mapping[str, Any]) -> bool:
    """Whether it is in the ledger, so that it can be paid: a concept is not, and neither is an order."""
    if not row[form.number] or form.name == "sales_order":
        return False
    return form.name == "sales_entry" or row["Status"] == PROCESSED


def _lines(form: Form, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of a document.

    Raises:
        StopRun: they do not all stand in it.
    """
    nested = row[form.lines]
    if "results" not in nested or "__next" in nested:
        raise StopRun(f"Exact Online does not show all lines of {form.name} {number_of(form, row)}")
    rows: list[dict[str, Any]] = nested["results"]
    return rows


def _codes(form: Form, row: dict[str, Any], amounts: Totals) -> dict[str, Taxed]:
    """Return net and VAT under each code, with the sign of the document; a single code has the document's own sums.

    The VAT of lines is rounded line by line, that of a document may be once per code: of several codes each has the VAT
    of its lines, or its rate of its net amount where only that adds up to the document.
    """
    net, vat = defaultdict[str, Decimal](Decimal), defaultdict[str, Decimal](Decimal)
    rates: dict[str, Decimal] = {}
    for line in _lines(form, row):
        code = odata.trimmed(line["VATCode"]) or ""
        net[code] += Decimal(line["AmountFC"] or 0)
        vat[code] += Decimal(line[_VAT[form.name]] or 0)
        rates[code] = Decimal(str(line.get("VATPercentage") or 0))
    if len(net) == 1:
        return {code: Taxed(net=amounts.net, vat=amounts.vat) for code in net}
    sign = -1 if amounts.net * sum(net.values()) < 0 else 1
    by_line = {code: sign * cents(amount) for code, amount in vat.items()}
    by_code = {code: sign * cents(net[code] * rate) for code, rate in rates.items()}
    chosen = by_code if sum(by_line.values()) != amounts.vat == sum(by_code.values()) else by_line
    return {code: Taxed(net=sign * cents(net[code]), vat=chosen[code]) for code in net}
