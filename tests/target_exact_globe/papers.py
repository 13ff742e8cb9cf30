"""Invoices for Exact Globe, and a run of the target with them."""

from __future__ import annotations

import contextlib
import io
import json
from typing import TYPE_CHECKING, Any

from target_exact_globe.settings import SETTINGS
from target_exact_globe.target import TargetExactGlobe
from tests.target_exact_online import papers
from transfer_ledger.documents import Partner

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox
    from transfer_ledger.documents import Line, SalesInvoice

DEBTOR = "100"
DEFAULTS: dict[str, Any] = {name: setting.get("default") for name, setting in SETTINGS.to_dict()["properties"].items()}
"""The settings as they are when none is set."""


def invoice(serial: int = 1, lines: int | list[Line] = 1, **more: Any) -> SalesInvoice:
    """Return an order of so many lines of 200.00 each, 21 % VAT beside, or of these lines."""
    count = lines if isinstance(lines, int) else 0
    values: dict[str, Any] = {
        "form": "sales_order",
        "journal": None,
        "customer": Partner(id="100", name="Klant", code=DEBTOR),
        "lines": lines or [] if not count else [papers.line(source_ids=[str(number)]) for number in range(count)],
    }
    return papers.invoice(serial, **(values | more))


class Office:
    """A folder with a ledger, and the settings to write to a sandbox with it."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.settings: dict[str, Any] = {
            "sql_server": "SANDBOX\\EXACT",
            "company": "100",
            "services_url": f"{sandbox.globe_url}/Services/Exact.Entity.REST.EG",
            "username": sandbox.globe_user,
            "password": sandbox.globe_password,
            "timeout_seconds": 5,
            "ledger_url": f"sqlite:///{folder / 'transfers.db'}",
            "lock_timeout": 5,
        }
        self.state: dict[str, Any] = {}

    def reset(self, **options: Any) -> None:
        """Begin with a fresh sandbox that has our customer."""
        self.sandbox.reset(exact_globe=options)
        self.account(DEBTOR)

    def account(self, code: str, **columns: Any) -> None:
        """Put an account in Globe behind the services' back, a debtor unless told otherwise."""
        row = {
            "ID": f"{int(code):08x}-0000-4000-8000-000000000000",
            "AccountCode": code.rjust(20),
            "AccountName": "'t Hoekje & Zn",
            "DebtorCode": code.rjust(20),
            "DebtorNumber": code.rjust(6),
            "CustomerType": "C",
            "CustomerStatus": "A",
            "Blocked": False,
        }
        self.sandbox.put_row("exact_globe", "Account", row | columns)

    def run(self, *documents: SalesInvoice, **settings: Any) -> int:
        """Offer documents in one run and return the exit code; the state it ends with is kept."""
        target = TargetExactGlobe(config=self.settings | settings, wait=lambda _: None)
        out = io.StringIO()
        code: Any = 0
        with contextlib.redirect_stdout(out):
            try:
                target.listen(io.BytesIO(papers.singer(documents)))  # type: ignore[arg-type]
            except SystemExit as end:
                code = end.code
        lines = out.getvalue().splitlines()
        self.state = json.loads(lines[-1]) if lines else {}
        return int(code or 0)

    def open(self) -> list[str]:
        """Return the keys that the state keeps open."""
        keys: list[str] = self.state["bookmarks"]["expanded_invoices"].get("open", [])
        return keys

    def held(self, entity: str = "SalesOrderHeader") -> list[dict[str, Any]]:
        """Return what Globe holds."""
        return self.sandbox.state("exact_globe")[entity]

    def references(self) -> list[str]:
        """Return the references of the orders there."""
        return sorted(row["YourReference"] for row in self.held())

    def staged(self) -> list[dict[str, Any]]:
        """Return the lines that wait for a header."""
        return self.held("EntityTransactions")

    def calls(self) -> list[str]:
        """Return the calls to Globe since the last look that were let in, without host and query."""
        found = [
            f"{call['method']} {call['path'].rpartition('/')[2]}"
            for call in self.sandbox.calls("exact_globe")
            if call["status"] != 401
        ]
        self.sandbox.clear_calls()
        return found
