"""The job payment-dates-to-autotask in one process, against the sandbox's half year at the bank."""

from __future__ import annotations

import contextlib
import io
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec

from mapper_autotask_exact.mapper import MapperAutotaskExact
from target_autotask.target import TargetAutotask
from tests.tap_exact_online.running import Run, sandbox_settings
from transfer_ledger.ledger import Ledger
from transfer_ledger.receivables import Receivable, receivables
from transfer_ledger.transfer_log import Filter, entries

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Sandbox
    from transfer_ledger.transfer_log import Entry

STREAM = "invoice_payments"
JSON = dict[str, Any]
encode = msgspec.json.Encoder(decimal_format="number").encode


class PaymentDates:
    """Runs the job again and again, with the state of the last run.

    Args:
        sandbox: The simulated systems.
        folder: Takes the ledger and the tokens.
        payments: The settings of the mapper.
    """

    def __init__(self, sandbox: Sandbox, folder: Path, **payments: Any) -> None:
        self.sandbox, self.folder = sandbox, folder
        self.mapper = MapperAutotaskExact(config={"payments": payments or {"date": "settlement"}})
        self.url = f"sqlite:///{folder / 'transfers.db'}"
        self.state: JSON = {}
        self.calls: dict[str, list[JSON]] = {}

    def run(self, **settings: Any) -> int:
        """Run it once; return the exit code of the target."""
        self.sandbox.clear_calls()
        tap = Run(sandbox_settings(self.sandbox, self.folder), [STREAM], self.state)
        target = TargetAutotask(config=self.config(**settings), wait=lambda _: None)
        code, out = 0, io.StringIO()
        try:
            with contextlib.redirect_stdout(out):
                target.listen(io.BytesIO(b"".join(self.mapped(tap))))  # type: ignore[arg-type]
        except SystemExit as end:
            code = int(end.code or 0)
        self.state = [self.state, *map(json.loads, out.getvalue().splitlines())][-1]
        self.calls = {system: self._of(system) for system in ("autotask", "exact_online")}
        return code

    def config(self, **settings: Any) -> JSON:
        """Return the settings of the target."""
        return {
            "api_url": f"{self.sandbox.url}/ATServicesRest",
            "username": "api@demo-msp.example",
            "secret": "sandbox-secret",
            "integration_code": "SANDBOXINTEGRATIONCODE00001",
            "ledger_url": self.url,
            "hourly_check_calls": 1000,
            **settings,
        }

    def mapped(self, tap: Run) -> list[bytes]:
        """Return what the target is given for a run of the tap."""
        by_type = {
            "SCHEMA": self.mapper.map_schema_message,
            "RECORD": self.mapper.map_record_message,
            "STATE": self.mapper.map_state_message,
        }
        made = [each for message in tap.messages for each in by_type[message["type"]](message)]
        return [encode(each.to_dict()) + b"\n" for each in made]

    def _of(self, system: str) -> list[JSON]:
        return [call for call in self.sandbox.calls(system) if "/oauth2/" not in call["path"]]

    @property
    def patches(self) -> list[JSON]:
        """The writes of the last run."""
        return [call for call in self.calls["autotask"] if call["method"] == "PATCH"]

    def entries(self, *states: str) -> list[Entry]:
        """Return the transfer log."""
        with closing(Ledger.open(self.url)) as ledger:
            found, _ = entries(ledger.engine, Filter(wanted=states), 0)
            return found

    def receivables(self) -> list[Receivable]:
        """Return what is to be received."""
        with closing(Ledger.open(self.url)) as ledger:
            return receivables(ledger.engine)

    def held(self) -> dict[int, str | None]:
        """Return the paid date of each invoice of Autotask, by its id."""
        rows = self.sandbox.state("autotask")["Invoices"]
        return {row["id"]: row["paidDate"] and row["paidDate"][:10] for row in rows}

    def truth(self) -> dict[int, JSON]:
        """Return what is true of each invoice of Autotask, by its id."""
        return {told["invoice_id"]: told for told in self.sandbox.truth("payments") if told["invoice_id"]}


def wanted(told: JSON) -> str | None:
    """Return the date that Autotask is to hold of an invoice: a person's own stays, a voided one has none."""
    if told["voided"]:
        return None
    date: str | None = told["dated_by_hand"] or told["settled_on"]
    return date
