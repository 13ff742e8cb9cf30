"""The entities that are worked out from others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.exact_globe.company import Company
    from sandbox.store import Row


def _payment_conditions(company: Company) -> Iterator[Row]:
    for row in company.tables["PaymentCondition"]:
        yield {"Code": row["PaymentConditionCode"], "Description": row.get("Description")}


def _vat(company: Company) -> Iterator[Row]:
    for row in company.tables["VAT"]:
        yield {"Code": row["VATCode"], "Description": row.get("Description"), "Percentage": str(row.get("Percentage"))}


def _warehouses(company: Company) -> Iterator[Row]:
    for row in company.tables["Warehouse"]:
        yield {"Code": row["Code"], "Description": row.get("Description"), "Blocked": row.get("Blocked")}


def _debtors(company: Company) -> Iterator[Row]:
    for row in company.tables["Account"]:
        if row.get("DebtorCode"):
            kind = {"Status": row.get("CustomerStatus"), "Type": row.get("CustomerType")}
            yield {"Code": row["DebtorCode"], "ID": row["ID"], **kind}


VIEW_ROWS: dict[str, Callable[[Company], Iterator[Row]]] = {
    "BrowserData.Debtors": _debtors,
    "BrowserData.PaymentCondition": _payment_conditions,
    "BrowserData.VAT": _vat,
    "BrowserData.Warehouses": _warehouses,
}
