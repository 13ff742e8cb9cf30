"""The loop that the target is measured by: the same invoices posted with `requests`, and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import requests


def access_token(session: requests.Session, url: str, store: str) -> str:
    """Renew the tokens that the target left; within ten minutes Exact gives none and the present one still works."""
    (entry,) = json.loads(Path(store).read_text())["clients"].values()
    form = {
        "grant_type": "refresh_token",
        "refresh_token": entry["tokens"]["refresh_token"],
        "client_id": "{00000000-0000-4000-8000-000000000001}",
        "client_secret": "sandbox-client-secret",
    }
    answer = session.post(f"{url}/api/oauth2/token", data=form, timeout=60).json()
    token: str = answer.get("access_token") or entry["tokens"]["access_token"]
    return token


def main(url: str, payloads: str, store: str) -> None:
    """Post every line of a file as a sales invoice."""
    session = requests.Session()
    token = access_token(session, url, store)
    session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})
    with Path(payloads).open() as lines:
        for line in lines:
            answer = session.post(f"{url}/api/v1/1234567/salesinvoice/SalesInvoices", json=json.loads(line), timeout=60)
            answer.raise_for_status()
            answer.json()


if __name__ == "__main__":
    main(*sys.argv[1:])
