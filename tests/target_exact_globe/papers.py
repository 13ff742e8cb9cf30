"""Invoices for Exact Globe, and a run of the target with them."""

from __future__ import annotations

import contextlib
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from target_exact_globe.settings import SETTINGS
from target_exact_globe.target import TargetExactGlobe
from tests.target_exact_online import papers
from tests.target_exact_online.papers import INVOICE_DATE
from transfer_ledger import documents as kinds
from transfer_ledger.documents import (
    TOLD,
    Account,
    Address,
    Contact,
    OrderLine,
    Partner,
    PurchaseOrder,
    SalesInvoice,
    Source,
    Totals,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.conftest import Sandbox
    from transfer_ledger.documents import Document, Line

DEBTOR, CREDITOR, GOODS = "100", "600", "LAPTOP"
_encode = msgspec.json.Encoder(decimal_format="number").encode
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


def purchase(serial: int = 1, **more: Any) -> PurchaseOrder:
    """Return an order of two goods, 444.00 in all, from supplier 600."""
    lines = [
        bought(source_ids=[f"{serial}1"]),
        bought(source_ids=[f"{serial}2"], description="Dock", unit_cost=Decimal(22)),
    ]
    values: dict[str, Any] = {
        "source": Source(system="autotask", tenant="1", stream="expanded_goods_receipts", id=str(serial)),
        "number": f"PO-1043/{serial}",
        "reference": f"PO-1043/{serial}",
        "currency": "EUR",
        "supplier": Partner(id="600", name="Groothandel", code=CREDITOR),
        "order_date": INVOICE_DATE,
        "order_number": "PO-1043",
        "lines": lines,
    }
    values |= more
    net = sum((one.amount for one in values["lines"]), Decimal(0))
    values.setdefault("totals", Totals(net=net, vat=Decimal(0), gross=net))
    return PurchaseOrder(**values)


def bought(**more: Any) -> OrderLine:
    """Return two pieces of goods at 200.00; the amount follows unless given."""
    values: dict[str, Any] = {
        "source_ids": ["1"],
        "description": "Laptop",
        "quantity": Decimal(2),
        "unit_cost": Decimal(200),
        "item": GOODS,
    }
    values |= more
    return OrderLine(**{"amount": values["quantity"] * values["unit_cost"], **values})


def company(serial: int = 1, **more: Any) -> Account:
    """Return a customer whose company wins every field that is told."""
    values: dict[str, Any] = {
        "source": Source(system="autotask", tenant="1", stream="expanded_companies", id=str(serial)),
        "code": f"{1000 + serial}",
        "name": f"Bakkerij nummer {serial} B.V.",
        "status": ["customer"],
        "vat_number": "NL823456782B17" if serial == 1 else None,
        "phone": "+31205550100",
        "email": "info@bakkerij.example",
        "currency": "EUR",
        "payment_condition": "30",
        "address": Address(line1=f"Dorpsstraat {serial}", postcode="1015 AA", city="Amsterdam", country="NL"),
        "contact": Contact(first_name="Ans", last_name="de Vries", email="ans@bakkerij.example"),
        "when_missing": "create",
    }
    values |= more
    told = [name for name in TOLD if name in values and values[name] is not None]
    return Account(**{"fields_won_by": dict.fromkeys(told, "source"), **values})


STREAMS = {SalesInvoice: "sales_invoices", PurchaseOrder: "purchase_orders", Account: "accounts"}


def singer(documents: Sequence[Document]) -> bytes:
    """Return documents as Singer text, those of a kind together, state at the end."""
    messages: list[dict[str, Any]] = []
    for kind, stream in STREAMS.items():
        same = [each for each in documents if isinstance(each, kind)]
        schema = {"type": "SCHEMA", "stream": stream, "schema": kinds.schema(stream), "key_properties": ["key"]}
        messages += [schema] if same else []
        messages += [{"type": "RECORD", "stream": stream, "record": kinds.encode(each)} for each in same]
    state = {"bookmarks": {each.source.stream: {"replication_key_value": 9} for each in documents}}
    messages.append({"type": "STATE", "value": state})
    return b"".join(_encode(message) + b"\n" for message in messages)


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
        creditor = {f"Creditor{name}": CREDITOR.rjust(width) for name, width in (("Code", 20), ("Number", 6))}
        self.account(CREDITOR, CustomerType="S", DebtorCode=None, DebtorNumber=None, **creditor)
        for code in (GOODS, "INKOOP"):
            self.item(code)

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

    def item(self, code: str, **columns: Any) -> None:
        """Put an item in Globe, bought and sold unless told otherwise."""
        row = {"ItemCode": code, "Description0": code, "Condition": "A", "IsSalesItem": True, "IsPurchaseItem": True}
        vat = {"SalesVATCode": "2", "IsFractionAllowedItem": True}
        self.sandbox.put_row("exact_globe", "Item", row | vat | columns)

    def run(self, *documents: Document, **settings: Any) -> int:
        """Offer documents in one run and return the exit code; the state it ends with is kept."""
        target = TargetExactGlobe(config=self.settings | settings, wait=lambda _: None)
        out = io.StringIO()
        code: Any = 0
        with contextlib.redirect_stdout(out):
            try:
                target.listen(io.BytesIO(singer(documents)))  # type: ignore[arg-type]
            except SystemExit as end:
                code = end.code
        lines = out.getvalue().splitlines()
        self.state = json.loads(lines[-1]) if lines else {}
        return int(code or 0)

    def open(self) -> list[str]:
        """Return the keys that the state keeps open."""
        (bookmark,) = self.state["bookmarks"].values()
        keys: list[str] = bookmark.get("open", [])
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
