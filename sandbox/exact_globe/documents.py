"""How staged lines and a header become a document.

The order of calls is the vendor's (Entity Services, header and line entities): lines first, the first without a
``TransactionKey``, the others with the one it got; then the header with that key, at which everything is validated and
created. A key of the client's own on all lines works too (melosso/portway, composite endpoints).
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.exact_globe.amounts import Line, line_amount, split, totals
from sandbox.exact_globe.errors import Fault, exists, invalid, mandatory, missing
from sandbox.exact_globe.invoices import check_invoice, number_invoice
from sandbox.exact_globe.pairs import SALES_INVOICES, Pair
from sandbox.exact_globe.references import account_of, check_mandatory, check_references, item_of, supplier_item, vat_of
from sandbox.exact_globe.values import LARGEST, USER_ID, with_defaults

if TYPE_CHECKING:
    from sandbox.exact_globe.company import Company
    from sandbox.store import Row

ZERO = Decimal(0)
HIGHEST_DISCOUNT = 100
USUAL_CONDITION = "30"
"""The MSP's general ledger setting."""


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
            unstage(company, waiting)
        raise
    unstage(company, waiting)
    return header | {"TransactionKey": key}


def unstage(company: Company, waiting: list[Row]) -> None:
    """Forget lines that wait no longer."""
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
    if pair is SALES_INVOICES:
        check_invoice(company, header)
    built = [_line(company, pair, header, account, line) for line in raw_lines]
    if pair is SALES_INVOICES and company.switches.invoice_number_at == "entry":
        header = number_invoice(company, header)
    number = _number(company, pair, values.get(pair.number))
    found = totals([line for _, line in built], company.switches)
    header |= {
        pair.number: _stored(company, pair, pair.header, number),
        pair.total_excluding: found.excluding,
        pair.total_vat: found.vat,
        "TotalAmount": found.excluding + found.vat,
    }
    is_text = company.entities[pair.line].columns["LineNumber"].type == "String"
    for place, (line, _) in enumerate(built, start=1):
        own = {
            "LineNumber": f"{place:>4}" if is_text else place,
            pair.number: _stored(company, pair, pair.line, number),
        }
        company.tables[pair.line].put(line | own)
    return company.tables[pair.header].put(header)


def _stored(company: Company, pair: Pair, name: str, number: int) -> str | int:
    """Return a document's number as the property of an entity holds it."""
    is_text = company.entities[name].columns[pair.number].type == "String"
    return f"{number:>{pair.width}}" if is_text else number


def _number(company: Company, pair: Pair, given: str | int | None) -> int:
    """Return the number of a new document.

    Raises:
        Fault: The number that was sent is none, or taken.
    """
    if given is None:
        return company.next_number(pair.header, pair.first_number)
    if not str(given).strip().isdecimal():
        raise invalid(pair.number, given)
    number = int(given)
    old = company.find(pair.header, pair.number, _stored(company, pair, pair.header, number))
    if old is not None:
        if company.switches.duplicate_number == "reject":
            raise exists(pair.number, number)
        if company.switches.duplicate_number == "second":
            return company.next_number(pair.header, pair.first_number)
        remove(company, pair, old)
    company.use_number(pair.header, number)
    return number


def lines_of(company: Company, pair: Pair, header: Row) -> list[Row]:
    """Return the lines of a document."""
    return company.tables[pair.line].find(pair.number, [_stored(company, pair, pair.line, int(header[pair.number]))])


def remove(company: Company, pair: Pair, header: Row) -> None:
    """Remove a document with its lines."""
    for line in lines_of(company, pair, header):
        company.tables[pair.line].delete(line["ID"])
    company.tables[pair.header].delete(header[company.entities[pair.header].key])


def _header(company: Company, pair: Pair, values: Row, account: Row) -> Row:
    """Return a header with what was not sent.

    Payment condition and resource are the account's, else those of the settings and of the user (Exact Globe help,
    building XML files); the rest is *inferred*.
    """
    entity = company.entities[pair.header]
    given = with_defaults(values, entity, company)
    given.pop("TransactionKey", None)
    date = given.get(pair.date) or company.today()
    own = pair.defaults | {
        "ID": company.next_number(f"{pair.header}.ID"),
        pair.date: date,
        "CurrencyCode": account.get("CurrencyCode") or "EUR",
        "DeliveryDate": date,
        "PaymentCondition": account.get("PaymentCondition") or USUAL_CONDITION,
        "Resource": account.get("AccountManagerID") or USER_ID,
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
    columns = company.entities[pair.line].columns
    item = item_of(company, pair.item, raw[pair.item], pair.use)
    check_references(company, raw)
    supplied = supplier_item(company, account, item["ItemCode"]) if pair.side == "I" else {}
    code = raw.get("VATCode") or supplied.get("PurchaseVATCode") or account.get("VatCode") or item.get("SalesVATCode")
    vat = vat_of(company, code, pair.side)
    price = _price(raw, supplied, item, pair)
    discount = raw.get("DiscountPercentage") or ZERO
    if not -HIGHEST_DISCOUNT <= discount <= HIGHEST_DISCOUNT:
        raise invalid("DiscountPercentage", discount)
    if abs(price * raw["Quantity"]) >= LARGEST:
        raise invalid("Quantity", raw["Quantity"])
    amount = line_amount(price, raw["Quantity"], discount)
    own = {
        "Description": item["Description0"],
        "Unit": item.get("SalesUnit"),
        "DeliveryDate": header["DeliveryDate"],
        "Warehouse": header.get("Warehouse"),
    }
    computed = {
        "Price": price,
        "NetPrice": round(price * (100 - discount) / 100, columns["NetPrice"].scale),
        "VATCode": code,
        pair.line_amount: split(amount, vat).excluding,
        "QuantityDelivered": ZERO,
    }
    kept = {name: value for name, value in raw.items() if name not in ("TransactionKey", "EntityName")}
    return {name: value for name, value in (own | kept | computed).items() if name in columns}, Line(amount, vat)


def _price(raw: Row, supplied: Row, item: Row, pair: Pair) -> Decimal:
    """Return the price that was sent, else that of the supplier, else that of the item."""
    found = (raw.get("Price"), supplied.get("PurchasePrice"), item.get(pair.price))
    return next((price for price in found if price is not None), ZERO)
