"""Rows of every kind that the tap reads, put into the sandbox through its API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from tap_exact_online.client import Client, connect
from tests.tap_exact_online.running import sandbox_settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import SandboxServer

Row = dict[str, Any]


def client_of(sandbox: SandboxServer, folder: Path) -> Client:
    """Return a client of the sandbox."""
    return connect(sandbox_settings(sandbox, folder))


def customers(client: Client) -> list[Row]:
    """Return the accounts that can be invoiced."""
    return list(client.read("bulk/CRM/Accounts", select=("ID", "Name"), where="Status eq 'C'"))


def identity(client: Client, resource: str, code: str) -> str:
    """Return the id of a row by its code."""
    return str(next(client.read(resource, select=("ID",), where=f"Code eq '{code}'"))["ID"])


def book_everything(client: Client, sandbox: SandboxServer) -> None:
    """Make one row of each kind that the seed has none of."""
    customer = customers(client)[0]["ID"]
    item = identity(client, "bulk/Logistics/Items", "ARBEID")
    line = {"Item": item, "Quantity": 2, "NetPrice": 10, "VATCode": "2"}
    sale = {"GLAccount": identity(client, "bulk/Financial/GLAccounts", "8000"), "AmountFC": 100, "VATCode": "2"}
    client.create("crm/Contacts", {"Account": customer, "FirstName": "Ann", "LastName": "Bos"})
    client.create("crm/BankAccounts", {"Account": customer, "BankAccount": "NL91ABNA0417164300", "Main": True})
    client.create("salesinvoice/SalesInvoices", {"OrderedBy": customer, "Journal": "70", "SalesInvoiceLines": [line]})
    client.create("salesorder/SalesOrders", {"OrderedBy": customer, "SalesOrderLines": [line]})
    purchase(client)
    client.create(
        "salesentry/SalesEntries",
        {"Customer": customer, "Journal": "70", "EntryDate": "2026-11-02", "SalesEntryLines": [sale]},
    )
    document = client.create("documents/Documents", {"Subject": "A note", "Type": 55, "Account": customer})["ID"]
    client.create("documents/DocumentAttachments", {"Document": document, "FileName": "a.txt", "Attachment": "aGk="})
    gone = client.create("crm/Contacts", {"Account": customer, "FirstName": "Bo", "LastName": "Weg"})["ID"]
    delete(client, sandbox, "crm/Contacts", gone)


def purchase(client: Client) -> None:
    """Order two of what a supplier sells, and receive them."""
    sold = next(client.read("sync/Logistics/SupplierItem", select=("Item", "Supplier"), where="Timestamp gt 1"))
    line = {"Item": sold["Item"], "QuantityInPurchaseUnits": 2}
    order = client.create("purchaseorder/PurchaseOrders", {"Supplier": sold["Supplier"], "PurchaseOrderLines": [line]})
    of_order = f"PurchaseOrderID eq guid'{order['PurchaseOrderID']}'"
    (row,) = client.read("purchaseorder/PurchaseOrderLines", select=("ID",), where=of_order)
    received = {"ReceiptDate": "2026-11-03", "GoodsReceiptLines": [{"PurchaseOrderLineID": row["ID"]}]}
    client.create("purchaseorder/GoodsReceipts", received)


def delete(client: Client, sandbox: SandboxServer, resource: str, key: str) -> None:
    """Delete a row through the API, which logs it."""
    address = f"{sandbox.url}/api/v1/{client.division}/{resource}(guid'{key}')"
    token = client.sign_in.access_token()
    requests.delete(address, headers={"Authorization": f"Bearer {token}"}, timeout=10).raise_for_status()
