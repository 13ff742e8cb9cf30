"""Autotask's goods receipts become purchase orders: one for each receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.invoices.amounts import ZERO
from mapper_autotask_exact.purchases import header
from mapper_autotask_exact.purchases.case import Case
from mapper_autotask_exact.purchases.lines import lines
from mapper_autotask_exact.templates import first_filled
from transfer_ledger.documents import Partner, PurchaseOrder, Totals

if TYPE_CHECKING:
    from mapper_autotask_exact.case import Lookup
    from mapper_autotask_exact.purchases.settings import PurchaseSettings
    from transfer_ledger.documents import OrderLine, Problem

STREAM = header.STREAM

NOTHING = "on balance nothing was received"


def document(record: dict[str, Any], settings: PurchaseSettings, lookups: list[Lookup] | None = None) -> PurchaseOrder:
    """Map one record.

    Args:
        record: A row of ``expanded_goods_receipts``.
        settings: Compiled settings.
        lookups: Takes every look into a table, for those who want to know why.

    Returns:
        The document; what could not be mapped stands in its ``problems``, all of it.
    """
    case = Case(settings, record, lookups)
    skip = case.look("skip", settings.skip)
    made = _document(case, lines(case))
    made.skip = f"left out by {skip.path}" if skip else None
    if not made.lines and not case.problems:
        made.skip = made.skip or NOTHING
    made.problems = [] if made.skip else case.problems
    return made


def _document(case: Case, received: list[OrderLine]) -> PurchaseOrder:
    settings = case.settings
    back = [line for line in received if line.quantity < ZERO]
    policy = _policy(case, back)
    own = [line for line in received if line not in back] if policy == "change" else received
    net = sum((line.amount for line in own or back), ZERO)
    drop_shipment = bool(case.chosen("drop_shipment", settings.drop_shipment, default=False))
    goods_receipt = bool(case.chosen("goods_receipt", settings.goods_receipt, default=False))
    return PurchaseOrder(
        source=header.checked_source(case),
        number=case.number,
        reference=header.reference(case),
        type="correction" if len(back) == len(received) and back else "receipt",
        supplier=header.supplier(case),
        order_date=case.day,
        order_number=case.order_number or None,
        supplier_reference=first_filled(settings.supplier_reference, (case.scope,)) or None,
        description=first_filled(settings.description, (case.scope,)),
        remarks=first_filled(settings.remarks, (case.scope,)) or None,
        currency=header.currency(case),
        payment_condition=header.payment_condition(case),
        warehouse=_common(received),
        drop_shipment=drop_shipment,
        goods_receipt=goods_receipt and not drop_shipment and not back,
        corrects=list(dict.fromkeys(taken.receipt for line in back for taken in line.takes_back)),
        when_corrected=policy,
        lines=received,
        totals=Totals(net=net, vat=ZERO, gross=net),
        rules=case.rules,
    )


def _policy(case: Case, back: list[OrderLine]) -> Any:
    """Return what becomes of goods that are taken back; that a person is to decide is a problem."""
    if not back:
        return "document"
    policy = case.chosen("corrections", case.settings.corrections, default="problem")
    if policy in ("change", "document"):
        return policy
    for line in back:
        case.problem(
            "lines.quantity",
            f"{line.quantity:f}",
            f"goods are taken back: {line.quantity:f} x {line.description}; book it by hand and leave such receipts "
            "out, or let it change the order or become a document",
            case.rules.get("corrections", "purchases.corrections"),
            line.source_ids[0],
        )
    return "document"


def _common(received: list[OrderLine]) -> str | None:
    """Return the warehouse of all lines that have one; None where they differ."""
    found = {line.warehouse for line in received if line.warehouse}
    return found.pop() if len(found) == 1 else None


def unmapped(record: dict[str, Any], problem: Problem) -> PurchaseOrder:
    """Return the document of a record that could not be mapped at all; it carries the reason and nothing else."""
    return PurchaseOrder(
        source=header.source(record),
        number=str(record["id"]),
        reference=str(record["id"]),
        supplier=Partner(id="", name=""),
        currency="",
        lines=[],
        totals=Totals(net=ZERO, vat=ZERO, gross=ZERO),
        problems=[problem],
    )
