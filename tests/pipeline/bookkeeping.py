"""What a bookkeeper expects in Exact Globe of Autotask's own rows, worked out by hand and not by the mapper.

The tables are those of `meltano.yml` in the words of the seed. Everything is compared as Globe holds it: codes without
their padding, amounts to the cent.
"""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

Row = dict[str, Any]
Rows = dict[str, list[Row]]

CENT = Decimal("0.01")
VAT_CODES = {
    ("NL", 21): "2",
    ("NL", 9): "1",
    ("NL", 0): "4",
    ("NL verlegd", 0): "5",
    ("EU", 0): "6",
    ("Buiten EU", 0): "7",
}
GOODS = {"Hardware": "HARDWARE", "Licenties": "LICENTIE"}
ITEMS = GOODS | {
    "Werkzaamheden senior": "ARBEID-SR",
    "Werkzaamheden": "ARBEID",
    "Reistijd": "REIS",
    "Managed services": "DIENST",
    "Projectfase": "PROJECT",
    "Onkosten": "ONKOSTEN",
    "Korting": "KORTING",
}
CONDITIONS = {"Direct": "00", "14 dagen": "14", "30 dagen": "30", "60 dagen": "60"}
LABOUR = 1
"""The type of billing items that are hours."""
ROUNDING = "AFRONDING"
FREIGHT, UNKNOWN = "VRACHT", "INKOOP"
"""Items of purchases: for freight, and for goods that Globe does not know."""


class Line(NamedTuple):
    """A line; ``amount`` is quantity times price in cents, ``words`` are those of its text, in small letters."""

    item: str
    vat_code: str | None
    amount: Decimal
    quantity: Decimal
    cost_center: str | None
    words: frozenset[str]


class Order(NamedTuple):
    """A sales or purchase order; VAT of purchases is unknown in Autotask."""

    party: str | None
    date: str
    currency: str
    payment_condition: str | None
    net: Decimal
    vat: Decimal | None
    lines: list[Line]


def cents(amount: Any) -> Decimal:
    """Round to cents, halves away from zero."""
    return Decimal(str(amount)).quantize(CENT, ROUND_HALF_UP)


def words(*parts: Any) -> frozenset[str]:
    """Return the words of texts, as far as they are of plain letters and digits; NUL is none, and parts nothing."""
    return frozenset(re.findall(r"[a-z0-9]+", " ".join(str(part or "") for part in parts).replace("\0", "").lower()))


def trimmed(code: Any) -> str | None:
    """Return a code without padding, None when there is none."""
    return str(code).strip() or None if code is not None else None


class Autotask:
    """Autotask's rows, by their ids.

    Args:
        rows: All rows by entity.
        known_items: The codes of the items that Globe has.
    """

    def __init__(self, rows: Rows, known_items: frozenset[str]) -> None:
        self.rows = rows
        self.known_items = known_items
        self._by_id = {entity: {row["id"]: row for row in found if "id" in row} for entity, found in rows.items()}

    def of(self, entity: str, number: int | None) -> Row:
        """Return a row, empty when there is none."""
        return self._by_id[entity].get(number, {}) if number is not None else {}

    def invoices(self) -> dict[str, Order]:
        """Return every invoice that is not voided as an order, by number, else by id."""
        items = defaultdict(list)
        for row in sorted(self.rows["BillingItems"], key=lambda row: (row["sortOrderID"] or 0, row["id"])):
            items[row["invoiceID"]].append(row)
        return {
            row["invoiceNumber"] or str(row["id"]): self._invoice(row, items[row["id"]])
            for row in self.rows["Invoices"]
            if not row["isVoided"]
        }

    def _invoice(self, invoice: Row, items: list[Row]) -> Order:
        company = self.of("Companies", invoice["companyID"])
        return Order(
            party=company["companyNumber"],
            date=invoice["invoiceDateTime"][:10],
            currency=self.of("Currencies", company["currencyID"]).get("name", "EUR"),
            payment_condition=CONDITIONS.get(self.of("PaymentTerms", invoice["paymentTerm"]).get("name", "")),
            net=cents(invoice["invoiceTotal"]),
            vat=cents(invoice["totalTaxValue"]),
            lines=[self._sold(invoice, item) for item in items if not item["nonBillable"]],
        )

    def _sold(self, invoice: Row, item: Row) -> Line:
        name = self.of("BillingCodes", item["billingCodeID"])["name"]
        product = self.of("Products", self._product_of(item))
        return Line(
            item=(product.get("sku") if name in GOODS else None) or ITEMS[name],
            vat_code=VAT_CODES.get((invoice["taxRegionName"], self._rate(invoice, item)), ""),
            amount=cents(item["extendedPrice"]),
            quantity=item["quantity"],
            cost_center=self._cost_center(name, item),
            words=words(item["itemName"]),
        )

    def _rate(self, invoice: Row, item: Row) -> int:
        region = next((row["id"] for row in self.rows["TaxRegions"] if row["name"] == invoice["taxRegionName"]), None)
        rates = (
            row["taxRate"]
            for row in self.rows["Taxes"]
            if (row["taxRegionID"], row["taxCategoryID"]) == (region, item["taxCategoryID"])
        )
        rate = Decimal(str(next(rates, 0)))
        return int(rate * 100 if rate < 1 else rate)

    def _product_of(self, item: Row) -> int | None:
        for entity, field in (("TicketCharges", "ticketChargeID"), ("ProjectCharges", "projectChargeID"),
                              ("ContractCharges", "contractChargeID")):  # fmt: skip
            charge = self.of(entity, item[field])
            if charge:
                return charge.get("productID")
        return None

    def _cost_center(self, name: str, item: Row) -> str | None:
        if name in ("Managed services", "Licenties"):
            return "MS"
        if name == "Projectfase" or self.of("Roles", item["roleID"]).get("name") == "Projectleider":
            return "PRJ"
        return "SD" if item["billingItemType"] == LABOUR else None

    def receipts(self) -> dict[str, Order]:
        """Return what came in with each invoice of a supplier at one moment as an order, by number and first row."""
        moments = defaultdict(list)
        for row in sorted(self.rows["PurchaseOrderItemReceiving"], key=lambda row: row["id"]):
            order = self.of("PurchaseOrderItems", row["purchaseOrderItemID"])["orderID"]
            moments[order, row["receiveDate"][:16], row["vendorInvoiceNumber"]].append(row)
        # The freight of an order comes with its first receipt.
        freight = {row["id"]: row["freight"] for row in self.rows["PurchaseOrders"]}
        orders = {}
        for (number, _, _), rows in moments.items():
            order = self.of("PurchaseOrders", number)
            orders[f"{order['purchaseOrderNumber']}/{rows[0]['id']}"] = self._received(
                order, rows, freight.pop(number, 0)
            )
        return orders

    def _received(self, order: Row, rows: list[Row], freight: Any) -> Order:
        lines = [self._bought(row) for row in rows]
        if freight:
            lines.append(Line(FREIGHT, None, cents(freight), Decimal(1), None, words("Vrachtkosten")))
        return Order(
            party=self.of("Companies", order["vendorID"])["companyNumber"],
            date=rows[0]["receiveDate"][:10],
            currency="EUR",
            payment_condition=None,
            net=sum((line.amount for line in lines), Decimal(0)),
            vat=None,
            lines=lines,
        )

    def _bought(self, row: Row) -> Line:
        item = self.of("PurchaseOrderItems", row["purchaseOrderItemID"])
        product = self.of("Products", item["productID"])
        quantity = Decimal(row["quantityNowReceiving"])
        return Line(
            item=product["sku"] if product["sku"] in self.known_items else UNKNOWN,
            vat_code=None,
            amount=cents(quantity * item["unitCost"]),
            quantity=quantity,
            cost_center=None,
            words=words(product["name"])
            | (frozenset() if product["sku"] in self.known_items else words(product["sku"])),
        )

    def accounts(self) -> dict[str, Row]:
        """Return what the account of each company says, by its number; the firm's own company is none."""
        return {row["companyNumber"]: self._account(row) for row in self.rows["Companies"] if row["id"]}

    def _account(self, company: Row) -> Row:
        fields = {field["name"]: field["value"] for field in company["userDefinedFields"]}
        contact = next(
            row for row in self.rows["Contacts"] if row["companyID"] == company["id"] and row["primaryContact"]
        )
        country = self.of("Countries", company["countryID"])["countryCode"]
        side = {1: "DebtorNumber", 7: "CreditorNumber"}.get(company["companyType"])
        return {
            "AccountName": company["companyName"],
            **({side: company["companyNumber"]} if side else {}),
            "PhoneNumber": _digits(company["phone"]),
            "EmailAddress": fields.get("Factuur e-mail") or contact["emailAddress"],
            "WebAddress": company["webAddress"],
            "ChamberofCommerceNumber": fields["KvK-nummer"],
            "CurrencyCode": self.of("Currencies", company["currencyID"]).get("name", "EUR"),
            "MailingAddress1": company["address1"],
            "MailingPostcode": company["postalCode"],
            "MailingCity": company["city"],
            "MailingCountry": country,
            "ContactFirstName": contact["firstName"],
            "ContactLastName": contact["lastName"],
            "ContactEmail": contact["emailAddress"],
            "ContactLanguage": "NL" if country in ("NL", "BE") else "EN",
            "CustomerStatus": "A" if company["isActive"] else "B",
        }


def _digits(phone: Any) -> str | None:
    return re.sub(r"\D", "", str(phone)) or None if phone else None


class Globe:
    """Globe's rows, as a bookkeeper reads them.

    Args:
        rows: All rows by entity.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def sales(self) -> dict[str, Order]:
        """Return the sales orders by reference."""
        return self._orders("Sales", "OrderDebtor", "YourReference", "TotalAmountExcludingVAT", "TotalVATAmount")

    def purchases(self) -> dict[str, Order]:
        """Return the purchase orders by reference, as far as Autotask can know them."""
        found = self._orders("Purchase", "OrderedAt", "Description", "TotalAmountExclVAT", "TotalVAT")
        return {
            reference: order._replace(
                payment_condition=None, vat=None, lines=[line._replace(vat_code=None) for line in order.lines]
            )
            for reference, order in found.items()
        }

    def accounts(self) -> dict[str, Row]:
        """Return the accounts by code."""
        found = {}
        for row in self.rows["Account"]:
            code = str(trimmed(row["AccountCode"]))
            assert code not in found
            found[code] = {name: trimmed(value) for name, value in row.items()}
            found[code]["PhoneNumber"] = _digits(row.get("PhoneNumber"))
        return found

    def _orders(self, kind: str, party: str, reference: str, net: str, vat: str) -> dict[str, Order]:
        number, lines = f"{kind}OrderNumber", defaultdict(list)
        for row in sorted(self.rows[f"{kind}OrderLine"], key=lambda row: int(row["LineNumber"])):
            lines[row[number]].append(row)
        found = {}
        for row in self.rows[f"{kind}OrderHeader"]:
            assert row[reference] not in found
            assert row["TotalAmount"] == row[net] + row[vat]
            found[row[reference]] = Order(
                party=trimmed(row[party]),
                date=row[f"{kind}OrderDate"][:10],
                currency=row["CurrencyCode"],
                payment_condition=row["PaymentCondition"],
                net=row[net],
                vat=row[vat],
                lines=[_line(line) for line in lines.pop(row[number])],
            )
        assert not lines
        return found


def _line(row: Row) -> Line:
    return Line(
        item=row.get("Itemcode") or row["ItemCode"],
        vat_code=row["VATCode"],
        amount=cents(row["Quantity"] * row["Price"]),
        quantity=row["Quantity"],
        cost_center=row.get("CostCenter"),
        words=words(row["Description"], row.get("LongDescription"), row.get("Instruction")),
    )


def differences(wanted: Order, found: Order) -> list[str]:
    """Return in what an order differs from what it should be; a cent on a line is not, as long as the sum is right."""
    names = ("party", "date", "currency", "payment_condition", "net", "vat")
    wrong = [name for name in names if getattr(wanted, name) != getattr(found, name)]
    lines = [line for line in found.lines if line.item != ROUNDING]
    if len(lines) != len(wanted.lines):
        return [*wrong, "number of lines"]
    if sum(line.amount for line in found.lines) != found.net:
        wrong.append("sum of lines")
    for place, (one, other) in enumerate(zip(wanted.lines, lines, strict=True), 1):
        wrong += [f"line {place}: {name}" for name in _apart(one, other)]
    return wrong


def _apart(wanted: Line, found: Line) -> list[str]:
    wrong = [name for name in ("item", "vat_code", "cost_center") if getattr(wanted, name) != getattr(found, name)]
    wrong += [] if abs(wanted.amount - found.amount) <= CENT else ["amount"]
    told = f"{wanted.quantity.normalize():f}".replace(".", " ").split()
    counted = found.quantity == wanted.quantity or (abs(found.quantity) == 1 and found.words.issuperset(told))
    return wrong + ([] if counted else ["quantity"]) + ([] if wanted.words <= found.words else ["text"])
