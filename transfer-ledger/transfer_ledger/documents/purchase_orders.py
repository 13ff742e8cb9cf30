"""Purchase orders, one for each receipt of goods; stream ``purchase_orders``."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from decimal import Decimal  # noqa: TC003 - as above
from typing import ClassVar, Literal

import msgspec
from typing_extensions import override

from transfer_ledger.documents.parts import Partner, Voucher


class TakenBack(msgspec.Struct, kw_only=True):
    """What a line of a correction takes back of the same goods of one earlier receipt."""

    receipt: str
    """Id of the receipt: the ``source.id`` of its document."""
    quantity: Decimal
    """How much is taken back; positive."""
    left: Decimal
    """How much of them is left of that receipt afterwards."""
    source_ids: list[str]
    """What that receipt was made of: ``source_ids`` of the line that brought them."""


class OrderLine(msgspec.Struct, kw_only=True):
    """Goods of one kind that were received. ``amount`` is net of VAT; quantities are negative on a correction."""

    source_ids: list[str]
    """Ids of the receiving rows; a row goes over in one document only, whichever comes first."""
    description: str
    quantity: Decimal
    unit_cost: Decimal
    amount: Decimal
    item: str | None = None
    """Code of the item."""
    supplier_item_code: str | None = None
    """The supplier's own code of it, by which it may be found."""
    fallback_item: str | None = None
    """Code of the item to use when neither is found."""
    unit: str | None = None
    vat_code: str | None = None
    gl_account: str | None = None
    cost_center: str | None = None
    cost_unit: str | None = None
    project: str | None = None
    warehouse: str | None = None
    serial_numbers: list[str] = msgspec.field(default_factory=list)
    notes: str | None = None
    takes_back: list[TakenBack] = msgspec.field(default_factory=list)
    """Of a negative line: which receipts it takes back, the latest first."""
    rules: dict[str, str] = msgspec.field(default_factory=dict)
    """Field to the settings row that gave its value."""


class PurchaseOrder(Voucher, kw_only=True):
    """A receipt of goods, or the correction of one, as a purchase order to a supplier.

    Its reference is written where the receiving system can be searched: YourRef in Exact Online, Description in Globe.
    Its totals are without VAT, which the source system does not know: ``net`` and ``gross`` are the same.
    """

    type: Literal["receipt", "correction"] = "receipt"
    supplier: Partner
    order_date: dt.date | None = None
    """When the goods were received, as a day of the source system."""
    order_number: str | None = None
    """Of the purchase order in the source system; several receipts may share it."""
    supplier_reference: str | None = None
    """The number of the supplier's invoice, where it is known."""
    warehouse: str | None = None
    drop_shipment: bool = False
    goods_receipt: bool = False
    """Book the goods as received too, where the receiving system can."""
    corrects: list[str] = msgspec.field(default_factory=list)
    """Ids of the receipts that a correction takes back."""
    when_corrected: Literal["change", "document"] = "document"
    """Whether negative lines change the open order of the receipt they take back, or stand in this document."""
    lines: list[OrderLine]

    partner_field: ClassVar[str] = "supplier"

    @property
    @override
    def day(self) -> dt.date | None:
        return self.order_date
