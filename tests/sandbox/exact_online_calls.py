"""Calls to the Exact Online half as any client makes them: plain requests, nothing of ours."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import requests

if TYPE_CHECKING:
    from tests.conftest import Sandbox

JSON = dict[str, Any]
CLIENT = {"client_id": "{00000000-0000-4000-8000-000000000001}", "client_secret": "sandbox-client-secret"}
FIRST_TOKEN = "sandbox-refresh-token"
DIVISION = 1234567
ANY_ID = "ID gt guid'00000000-0000-0000-0000-000000000000'"
CALLBACK = "http://127.0.0.1:8976/callback?app=1"
NOWHERE = "5b1f0c1e-6a57-4c2e-9a41-0d6f3f8a1b10"
"""A well-formed guid that nothing has."""


def ask_token(url: str, **form: str) -> requests.Response:
    """Call the token endpoint as the app."""
    return requests.post(f"{url}/api/oauth2/token", data=CLIENT | form, timeout=20)


def refresh(url: str, token: str = FIRST_TOKEN) -> requests.Response:
    """Exchange a refresh token."""
    return ask_token(url, grant_type="refresh_token", refresh_token=token)


def consent(sandbox: Sandbox, **changes: str) -> requests.Response:
    """Open the address that a person's browser is sent to."""
    query = {"client_id": CLIENT["client_id"], "redirect_uri": CALLBACK, "response_type": "code", "state": "a/b"}
    return requests.get(f"{sandbox.url}/api/oauth2/auth", params=query | changes, allow_redirects=False, timeout=20)


def code(sandbox: Sandbox) -> str:
    """Return an authorization code, decoded."""
    query = parse_qs(urlsplit(consent(sandbox).headers["location"]).query)
    return query["code"][0]


def redeem(sandbox: Sandbox, given: str, redirect_uri: str = CALLBACK) -> requests.Response:
    """Exchange an authorization code."""
    return ask_token(sandbox.url, grant_type="authorization_code", code=given, redirect_uri=redirect_uri)


class Exact:
    """An app that is signed in, or not."""

    def __init__(self, sandbox: Sandbox, *, sign_in: bool = True) -> None:
        self.sandbox = sandbox
        self.root = f"{sandbox.url}/api/v1"
        self.headers: dict[str, str] = {"Accept": "application/json"}
        if sign_in:
            self.headers["Authorization"] = f"Bearer {refresh(sandbox.url).json()['access_token']}"

    def sign_in_again(self) -> None:
        """Go through the consent again, since the old token died of time."""
        token = redeem(self.sandbox, code(self.sandbox)).json()["access_token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str | None] | None = None, **query: Any
    ) -> requests.Response:
        """Send a request about the division; a whole address is used as it is."""
        url = path if path.startswith("http") else f"{self.root}/{DIVISION}/{path}"
        return requests.request(
            method,
            url,
            params={f"${name}": str(value) for name, value in query.items()},
            json=body,
            headers={**self.headers, **(headers or {})},
            timeout=20,
        )

    def send_raw(self, method: str, path: str, body: bytes) -> requests.Response:
        """Send a body as it is, as JSON."""
        headers = {**self.headers, "Content-Type": "application/json"}
        return requests.request(method, f"{self.root}/{DIVISION}/{path}", data=body, headers=headers, timeout=20)

    def rows(self, path: str, **query: Any) -> list[JSON]:
        """Return the rows of one page, whichever envelope they come in."""
        data = content(self.send("GET", path, **query))["d"]
        found: list[JSON] = data if isinstance(data, list) else data["results"]
        return found

    def row(self, path: str, **query: Any) -> JSON:
        """Return the one row there is."""
        (found,) = self.rows(path, **query)
        return found

    def all_rows(self, path: str, **query: Any) -> list[JSON]:
        """Return the rows of all pages, following the links as they stand."""
        page = content(self.send("GET", path, **query))["d"]
        found = list(page["results"])
        while "__next" in page:
            page = content(self.send("GET", page["__next"]))["d"]
            found += page["results"]
        return found

    def post(self, path: str, body: JSON, status: int = 201, headers: dict[str, str | None] | None = None) -> JSON:
        """Create a row and return the answer."""
        answer = self.send("POST", path, body, headers)
        assert answer.status_code == status, answer.text
        found: JSON = content(answer)["d"]
        return found

    def entity(self, path: str, key: str, **query: Any) -> JSON:
        """Return a row by its guid."""
        found: JSON = content(self.send("GET", f"{path}(guid'{key}')", **query))["d"]
        return found

    def table(self, name: str) -> list[JSON]:
        """Return what the division really holds."""
        return self.sandbox.state("exact_online")[name]

    def customer(self) -> JSON:
        """Return an account that is a customer in the Netherlands."""
        return next(row for row in self.masters["Accounts"] if row["Status"] == "C" and row["Country"] == "NL ")

    def coded(self, name: str, code: str) -> str:
        """Return the guid of a row by its code."""
        guid: str = next(row["ID"] for row in self.masters[name] if row["Code"].strip() == code)
        return guid

    @cached_property
    def masters(self) -> dict[str, list[JSON]]:
        """Return what the division held when this was first asked for."""
        return self.sandbox.state("exact_online")


def content(answer: requests.Response) -> JSON:
    """Return the body of a successful answer, amounts as `Decimal`."""
    assert answer.ok, answer.text
    found: JSON = json.loads(answer.content, parse_float=Decimal)
    return found


def refusal(answer: requests.Response) -> tuple[int, list[str]]:
    """Return status and texts of a refusal, of which the shape is checked."""
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert (error["code"], error["message"]["lang"]) == ("", "")
    return answer.status_code, error["message"]["value"].split("\r\n")


def invoice_line(exact: Exact, **changes: Any) -> JSON:
    """Return a line for two hours of work."""
    return {"Item": exact.coded("Items", "ARBEID"), "Quantity": 2, "NetPrice": 50.0, "VATCode": "2"} | changes


def sales_invoice(exact: Exact, *lines: JSON, **changes: Any) -> JSON:
    """Return an invoice for a Dutch customer, of one line unless lines are given."""
    guid = exact.customer()["ID"]
    return {
        "Journal": "70",
        "OrderedBy": guid,
        "OrderDate": "2026-10-01",
        "PaymentCondition": "14",
        "YourRef": "T20261001.0007",
        "Description": "Servicecontract oktober",
        "SalesInvoiceLines": list(lines) or [invoice_line(exact)],
    } | changes
