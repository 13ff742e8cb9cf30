"""salesentry/SalesEntries: the financial booking of a sales invoice, with a number of one's own if Exact agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_online import checks, postings, rates
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.sales_lines import OVERRIDE, posted_amount, taxed
from sandbox.exact_online.vat import INCLUSIVE, ZERO, cents, totals

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.exact_online.vat import Totals
    from sandbox.store import Row

OPEN = 20
ENTRY, CREDIT_NOTE = 20, 21
HEADERS, LINES = resource("salesentry/SalesEntries"), resource("salesentry/SalesEntryLines")
NOT_SIMULATED = (
    "ExtraDutyAmountFC",
    "ExtraDutyPercentage",
    "GAccountAmountFC",
    "IsExtraDuty",
    "Reversal",
    "WithholdingTaxAmountDC",
    "WithholdingTaxBaseAmount",
    "WithholdingTaxPercentage",
)

POSTED = "_PostedAmountFC"
"""A column of the sandbox's own: the amount as it was posted, VAT still inside when the VAT code includes it."""
FROM_INVOICE = ("Currency", "Description", "DueDate", "Journal", "OrderNumber", "PaymentReference", "YourRef")
FROM_INVOICE_LINE = {
    "CostCenter",
    "CostUnit",
    "Description",
    "GLAccount",
    "Notes",
    "Quantity",
    "VATCode",
    "VATPercentage",
    OVERRIDE,
}


def create(division: Division, values: Values) -> Row:
    """Create an entry with its lines.

    Raises:
        Invalid: Something in it is wrong; nothing was changed.
    """
    posted = values.get("SalesEntryLines", [])
    values = {name: value for name, value in values.items() if value is not None and not isinstance(value, list)}
    values.setdefault("EntryDate", division.today())
    wanted = values.get("EntryNumber") or values.get("InvoiceNumber")
    period, problems = period_of(division, values)
    problems = _problems(division, values, posted) + problems
    checks.refuse(problems + _number_problems(division, values.get("Journal"), wanted))
    head = _header(division, values, period)
    head |= dict.fromkeys(("EntryNumber", "InvoiceNumber"), _number(division, head, wanted))
    return store(division, head, [line_row(division, head, line) for line in posted])


def _problems(division: Division, values: Values, lines: list[Values]) -> list[Problem]:
    checks.simulated(values, NOT_SIMULATED)
    problems = checks.missing({**values, "Lines": lines}, ["Customer", "Journal", "Lines"])
    problems += checks.customer(division, "Customer", values.get("Customer"))
    problems += checks.references(division, HEADERS, values)
    problems += checks.sales_journal(division, values)
    for line in lines:
        problems += line_problems(division, line)
    return problems


def line_problems(division: Division, line: Values, *, add: bool = True) -> list[Problem]:
    """Return what is wrong with a posted line, or with changes to one."""
    checks.simulated(line, NOT_SIMULATED)
    problems = checks.missing(line, ["GLAccount"]) if add else []
    problems += checks.references(division, LINES, line)
    problems += checks.revenue_account(division, line.get("GLAccount"))
    problems += checks.cost_dimensions(division, line, line.get("GLAccount")) if add else []
    problems += checks.sales_vat(division.relations.row("VATCode", line.get("VATCode")))
    return problems


def period_of(division: Division, values: Values) -> tuple[Row, list[Problem]]:
    """Return the financial period of an entry: the one posted, else that of its date."""
    year, number = values.get("ReportingYear"), values.get("ReportingPeriod")
    if year is None or number is None:
        return checks.period(division, values["EntryDate"])
    rows = division.tables["FinancialPeriods"].find("FinYear", [year])
    found = next((row for row in rows if row["FinPeriod"] == number), None)
    return (found, checks.open_period(division, found)) if found else ({}, [("unknown_year", "")])


def _number_problems(division: Division, journal: str | None, wanted: int | None) -> list[Problem]:
    refused = division.switches.entry_number == "refused" and wanted is not None
    return [("in_use", "EntryNumber")] if refused and not _is_free(division, journal, wanted) else []


def _is_free(division: Division, journal: str | None, number: int | None) -> bool:
    rows = division.tables["SalesEntries"].find("EntryNumber", [number])
    return all(row["Journal"] != journal for row in rows)


def _number(division: Division, head: Row, wanted: int | None) -> int:
    """Return the number of an entry; a wanted one may be silently ignored (ossobv/exactonline)."""
    journal, year = head["Journal"], head["ReportingYear"]
    rule = division.switches.entry_number
    if wanted is None or rule == "ignored":
        return rates.next_number(division, journal, year)
    increasing = rule == "refused" or wanted > division.numbers.get((journal, year), 0)
    if not increasing or not _is_free(division, journal, wanted):
        return rates.next_number(division, journal, year)
    division.use_number((journal, year), wanted)
    return wanted


def _header(division: Division, values: Values, period: Row) -> Row:
    account = division.relations.row("Customer", values["Customer"]) or {}
    condition = values.get("PaymentCondition") or rates.condition_of(account)
    currency = values.get("Currency") or account.get("SalesCurrency") or rates.HOME_CURRENCY
    override = values.get("VATAmountFC")
    head = {
        **values,
        "EntryID": division.new_id(),
        "Currency": currency,
        "DueDate": values.get("DueDate") or rates.due_date(division, condition, values["EntryDate"]),
        "PaymentCondition": condition,
        "Rate": values.get("Rate") or rates.exchange_rate(division, currency, values["EntryDate"]),
        "ReportingPeriod": period["FinPeriod"],
        "ReportingYear": period["FinYear"],
        "Status": OPEN,
    }
    return head | ({OVERRIDE: cents(override)} if override is not None else {})


def line_row(division: Division, head: Row, values: Values) -> Row:
    """Return the row of a posted line: AmountFC excludes VAT, unless the VAT code includes it.

    Without an AmountFC it is booked as nothing (recorded live for purchase entries, NangoHQ/integration-templates).
    """
    amount = cents(values.get("AmountFC") or ZERO)
    gl_row = division.relations.row("GLAccount", values["GLAccount"]) or {}
    vat_row = division.relations.row("VATCode", values.get("VATCode") or gl_row.get("VATCode")) or {}
    override = values.get("VATAmountFC")
    row = {
        **values,
        "ID": division.new_id(),
        "EntryID": head["EntryID"],
        "AmountFC": amount,
        POSTED: amount if vat_row.get("Type") == INCLUSIVE else None,
        OVERRIDE: None if override is None else cents(override),
        "Description": values.get("Description") or head.get("Description"),
        "VATCode": vat_row.get("Code"),
        "VATPercentage": vat_row.get("Percentage", ZERO),
    }
    return {name: value for name, value in row.items() if value is not None}


def store(division: Division, head: Row, lines: list[Row]) -> Row:
    """Add up an entry, store it and post it to the ledger."""
    sums, rate = add_up(division, lines), head["Rate"]
    for place, line in enumerate(lines):
        net, vat = sums.net_lines[place], sums.vat_lines[place]
        amounts = {
            "AmountFC": net,
            "AmountDC": rates.at_rate(net, rate),
            "VATAmountFC": vat,
            "VATAmountDC": rates.at_rate(vat, rate),
        }
        division.tables["SalesEntryLines"].put(line | amounts | {"LineNumber": place + 1})
    vat = head.get(OVERRIDE, sums.vat)
    gross = sums.net + vat
    sums_of_head = {
        "AmountFC": gross,
        "AmountDC": rates.at_rate(gross, rate),
        "VATAmountFC": vat,
        "VATAmountDC": rates.at_rate(vat, rate),
        "Type": CREDIT_NOTE if gross < 0 else ENTRY,
    }
    row = division.tables["SalesEntries"].put(head | sums_of_head)
    postings.post(division, row)
    return row


def add_up(division: Division, lines: list[Row]) -> Totals:
    """Return the totals of an entry's lines."""
    taxed_lines = [taxed(division, line, line[POSTED if POSTED in line else "AmountFC"]) for line in lines]
    return totals(taxed_lines, division.switches.vat_rounding)


def lines_of(division: Division, head: Row) -> list[Row]:
    """Return the lines of an entry, in their order."""
    return division.tables["SalesEntryLines"].find("EntryID", [head["EntryID"]])


def book_invoice(division: Division, invoice: Row, lines: list[Row], period: Row) -> Row:
    """Book a printed invoice under its own number (Exact REST docs, SalesInvoices.InvoiceNumber)."""
    number = invoice["InvoiceNumber"]
    head = {name: invoice[name] for name in FROM_INVOICE if invoice.get(name) is not None} | {
        "Customer": invoice["InvoiceTo"],
        "EntryDate": invoice["InvoiceDate"],
        "EntryNumber": number,
        "InvoiceNumber": number,
    }
    head["PaymentCondition"] = invoice.get("PaymentCondition")
    entry = _header(division, head, period)
    return store(division, entry, [_invoice_line(division, entry, line) for line in lines])


def _invoice_line(division: Division, entry: Row, line: Row) -> Row:
    own = {"ID": division.new_id(), "EntryID": entry["EntryID"], POSTED: posted_amount(line)}
    return {name: line[name] for name in FROM_INVOICE_LINE if name in line} | own
