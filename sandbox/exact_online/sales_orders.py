"""salesorder/SalesOrders: what is ordered and not yet delivered or invoiced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.exact_online import checks, sales_documents
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.sales_documents import Kind

if TYPE_CHECKING:
    from sandbox.exact_online.bodies import Values
    from sandbox.exact_online.division import Division
    from sandbox.exact_online.errors import Problem
    from sandbox.store import Row

OPEN, COMPLETE, CANCELLED = 12, 21, 45
AUTOMATICALLY_APPROVED = 1
APPROVALS = {0, 1, 2}

KIND = Kind(
    headers=resource("salesorder/SalesOrders"),
    lines=resource("salesorder/SalesOrderLines"),
    date="OrderDate",
    vat_amount="VATAmount",
    closed=frozenset({COMPLETE, CANCELLED}),
)


def create(division: Division, values: Values) -> Row:
    """Create an order with its lines.

    Raises:
        Invalid: Something in it is wrong; nothing was changed.
    """
    posted = values.get("SalesOrderLines", [])
    values = {name: value for name, value in values.items() if value is not None and not isinstance(value, list)}
    values = {"ApprovalStatus": AUTOMATICALLY_APPROVED, **values}
    problems = sales_documents.problems(division, KIND, values, posted)
    checks.refuse(problems + _problems(division, values, values.get("OrderNumber")))
    warehouse = division.find("Warehouses", "Main", 1) or {}
    head = {
        "DeliveryDate": values.get("OrderDate") or division.today(),
        "WarehouseID": warehouse.get("ID"),
        **sales_documents.header(division, KIND, values),
        **dict.fromkeys(("Status", "DeliveryStatus", "InvoiceStatus"), OPEN),
    }
    lines = [sales_documents.line(division, KIND, head, line) for line in posted]
    dated = [{"DeliveryDate": head["DeliveryDate"], **line} for line in lines]
    return sales_documents.store(division, KIND, head, dated)


def _problems(division: Division, values: Values, number: int | None) -> list[Problem]:
    """Check what only orders have; that their number is unique is inferred."""
    problems: list[Problem] = [("invalid", "ApprovalStatus")] if values["ApprovalStatus"] not in APPROVALS else []
    taken = number is not None and division.find("SalesOrders", "OrderNumber", number) is not None
    return [*problems, ("exists", "")] if taken else problems


def change(division: Division, head: Row, values: Values) -> None:
    """Change the header of an order that is not complete; its parties stay (Exact REST docs, SalesOrders).

    Raises:
        Invalid: It is complete, or a value is wrong.
    """
    wanted = {name: value for name, value in values.items() if name not in ("DeliverTo", "InvoiceTo", "OrderedBy")}
    changed, problems = sales_documents.changes(division, KIND, head, wanted)
    new_number = changed["OrderNumber"] if changed["OrderNumber"] != head["OrderNumber"] else None
    checks.refuse(problems + _problems(division, changed, new_number))
    sales_documents.store(division, KIND, changed, sales_documents.lines_of(division, KIND, head))
