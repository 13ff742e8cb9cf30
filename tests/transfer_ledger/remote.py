"""A receiving system in memory that answers, refuses, lies, loses answers and dies on command."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import sqlalchemy as sa
from typing_extensions import override

from transfer_ledger import documents
from transfer_ledger.documents import Line, Partner, Problem, SalesInvoice, Source, Totals
from transfer_ledger.exceptions import DocumentFailed, StopRun, Unanswered
from transfer_ledger.protocol import WriteProtocol
from transfer_ledger.receipts import Found, Prepared, Receipt, Receipts, Step
from transfer_ledger.schema import events, runs
from transfer_ledger.transfers import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from transfer_ledger.ledger import Ledger
    from transfer_ledger.transfers import Transfer

ADMINISTRATION = "1234567"
KIND = "sales_invoices"


def invoice(number: int = 1, **changes: Any) -> SalesInvoice:
    """Return an invoice of 100.00 and 21 % VAT."""
    values: dict[str, Any] = {
        "source": Source(system="autotask", tenant="1", stream="expanded_invoices", id=str(number)),
        "form": "sales_invoice",
        "type": "invoice",
        "number": f"2026-{number:04}",
        "reference": f"2026-{number:04}",
        "currency": "EUR",
        "customer": Partner(id="7", name="Bakkerij 't Hoekje", code="D10042"),
        "lines": [
            Line(
                source_ids=[f"{number}1"],
                description="Werkzaamheden",
                quantity=Decimal(1),
                unit_price=Decimal("100.00"),
                amount=Decimal("100.00"),
            )
        ],
        "totals": Totals(net=Decimal("100.00"), vat=Decimal("21.00"), gross=Decimal("121.00")),
    }
    return SalesInvoice(**(values | changes))


def missing_vat_code() -> Problem:
    return Problem(field="lines[0].vat_code", value="Caribisch", message="no VAT code", setting="invoices.vat_codes")


class Killed(BaseException):
    """The process is no more."""


class Held(msgspec.Struct, kw_only=True):
    """What the receiving system holds of one document."""

    found: Found
    prints: int = 0


class Remote:
    """The receiving system. ``script`` says how it treats the writes to come; an empty one means it answers.

    ``refuse``, ``stop`` and ``drop`` write nothing, ``lie`` and ``lose`` do; ``bug`` and ``bug_after`` raise what
    nobody foresaw, before and after writing; ``kill`` and ``kill_after`` end the process.
    """

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.calls: Counter[str] = Counter()
        self.script: deque[str] = deque()
        self.cents_off = Decimal(0)
        self._ids = itertools.count(1)

    def create(self, document: SalesInvoice) -> Receipt:
        """Write a document."""
        found = Found(
            id=f"guid-{next(self._ids)}",
            reference=document.reference,
            customer_id=f"customer-{document.customer.id}",
            gross=document.totals.gross + self.cents_off,
            number=f"267000{len(self.held)}",
        )

        def commit() -> None:
            self.held[found.id] = Held(found=found)

        self._treat("create", commit)
        totals = msgspec.structs.replace(document.totals, gross=found.gross)
        return Receipt(id=found.id, number=found.number, totals=totals)

    def print(self, receipt: Receipt) -> Receipt:
        """Print a document."""

        def commit() -> None:
            self.held[receipt.id].prints += 1

        self._treat("print", commit)
        return Receipt(id=f"print-{receipt.id}")

    def by_reference(self, reference: str) -> list[Found]:
        """Look documents up."""
        self._ask("find")
        return [held.found for held in self.held.values() if held.found.reference == reference]

    def printed(self, receipt: Receipt) -> Receipt | None:
        """Look up whether a document was printed."""
        self._ask("find_print")
        return Receipt(id=f"print-{receipt.id}") if self.held[receipt.id].prints else None

    def references(self) -> Counter[str]:
        """Return how often each reference is held."""
        return Counter(held.found.reference for held in self.held.values())

    def _ask(self, name: str) -> None:
        self.calls[name] += 1
        if self.script and self.script[0].startswith("ask_"):
            _ERRORS[self.script.popleft().removeprefix("ask_")]()

    def _treat(self, name: str, commit: Callable[[], None]) -> None:
        self.calls[name] += 1
        how = self.script.popleft() if self.script and not self.script[0].startswith("ask_") else "answer"
        if how in {"answer", "lie", "lose", "bug_after", "kill_after"}:
            commit()
        if how != "answer":
            _ERRORS[how]()


def _raiser(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


_REFUSED = Problem(field="document", value="", message="Ongeldig: Klant (Type)")
_ERRORS: dict[str, Callable[[], None]] = {
    "refuse": _raiser(DocumentFailed([_REFUSED], "Make it a customer.")),
    "lie": _raiser(DocumentFailed([_REFUSED], "Make it a customer.")),
    "stop": _raiser(StopRun("The calls of today are used up.", "Run again after midnight.")),
    "drop": _raiser(Unanswered("No answer.")),
    "lose": _raiser(Unanswered("No answer.")),
    "bug": _raiser(KeyError("secret-in-the-error")),
    "bug_after": _raiser(KeyError("secret-in-the-error")),
    "kill": _raiser(Killed()),
    "kill_after": _raiser(Killed()),
}


class Hooks:
    """What a target for this receiving system supplies."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.protocol: WriteProtocol | None = None
        self.prepared: list[SalesInvoice] = []
        self.unknown_customers: set[str] = set()

    def prepare(self, document: SalesInvoice) -> Prepared:
        """Find the customer."""
        self.prepared.append(document)
        if document.customer.id in self.unknown_customers:
            problem = Problem(field="customer", value=document.customer.id, message="no account")
            raise DocumentFailed([problem], "Create the account.")
        return Prepared(customer_id=f"customer-{document.customer.id}")

    def steps(self, document: SalesInvoice, prepared: Prepared) -> Sequence[Step]:
        """Create it, and print it when it is definitive."""
        create = Step(
            name="create",
            find=lambda _: self.find(document, prepared),
            write=lambda _: self.remote.create(document),
        )
        to_paper = Step(
            name="print",
            find=lambda done: self.remote.printed(done["create"]),
            write=lambda done: self.remote.print(done["create"]),
        )
        return [create, to_paper] if document.definitive else [create]

    def find(self, document: SalesInvoice, prepared: Prepared) -> Receipt | None:
        """Look a document up by its reference."""
        assert self.protocol is not None
        candidates = self.remote.by_reference(document.reference)
        return self.protocol.adoption.match(document, prepared.customer_id, candidates)

    def web_url(self, document: SalesInvoice, partner_key: str | None, receipt: Receipt) -> str | None:
        """Return a link with the keys of both."""
        return f"https://remote.example/{partner_key}/{receipt.id}" if document.number else None

    def scan(self) -> Iterable[Found]:
        """Read all there is."""
        self.remote.calls["scan"] += 1
        return [held.found for held in self.remote.held.values()]


class WithCustomer(Hooks):
    """Hooks that create the customer first."""

    def __init__(self, remote: Remote) -> None:
        super().__init__(remote)
        self.accounts: list[Receipt] = []

    @override
    def steps(self, document: SalesInvoice, prepared: Prepared) -> Sequence[Step]:
        def write_customer(_: Receipts) -> Receipt:
            self.accounts.append(Receipt(id="account-1"))
            return self.accounts[0]

        def write(done: Receipts) -> Receipt:
            assert done["customer"].id == "account-1"
            return self.remote.create(document)

        return [
            Step(
                name="customer",
                find=lambda _: next(iter(self.accounts), None),
                write=write_customer,
                precedes=True,
            ),
            Step(name="create", find=lambda _: self.find(document, prepared), write=write),
        ]


def protocol_for(
    ledger: Ledger, remote: Remote, hooks: Hooks | None = None, *, administration: str = ADMINISTRATION
) -> WriteProtocol:
    """Return the protocol of a new run."""
    hooks = hooks or Hooks(remote)
    hooks.protocol = WriteProtocol(ledger, ledger.runs.begin(administration, "target-fake"), KIND, hooks)
    return hooks.protocol


def row(ledger: Ledger, document: SalesInvoice) -> Transfer:
    """Return the transfer of a document, as the ledger has it."""
    found = ledger.transfer(key_of(ADMINISTRATION, KIND, document.source))
    assert found is not None
    return found


def history(ledger: Ledger) -> list[str]:
    """Return what happened, oldest first."""
    with ledger.engine.connect() as connection:
        return list(connection.execute(sa.select(events.c.event).order_by(events.c.id)).scalars())


def bury(ledger: Ledger) -> None:
    """Let the processes of all runs be dead."""
    with ledger.engine.begin() as connection:
        connection.execute(sa.update(runs).values(process_started=0.0))


def die_while(ledger: Ledger, remote: Remote, document: SalesInvoice, how: str) -> None:
    """Let a run be killed around the write of a document."""
    remote.script.append(how)
    with pytest.raises(Killed):
        protocol_for(ledger, remote).offer(document)
    bury(ledger)


def record(document: SalesInvoice) -> dict[str, Any]:
    """Return the Singer message of a document."""
    return {"type": "RECORD", "stream": KIND, "record": documents.encode(document)}
