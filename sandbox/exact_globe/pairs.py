"""Header and line entities: what the pairs are called, and what differs between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

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
    element: str
    """What a line is called in an eExact file."""
    width: int
    """Of the number where it is a text."""
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
    element="OrderLine",
    width=8,
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
    element="OrderLine",
    width=8,
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
SALES_INVOICES = Pair(
    header="InvoiceHeader",
    line="InvoiceLine",
    number="SequenceNumber",
    first_number=1,
    element="InvoiceLine",
    width=5,
    party="OrderDebtor",
    party_column="DebtorNumber",
    party_types=DEBTOR_TYPES,
    item="ItemCode",
    side="V",
    date="TranscationDate",
    use="IsSalesItem",
    price="SalesPackagePrice",
    total_excluding="TotalAmountExclVAT",
    total_vat="TotalVAT",
    line_amount="AmountInclDiscExclVAT",
    required=("TransactionKey", "InvoiceCode", "OrderDebtor", "YourReference"),
    line_required=("ItemCode", "Quantity"),
    defaults={"InvoiceType": "V"},
)
"""The date's name is spelled so (PU415 entity reference); frkrg and frsrg are tied by ``volgnr5``."""
PAIRS = {pair.header: pair for pair in (SALES_ORDERS, PURCHASE_ORDERS, SALES_INVOICES)}
LINES = {pair.line: pair for pair in PAIRS.values()}
