"""Calls to the Exact Globe half as any client makes them: plain requests with requests-ntlm, nothing of ours."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import requests
from requests_ntlm import HttpNtlmAuth

if TYPE_CHECKING:
    from tests.conftest import Sandbox

JSON = dict[str, Any]
PASSWORD = "sandbox-password"
NOWHERE = "5b1f0c1e-6a57-4c2e-9a41-0d6f3f8a1b10"
"""A well-formed guid that nothing has."""


class Globe:
    """A client with one connection, signed in or not."""

    def __init__(self, sandbox: Sandbox, user: str = "DEMO\\svc-autotask", password: str = PASSWORD) -> None:
        self.sandbox = sandbox
        self.root = f"{sandbox.globe_url}/Services/Exact.Entity.REST.EG"
        self.session = requests.Session()
        self.session.auth = HttpNtlmAuth(user, password)
        self.session.headers.update(sandbox.globe_headers | {"Content-Type": "application/json"})

    def close(self) -> None:
        """Close the connection."""
        self.session.close()

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: Any
    ) -> requests.Response:
        """Send a request; a whole address is used as it is."""
        url = path if path.startswith("http") else f"{self.root}/{path}"
        params = {f"${name}": str(value) for name, value in query.items()}
        data = None if body is None else json.dumps(body, default=_number)
        return self.session.request(method, url, params=params, data=data, headers=headers, timeout=20)

    def rows(self, path: str, **query: Any) -> list[JSON]:
        """Return the rows of one page."""
        found: list[JSON] = content(self.send("GET", path, **query))["d"]["results"]
        return found

    def all_rows(self, path: str, **query: Any) -> list[JSON]:
        """Return the rows of all pages, following the links as they stand."""
        page = content(self.send("GET", path, **query))["d"]
        found = list(page["results"])
        while "__next" in page:
            page = content(self.send("GET", page["__next"]))["d"]
            found += page["results"]
        return found

    def post(self, path: str, body: JSON, status: int = 201) -> JSON:
        """Create a row and return the answer."""
        answer = self.send("POST", path, body)
        assert answer.status_code == status, answer.text
        found: JSON = content(answer)["d"]
        return found

    def table(self, name: str) -> list[JSON]:
        """Return what the company really holds."""
        return self.sandbox.state("exact_globe")[name]

    def order(self, *lines: JSON, **header: Any) -> requests.Response:
        """Send the lines of a sales order, then its header, and return the answer to the header."""
        key = self.staged("SalesOrderLine", *(lines or ({"Itemcode": "ARBEID", "Quantity": 2, "Price": 95},)))
        own = {"TransactionKey": key, "OrderDebtor": self.debtor(), "YourReference": "T20260312.0041"}
        return self.send("POST", "SalesOrderHeader", own | header)

    def staged(self, entity: str, *lines: JSON) -> str:
        """Send lines under the key that the first one gets, and return the key."""
        key = None
        for line in lines:
            row = line if key is None else line | {"TransactionKey": key}
            key = content(self.send("POST", entity, row))["d"]["TransactionKey"]
        return str(key)

    def account(self, kind: str = "C") -> JSON:
        """Return a Dutch account of a type: customer, supplier, prospect."""
        return next(
            row for row in self.table("Account") if row["CustomerType"] == kind and row["InvoiceCountry"] == "NL"
        )

    def debtor(self) -> str:
        """Return the number of a debtor as a person would write it."""
        return str(self.account()["DebtorNumber"]).strip()


def _number(value: Any) -> Any:
    assert isinstance(value, Decimal)
    return float(value)


def content(answer: requests.Response) -> JSON:
    """Return the body of a successful answer, amounts as `Decimal`."""
    assert answer.ok, answer.text
    found: JSON = json.loads(answer.content, parse_float=Decimal)
    return found


def refusal(answer: requests.Response) -> tuple[int, str]:
    """Return status and the most specific text of a refusal, of which the shape is checked."""
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert (error["code"], error["message"]["lang"]) == ("", "en-US")
    inner = error.get("innererror")
    if inner is None:
        return answer.status_code, error["message"]["value"]
    assert set(inner) == {"message", "type", "stacktrace", "internalexception"}
    assert set(inner["internalexception"]) == {"message", "type", "stacktrace"}
    return answer.status_code, inner["internalexception"]["message"]
