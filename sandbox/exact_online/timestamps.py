"""read/sync/Sync/SyncTimestamp: from which rowversion on to read what has changed since a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.exact_online import filters, query, times
from sandbox.exact_online.errors import bad_request

if TYPE_CHECKING:
    from sandbox.exact_online.division import Division

FEEDS = {
    "PurchaseOrders": "PurchaseOrders",
    "SalesInvoices": "SalesInvoices",
    "SalesOrderHeaders": "SalesOrders",
    "SalesOrderLines": "SalesOrderLines",
    "TransactionLines": "SalesEntries",
}
"""Names of sync resources that can be asked about, of those simulated; PaymentTerms, Accounts and Items cannot (Exact
REST docs, SyncTimestamp)."""


def answer(division: Division, query_string: str, root: str) -> dict[str, Any]:
    """Return the first row that was modified on or after a date; no rows when there is none.

    Raises:
        Refusal: A parameter is missing or wrong.
    """
    asked = query.options(query_string)
    modified, endpoint = filters.literals(asked.get("modified", "")), filters.literals(asked.get("endPoint", ""))
    if [literal.kind for literal in (*modified, *endpoint)] != ["datetime", "string"]:
        raise bad_request("The parameters modified and endPoint are required.")
    name = endpoint[0].value
    if name not in FEEDS:
        raise bad_request(f"The endPoint '{name}' is not supported.")
    rows = division.feeds[FEEDS[name]].after(0)
    row = next((row for row in rows if row["Modified"] >= modified[0].value), None)
    found = [] if row is None else [_result(row, name, root)]
    return {"d": {"results": found}}


def _result(row: dict[str, Any], name: str, root: str) -> dict[str, Any]:
    modified = times.to_wire(row["Modified"])
    metadata = {"uri": f"{root}/read/sync/Sync/SyncTimestamp", "type": "Exact.Web.Api.Models.Sync.SyncTimestamp"}
    return {
        "__metadata": metadata,
        "Modified": modified,
        "API": name,
        "TimeStampAsBigInt": str(row["Timestamp"]),
    }
