"""Invoices on paper for these tests, and a run of the target with them."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import uuid
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from target_exact_online.target import TargetExactOnline
from transfer_ledger import documents
from transfer_ledger.documents import STREAMS, Line, Partner, SalesInvoice, Source, Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tests.conftest import Sandbox
    from transfer_ledger.documents import Document

INVOICE_DATE = dt.date(2026, 11, 2)
CLIENT_ID = "{00000000-0000-4000-8000-000000000001}"
SECRETS = ("sandbox-client-secret", "sandbox-refresh-token", "stampNL001")
_encode = msgspec.json.Encoder(decimal_format="number").encode


def line(**more: Any) -> Line:
    """Return two hours at 100.00, taxed at 21 %."""
    values: dict[str, Any] = {
        "source_ids": ["1"],
        "description": "Arbeid",
        "quantity": Decimal(2),
        "unit_price": Decimal(100),
        "amount": Decimal(200),
        "item": "ARBEID",
        "gl_account": None,
        "vat_code": "2",
        "vat_rate": Decimal("0.21"),
    }
    return Line(**(values | more))


def invoice(serial: int = 1, code: str = "K100", **more: Any) -> SalesInvoice:
    """Return an invoice of one line, 242.00 in all; its totals follow its lines unless given."""
    values: dict[str, Any] = {
        "source": Source(system="autotask", tenant="1", stream="expanded_invoices", id=str(serial)),
        "form": "sales_invoice",
        "type": "invoice",
        "number": f"2026-{serial:04}",
        "reference": f"2026-{serial:04}",
        "journal": "70",
        "invoice_date": INVOICE_DATE,
        "description": "November",
        "currency": "EUR",
        "payment_condition": "30",
        "customer": Partner(id="100", name="Klant", code=code),
        "lines": [line()],
    }
    values |= more
    values.setdefault("totals", totals(values["lines"]))
    return SalesInvoice(**values)


def totals(lines: Iterable[Line]) -> Totals:
    """Return what lines amount to, VAT rounded once per code."""
    bases: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for one in lines:
        bases[one.vat_rate or Decimal(0)] += one.amount
    net = sum(bases.values(), Decimal("0.00"))
    vat = sum((cents(base * rate) for rate, base in bases.items()), Decimal("0.00"))
    return Totals(net=net, vat=vat, gross=net + vat)


def cents(amount: Decimal) -> Decimal:
    """Round as a bookkeeper does."""
    return amount.quantize(Decimal("0.01"), "ROUND_HALF_UP")


def entry(serial: int = 1, **more: Any) -> SalesInvoice:
    """Return the same as a sales entry."""
    return invoice(serial, **{"form": "sales_entry", "lines": [line(item=None, gl_account="8000")]} | more)


def singer(papers: Sequence[Document]) -> bytes:
    """Return documents of one kind as Singer text, state at the end."""
    stream = next((name for name, kind in STREAMS.items() if papers and isinstance(papers[0], kind)), "sales_invoices")
    origin = papers[0].source.stream if papers else "expanded_invoices"
    messages: list[dict[str, Any]] = [
        {
            "type": "SCHEMA",
            "stream": stream,
            "schema": documents.schema(stream),
            "key_properties": documents.KEY_PROPERTIES,
        }
    ]
    messages += [{"type": "RECORD", "stream": stream, "record": documents.encode(paper)} for paper in papers]
    messages.append({"type": "STATE", "value": {"bookmarks": {origin: {"replication_key_value": 9}}}})
    return b"".join(_encode(message) + b"\n" for message in messages)


class Office:
    """A folder with a ledger and a token store, and the settings to write to a sandbox with them."""

    def __init__(self, folder: Path, sandbox: Sandbox, **settings: Any) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.settings = {
            "api_url": sandbox.url,
            "division": 1234567,
            "client_id": CLIENT_ID,
            "client_secret": "sandbox-client-secret",
            "refresh_token": "sandbox-refresh-token",
            "token_file": str(folder / "tokens.json"),
            "ledger_url": f"sqlite:///{folder / 'transfers.db'}",
            "lock_timeout": 5,
            **settings,
        }
        self.state: dict[str, Any] = {}
        self.target: TargetExactOnline | None = None

    def reset(self, *, time_scale: float = 1.0, **options: Any) -> None:
        """Begin with a fresh sandbox that has our customer, without limits unless the options say so."""
        self.sandbox.reset(time_scale=time_scale, exact_online={"limits": False, **options})
        self.account("K100")

    def run(self, *papers: Document, **settings: Any) -> int:
        """Offer documents in one run and return the exit code; the state it ends with is kept."""
        return self.listen(singer(papers), **settings)

    def load(self, stream: str, *records: dict[str, Any], **settings: Any) -> int:
        """Offer records of another stream in one run and return the exit code."""
        messages = [
            {"type": "SCHEMA", "stream": stream, "schema": {"properties": {}}, "key_properties": []},
            *({"type": "RECORD", "stream": stream, "record": record} for record in records),
            {"type": "STATE", "value": {"bookmarks": {stream: {"replication_key_value": 9}}}},
        ]
        return self.listen(b"".join(_encode(message) + b"\n" for message in messages), **settings)

    def listen(self, messages: bytes, **settings: Any) -> int:
        """Run the target on Singer text to its end and return the exit code."""
        wait = settings.pop("wait", lambda _: None)
        target = TargetExactOnline(config=self.settings | settings, wait=wait)
        out = io.StringIO()
        code: Any = 0
        with contextlib.redirect_stdout(out):
            try:
                target.listen(io.BytesIO(messages))  # type: ignore[arg-type]
            except SystemExit as end:
                code = end.code
        lines = out.getvalue().splitlines()
        self.state = json.loads(lines[-1]) if lines else {}
        self.target = target
        return int(code or 0)

    def account(self, code: str, **columns: Any) -> str:
        """Put an account in Exact behind the API's back, a customer unless told otherwise; return its id."""
        row_id = str(uuid.uuid5(uuid.NAMESPACE_OID, columns.pop("ID", code)))
        row = {"ID": row_id, "Code": code.rjust(18), "Name": "'t Hoekje & Zn", "Status": "C", "Blocked": False}
        self.sandbox.put_row("exact_online", "Accounts", row | columns)
        return row_id

    def open(self) -> list[str]:
        """Return the keys that the state keeps open."""
        (bookmark,) = self.state["bookmarks"].values()
        keys: list[str] = bookmark.get("open", [])
        return keys

    def held(self, resource: str = "SalesInvoices") -> list[dict[str, Any]]:
        """Return what Exact holds."""
        return self.sandbox.state("exact_online")[resource]

    def calls(self) -> list[str]:
        """Return the calls to Exact Online since the last look, without host, division and query."""
        found = [
            f"{call['method']} {call['path'].removeprefix('/api/').removeprefix('v1/1234567/')}"
            for call in self.sandbox.calls("exact_online")
        ]
        self.sandbox.clear_calls()
        return found
