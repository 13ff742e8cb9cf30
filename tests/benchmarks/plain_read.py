"""The loop that the tap is measured by: every invoice and its billing items with `requests`, and nothing else."""

from __future__ import annotations

import json
import sys
from typing import Any

import requests

HEADERS = {
    "UserName": "api@demo-msp.example",
    "Secret": "sandbox-secret",
    "ApiIntegrationCode": "SANDBOXINTEGRATIONCODE00001",
}
PAGE = 500
CHUNK = 100


def pages(session: requests.Session, url: str, entity: str, condition: dict[str, Any]) -> list[dict[str, Any]]:
    """Read all rows of an entity that fit, by ascending id."""
    last, rows = -1, []
    while True:
        body = {"MaxRecords": PAGE, "filter": [condition, {"op": "gt", "field": "id", "value": last}]}
        page = session.post(f"{url}/V1.0/{entity}/query", json=body, timeout=60).json()["items"]
        rows += page
        if len(page) < PAGE:
            return rows
        last = page[-1]["id"]


def main(url: str) -> None:
    """Print every invoice with its items, one a line."""
    session = requests.Session()
    session.headers.update(HEADERS)
    last = -1
    while True:
        body = {"MaxRecords": PAGE, "filter": [{"op": "gt", "field": "id", "value": last}]}
        invoices = session.post(f"{url}/V1.0/Invoices/query", json=body, timeout=60).json()["items"]
        for start in range(0, len(invoices), CHUNK):
            chunk = {row["id"]: row | {"billing_items": []} for row in invoices[start : start + CHUNK]}
            items = pages(session, url, "BillingItems", {"op": "in", "field": "invoiceID", "value": list(chunk)})
            for item in items:
                chunk[item["invoiceID"]]["billing_items"].append(item)
            for invoice in chunk.values():
                sys.stdout.write(json.dumps(invoice) + "\n")
        if len(invoices) < PAGE:
            return
        last = invoices[-1]["id"]


if __name__ == "__main__":
    main(sys.argv[1])
