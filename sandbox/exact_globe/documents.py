"""Headers and lines: what the pairs of entities are called, and how a staged document becomes one.

The order of calls is the vendor's (Entity Services, header and line entities): lines first, the first without a
``TransactionKey``, the others with the one it got; then the header with that key, at which everything is validated and
created. A key of the client's own on all lines works too (melosso/portway, composite endpoints).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.exact_globe.amounts import Line, line_amount, split, totals
from sandbox.exact_globe.errors import Fault, exists, mandatory, missing
from sandbox.exact_globe.references import account_of, check_mandatory, check_references, item_of, vat_of
from sandbox.exact_globe.values import USER_ID, with_defaults

if TYPE_CHECKING:
    from sandbox.exact_globe.company import Company
    from sandbox.store import Row

ZERO = Decimal(0)
DEBTOR_TYPES, CREDITOR_TYPES = ("C",), ("S", "C", "R", "A")
"""Which accounts can be ordered for and at; a customer may be a supplier too when it has a creditor number."""


@dataclass(frozen=True)
class Pair:
    """A header entity with its line entity, and what differs between them."""

    header: str
    line: str
    number: str
    """The property that is the number, in header and lines."""
    first_number: int
    party: str
    party_column: str
    party_types: tuple[str, ...]
    item: str
    side: str
    date: str
    use: str
    price: str
    total_excluding: str
    total_vat: str
    line_amount: str
    required: tuple[str, ...]
    line_required: tuple[str, ...]
    defaults: dict[str, Any] = field(default_factory=dict)


SALES_ORDERS = Pair(
    header="SalesOrderHeader",
    line="SalesOrderLine",
    number="SalesOrderNumber",
    first_number=40001,
    party="OrderDebtor",
    party_column="DebtorNumber",
    party_types=DEBTOR_TYPES,
    item="Itemcode",
    side="V",
    date="SalesOrderDate",
    use="IsSalesItem",
    price="SalesPackagePrice",
    total_excluding="TotalAmountExcludingVAT",
    total_vat="TotalVATAmount",
    line_amount="AmountExcludingDiscountIncludingVAT",
    required=("TransactionKey", "OrderDebtor", "YourReference"),
    line_required=("Itemcode", "Quantity"),
    defaults={"Completed": False, "PartialDelivery": True},
)
PURCHASE_ORDERS = Pair(
    header="PurchaseOrderHeader",
    line="PurchaseOrderLine",
    number="PurchaseOrderNumber",
    first_number=50001,
    party="OrderedAt",
    party_column="CreditorNumber",
    party_types=CREDITOR_TYPES,
    item="ItemCode",
    side="I",
    date="PurchaseOrderDate",
    use="IsPurchaseItem",
    price="CostPriceStandard",
    total_excluding="TotalAmountExclVAT",
    total_vat="TotalVAT",
    line_amount="AmountInclDiscExclVAT",
    required=("TransactionKey", "OrderedAt"),
    line_required=("ItemCode", "DeliveryDate", "Quantity"),
)
PAIRS = {pair.header: pair for pair in (SALES_ORDERS, PURCHASE_ORDERS)}
LINES = {pair.line: pair for pair in PAIRS.values()}


def stage(company: Company, name: str, values: Row) -> Row:
    """Keep a line until its header comes; return it as it is answered."""
    entity = company.entities[name]
    key = values.get("TransactionKey") or company.new_guid()
    row = with_defaults(values, entity, company)
    row |= {"ID": company.next_number(name), "TransactionKey": key, "EntityName": name}
    stored = company.staged.put(row)
    return stored if company.switches.staged_line_id == "own" else stored | {"ID": 0}


def staged_lines(company: Company, name: str, key: str | None) -> list[Row]:
    """Return the lines that wait under a key, in the order they came."""
    return [row for row in company.staged.find("TransactionKey", [key]) if row["EntityName"] == name]


def create(company: Company, pair: Pair, values: Row) -> Row:
    """Make a document of a header and the lines that wait for it; return the header as it is answered.

    Raises:
        Fault: Anything about header or lines is wrong; nothing was changed.
    """
    check_mandatory(values, pair.required)
    key = values["TransactionKey"]
    waiting = staged_lines(company, pair.line, key)
    try:
        if not waiting:
            raise missing("TransactionKey", key)
        header = build(company, pair, values, waiting)
    except Fault:
        if not company.switches.refused_header_keeps_lines:
            _unstage(company, waiting)
        raise
    _unstage(company, waiting)
    return header | {"TransactionKey": key}


def _unstage(company: Company, waiting: list[Row]) -> None:
    for row in waiting:
        company.staged.delete(row["ID"])


def build(company: Company, pair: Pair, values: Row, raw_lines: list[Row]) -> Row:
    """Check a document and store it; return the header.

    Raises:
        Fault: It is refused; nothing was changed.
    """
    account = account_of(company, pair.party, values[pair.party], pair.party_column, pair.party_types)
    check_references(company, values)
    header = _header(company, pair, values, account)
    built = [_line(company, pair, header, account, line) for line in raw_lines]
    number = _number(company, pair, values.get(pair.number))
    found = totals([line for _, line in built], company.switches)
    header |= {
        pair.number: number,
        pair.total_excluding: found.excluding,
        pair.total_vat: found.vat,
        "TotalAmount": found.excluding + found.vat,
    }
    for place, (line, _) in enumerate(built, start=1):
        own = {"LineNumber": str(place).rjust(4) if pair.side == "I" else place, pair.number: number}
        company.tables[pair.line].put(line | own)
    return company.tables[pair.header].put(header)


def _number(company: Company, pair: Pair, given: str | None) -> str:
    """Return the number of a new document, as it is stored.

    Raises:
        Fault: The number that was sent is taken.
    """
    if given is None:
        return f"{company.next_number(pair.header, pair.first_number):>8}"
    if given in company.tables[pair.header]:
        if company.switches.duplicate_number == "reject":
            raise exists(pair.number, given)
        if company.switches.duplicate_number == "second":
            return f"{company.next_number(pair.header, pair.first_number):>8}"
        remove(company, pair, given)
    if given.strip().isdecimal():
        company.use_number(pair.header, int(given))
    return given


def remove(company: Company, pair: Pair, number: str) -> None:
    """Remove a document with its lines."""
    for line in company.tables[pair.line].find(pair.number, [number]):
        company.tables[pair.line].delete(line["ID"])
    company.tables[pair.header].delete(number)


def _header(company: Company, pair: Pair, values: Row, account: Row) -> Row:
    """Return a header with what was not sent (*inferred* but the payment condition, which help on XML import names)."""
    entity = company.entities[pair.header]
    given = with_defaults(values, entity, company)
    given.pop("TransactionKey", None)
    date = given.get(pair.date) or company.today()
    own = pair.defaults | {
        "ID": company.next_number(f"{pair.header}.ID"),
        pair.date: date,
        "CurrencyCode": account.get("CurrencyCode") or "EUR",
        "DeliveryDate": date,
        "PaymentCondition": account.get("PaymentCondition"),
        "Resource": USER_ID,
        "Warehouse": "1",
        **_addresses(pair, account),
    }
    return {name: value for name, value in own.items() if name in entity.columns} | given


def _addresses(pair: Pair, account: Row) -> Row:
    if pair.side == "I":
        return {"OrderedAtName": account["AccountName"], "OrderedAtAddress1": account.get("InvoiceAddress")}
    number = account["DebtorNumber"]
    payer = account.get("InvoiceDebtor") or number
    names = {f"{who}DebtorName": account["AccountName"] for who in ("Order", "Delivery", "Invoice")}
    return names | {"DeliveryDebtor": number, "InvoiceDebtor": payer}


def _line(company: Company, pair: Pair, header: Row, account: Row, raw: Row) -> tuple[Row, Line]:
    """Return a line as it is stored, and its amount.

    Raises:
        Fault: It is refused.
    """
    for name in pair.line_required:
        if raw.get(name) is None:
            raise mandatory(name)
    item = item_of(company, pair.item, raw[pair.item], pair.use)
    check_references(company, raw)
    code = raw.get("VATCode") or account.get("VatCode") or item.get("SalesVATCode")
    vat = vat_of(company, code, pair.side)
    price = raw["Price"] if raw.get("Price") is not None else item.get(pair.price, ZERO)
    discount = raw.get("DiscountPercentage") or ZERO
    amount = line_amount(price, raw["Quantity"], discount)
    own = {
        "Description": item["Description0"],
        "Unit": item.get("SalesUnit"),
        "DeliveryDate": header["DeliveryDate"],
        "Warehouse": header.get("Warehouse"),
    }
    computed = {
        "Price": price,
        "NetPrice": price * (100 - discount) / 100,
        "VATCode": code,
        pair.line_amount: split(amount, vat).excluding,
        "QuantityDelivered": ZERO,
    }
    kept = {name: value for name, value in raw.items() if name not in ("TransactionKey", "EntityName")}
    columns = company.entities[pair.line].columns
    return {name: value for name, value in (own | kept | computed).items() if name in columns}, Line(amount, vat)
