"""Autotask's invoices as the documents that a link would have made of them in Exact Online, and by hand."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Literal

from sandbox.autotask import moments
from sandbox.exact_online import printing, sales_entries, sales_invoices, sales_orders

if TYPE_CHECKING:
    import datetime as dt

    from sandbox.context import Context
    from sandbox.exact_online.division import Division
    from sandbox.store import Row

Form = Literal["sales_invoice", "sales_entry", "sales_order", "concept", "by_hand"]
"""A printed invoice, an entry, an order that was invoiced and printed, an invoice that waits to be printed, an entry
that a bookkeeper made, with the right number and no reference of ours."""
CENT = Decimal("0.01")
ZERO = Decimal("0.00")
BY_RATE = {Decimal("0.21"): "2  ", Decimal("0.09"): "1  ", Decimal(0): "4  "}
"""The VAT code of each rate."""
JOURNAL, JOURNAL_BY_HAND = "70", "71"


def reference(invoice: Row) -> str:
    """Return what stands in YourRef: the invoice's number; where it is empty Autotask shows the id."""
    return invoice.get("invoiceNumber") or str(invoice["id"])


def made_at(invoice: Row) -> dt.datetime:
    """Return when an invoice was made."""
    return moments.parse(invoice["createDateTime"])


class Office:
    """Who books invoices in Exact."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.division: Division = context.halves["exact_online"].division
        world = context.world
        self._rates = {region.name: region.rates for region in world.tax_regions}
        self._categories = {category.id: category.name for category in world.tax_categories}
        self._conditions = {term.id: term.condition for term in world.payment_terms}
        self._companies = {company.id: company for company in world.companies}

    def customer(self, invoice: Row) -> Row | None:
        """Return the account of an invoice's customer; None: Exact has none that can be invoiced."""
        company = self._companies.get(invoice["companyID"])
        account = self.division.find("Accounts", "Code", f"{company.number:>18}") if company else None
        return account if account is not None and account["Status"] == "C" else None

    def gross(self, invoice: Row) -> Decimal:
        """Return what an invoice amounts to, VAT included, in its currency."""
        return sum((net + (net * rate).quantize(CENT, ROUND_HALF_UP) for net, rate in self._nets(invoice)), ZERO)

    def _nets(self, invoice: Row) -> list[tuple[Decimal, Decimal]]:
        """Return what an invoice amounts to by VAT rate, and the rate."""
        rates, sums = self._rates[invoice["taxRegionName"]], defaultdict[Decimal, Decimal](Decimal)
        for item in self.context.store.table("autotask", "BillingItems").find("invoiceID", [invoice["id"]]):
            sums[rates[self._categories[item["taxCategoryID"]]]] += Decimal(str(item["extendedPrice"]))
        return [(net.quantize(CENT, ROUND_HALF_UP), rate) for rate, net in sums.items()]

    def book(self, invoice: Row, account: Row, form: Form) -> str | None:
        """Make a document of an invoice; return the entry that it is booked as, None while it is a concept."""
        date = moments.parse(invoice["invoiceDateTime"]).replace(tzinfo=None)
        head = {
            "Currency": self._companies[invoice["companyID"]].place.currency,
            "Description": f"Factuur {reference(invoice)}",
            "PaymentCondition": self._conditions[invoice["paymentTerm"]],
            "YourRef": reference(invoice),
        }
        if form in ("sales_entry", "by_hand"):
            return self._entry(invoice, account, head | {"EntryDate": date}, by_hand=form == "by_hand")
        if form == "sales_order":
            return self._ordered(invoice, account, head | {"OrderDate": date})
        return self._invoiced(invoice, account, head | {"OrderDate": date}, printed=form == "sales_invoice")

    def _entry(self, invoice: Row, account: Row, head: Row, *, by_hand: bool) -> str:
        gl_account = self.division.find("GLAccounts", "Code", "8010") or {}
        lines = [
            {"AmountFC": net, "GLAccount": gl_account["ID"], "VATCode": BY_RATE[rate]}
            for net, rate in self._nets(invoice)
        ]
        values = head | {"Customer": account["ID"], "Journal": JOURNAL, "SalesEntryLines": lines}
        if by_hand:
            number = int(reference(invoice))
            values |= {"EntryNumber": number, "InvoiceNumber": number, "Journal": JOURNAL_BY_HAND, "YourRef": None}
        guid: str = sales_entries.create(self.division, values)["EntryID"]
        return guid

    def _lines(self, invoice: Row) -> list[Row]:
        item = self.division.find("Items", "Code", "DIENST") or {}
        return [
            {"Item": item["ID"], "NetPrice": net, "Quantity": Decimal(1), "VATCode": BY_RATE[rate]}
            for net, rate in self._nets(invoice)
        ]

    def _invoiced(self, invoice: Row, account: Row, head: Row, *, printed: bool) -> str | None:
        values = head | {"Journal": JOURNAL, "OrderedBy": account["ID"], "SalesInvoiceLines": self._lines(invoice)}
        row = sales_invoices.create(self.division, values)
        return self._print(row) if printed else None

    def _print(self, invoice: Row) -> str:
        printing.create(self.division, {"InvoiceID": invoice["InvoiceID"]})
        number = (self.division.tables["SalesInvoices"].get(invoice["InvoiceID"]) or {})["InvoiceNumber"]
        entries = self.division.tables["SalesEntries"].find("EntryNumber", [number])
        return next(str(entry["EntryID"]) for entry in entries if entry["Journal"] == invoice["Journal"])

    def process(self, name: str) -> str | None:
        """Print the one open invoice or order of a reference, the order once it is invoiced; return its entry."""
        tables = self.division.tables
        invoices = [
            row for row in tables["SalesInvoices"].find("YourRef", [name]) if row["Status"] == sales_invoices.OPEN
        ]
        orders = [row for row in tables["SalesOrders"].find("YourRef", [name]) if row["Status"] == sales_orders.OPEN]
        if len(invoices) + len(orders) != 1:
            return None
        return self._print(invoices[0]) if invoices else self._invoice_order(orders[0], self.division.today())

    def _invoice_order(self, order: Row, date: dt.datetime) -> str:
        """Invoice an order under its own reference (that Exact carries it over is inferred)."""
        lines = self.division.tables["SalesOrderLines"].find("OrderID", [order["OrderID"]])
        carried = ("CostCenter", "CostUnit", "Description", "Item", "NetPrice", "Quantity", "UnitPrice", "VATCode")
        head = {
            name: order.get(name) for name in ("Currency", "Description", "OrderedBy", "PaymentCondition", "YourRef")
        }
        posted = [{name: line[name] for name in carried if name in line} for line in lines]
        values = head | {"Journal": JOURNAL, "OrderDate": date, "SalesInvoiceLines": posted}
        entry = self._print(sales_invoices.create(self.division, values))
        done = dict.fromkeys(("Status", "DeliveryStatus", "InvoiceStatus"), sales_orders.COMPLETE)
        self.division.tables["SalesOrders"].put({"OrderID": order["OrderID"], **done})
        return entry

    def _ordered(self, invoice: Row, account: Row, head: Row) -> str:
        values = head | {"OrderedBy": account["ID"], "SalesOrderLines": self._lines(invoice)}
        order = sales_orders.create(self.division, values)
        return self._invoice_order(order, order["OrderDate"])

    def credit_by_hand(self, entry: Row, amount: Decimal, date: dt.datetime) -> Any:
        """Book a credit note for an entry, VAT left out of account; return the entry it is."""
        gl_account = self.division.find("GLAccounts", "Code", "8010") or {}
        line = {"AmountFC": -amount, "GLAccount": gl_account["ID"], "VATCode": "4  "}
        values = {
            "Currency": entry["Currency"],
            "Customer": entry["Customer"],
            "Description": f"Credit {entry['EntryNumber']}",
            "EntryDate": date,
            "Journal": JOURNAL,
            "Rate": entry["Rate"],
            "SalesEntryLines": [line],
        }
        return sales_entries.create(self.division, values)
