"""A receiving system that holds parties in memory, and may lose an answer; hooks of ``PartyProtocol`` over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transfer_ledger.documents import Account, Address, Company, Problem, Source
from transfer_ledger.exceptions import DocumentFailed, Unanswered
from transfer_ledger.merge import told
from transfer_ledger.parties.book import LinkBook
from transfer_ledger.parties.held import Held
from transfer_ledger.parties.protocol import Linking, PartyProtocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transfer_ledger.documents import Party
    from transfer_ledger.ledger import Ledger
    from transfer_ledger.outcomes import Outcome

EXACT, TENANT = "exact_online/1234567", "123456"
WRITTEN = ("code", "name", "vat_number", "phone", "address")


def account(number: int = 1, **changes: Any) -> Account:
    """Return the account that a company of Autotask becomes."""
    fields: dict[str, Any] = {
        "source": Source(system="autotask", tenant=TENANT, stream="expanded_companies", id=str(number)),
        "code": f"D{number:05}",
        "name": f"{TRADES[number % 6]} {NAMES[number % 6]} B.V.",
        "vat_number": VAT_NUMBERS[number % len(VAT_NUMBERS)],
        "phone": f"0{number + 31} 555 {number * 1111:04}",
        "address": Address(line1=f"{STREETS[number % 6]} {number + 7}", city=TOWNS[number % 6], country="NL"),
        "status": ["customer"],
        "fields_won_by": dict.fromkeys(WRITTEN, "source"),
        "when_missing": "create",
    }
    return Account(**fields | changes)


STREETS = ("Keizersgracht", "Dorpsstraat", "Zeeweg", "Havenkade", "Lange Nieuwstraat", "Biltstraat")
TOWNS = ("Amsterdam", "Emmen", "Goes", "Roermond", "Hoorn", "Tiel")
NAMES = ("De Korenaar", "Van Vliet", "Zonneschijn", "Oud Delft", "Het Stoepje", "Nijenhuis")
TRADES = ("Bakkerij", "Bakkerij", "Staalbouw", "Notariaat", "Rederij", "Drukkerij")
VAT_NUMBERS = ("NL001234567B01", "NL004495445B01", "NL009999990B01", None)


def company(of: Held, **changes: Any) -> Company:
    """Return the company that an account becomes, as the account is now."""
    fields: dict[str, Any] = {
        "source": Source(system="exact_online", tenant="1234567", stream="expanded_accounts", id=of.id),
        **{name: value for name, value in of.values.items() if name != "address"},
        "address": Address(**of.values["address"]),
        "fields_won_by": dict.fromkeys(WRITTEN, "source"),
        "when_missing": "create",
    }
    return Company(**fields | changes)


class Receiver:
    """Parties by their keys; ``script`` says how the next writes go.

    take, refuse, lose (it never arrives), lie (it arrives, its answer does not), and kill or die: the run ends before
    or after it.
    """

    def __init__(self, name: str = "guid") -> None:
        self.name = name
        self.rows: dict[str, Held] = {}
        self.script: list[str] = []
        self.writes: list[str] = []
        self.checks: list[str] = []

    def put(self, party: Party, row_id: str = "", **changes: Any) -> Held:
        """Hold a party without counting a write."""
        values = {name: value for name, value in told(party).items() if name in WRITTEN} | changes
        key = row_id or f"{self.name}-{len(self.rows) + 1}"
        self.rows[key] = Held(id=key, code=values.get("code"), name=values.get("name"), values=values)
        return self.rows[key]

    def went(self, what: str) -> bool:
        """Note a write; whether it was carried out.

        Raises:
            DocumentFailed: it was refused.
        """
        self.writes.append(what)
        how = self.script[0] if self.script else "take"
        if how == "refuse":
            self.script.pop(0)
            raise DocumentFailed([Problem(field="code", value="", message="In gebruik: Code")], "Choose another.")
        if how == "kill":
            self.script.pop(0)
            raise KeyboardInterrupt
        return how != "lose"

    def answered(self) -> None:
        """Answer, or not.

        Raises:
            Unanswered: the script says so.
        """
        how = self.script.pop(0) if self.script else "take"
        if how in {"lose", "lie"}:
            raise Unanswered("No answer came.")
        if how == "die":
            raise KeyboardInterrupt


class Parties:
    """Hooks for one direction."""

    def __init__(self, ledger: Ledger, receiver: Receiver, end: Any = "company") -> None:
        self.ledger, self.receiver, self.end = ledger, receiver, end

    def held(self) -> dict[str, Held]:
        """Return a copy of all there is."""
        return dict(self.receiver.rows)

    def check(self, document: Any, _: Held | None, changes: Mapping[str, Any]) -> None:
        """Refuse a code that is too long."""
        self.receiver.checks.append(document.source.id)
        code = changes.get("code") or ""
        if len(code) > 18:
            raise DocumentFailed([Problem(field="code", value=code, message=f"{code} is longer than 18")])

    def find(self, document: Any) -> Sequence[Held]:
        """Look for a party by its code."""
        return [held for held in self.receiver.rows.values() if held.code == document.code]

    def create(self, document: Any) -> Held:
        """Create a party with all but its phone number."""
        held = None
        if self.receiver.went(f"create {document.code}"):
            held = self.receiver.put(document, phone=None)
        self.receiver.answered()
        assert held is not None
        return held

    def update(self, document: Any, held: Held, changes: Mapping[str, Any]) -> Held:
        """Write changes to a party."""
        if self.receiver.went(f"update {held.code}: {', '.join(sorted(changes))}"):
            self.receiver.put(document, held.id, **{**held.values, **changes})
        self.receiver.answered()
        return self.receiver.rows[held.id]

    def book(self, _: Source) -> LinkBook:
        """Return the links."""
        return LinkBook(self.ledger, TENANT, EXACT, self.end)


def run(ledger: Ledger, parties: Parties, *documents: Party, link_certain: bool = False) -> dict[str, Outcome]:
    """Offer documents in a run of their own; return the last outcome of each by the id of its source."""
    to_exact = parties.end == "company"
    administration, kind = (EXACT, "accounts") if to_exact else (f"autotask/{TENANT}", "companies")
    protocol = PartyProtocol(
        ledger, ledger.runs.begin(administration, "target-fake"), kind, parties, linking=Linking(link_certain)
    )
    try:
        outcomes = {document.source.id: protocol.offer(document) for document in documents}
        return outcomes | {document.source.id: outcome for document, outcome in protocol.decided(at_the_end=True)}
    except KeyboardInterrupt:
        ledger.runs.finish(protocol.run, {}, 1)  # a run of this process would count as alive
        raise
