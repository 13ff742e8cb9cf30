"""The protocol for accounts and companies: find the link, merge field by field, write what differs, remember it.

A party without a link waits until all are known. Then a certain single candidate is linked where the setting allows
it, other candidates are proposed to a person, and only where nobody could be the same party one is created.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from typing_extensions import override

from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Ambiguous, DocumentFailed, Taken
from transfer_ledger.links.parties import link
from transfer_ledger.links.review import review
from transfer_ledger.merge import merge, told
from transfer_ledger.outcomes import Outcome, outcome_of, settings_advice
from transfer_ledger.parties import telling
from transfer_ledger.parties.book import CREATED
from transfer_ledger.parties.candidates import Whose, by_source, compared, described, offered_parties
from transfer_ledger.parties.held import as_row, kept
from transfer_ledger.receipts import Receipt
from transfer_ledger.updating import WAITING, Change, Updating

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence

    from transfer_ledger.documents import Document, Party, Source
    from transfer_ledger.ledger import Ledger, Run
    from transfer_ledger.links.parties import Party as PartyOfLink
    from transfer_ledger.links.propose import Candidate
    from transfer_ledger.merge import Merge
    from transfer_ledger.parties.book import LinkBook, Linked
    from transfer_ledger.parties.held import Held
    from transfer_ledger.transfers import Transfer
    from transfer_ledger.updating import ReadBack

logger = logging.getLogger(__name__)

CREATE = "create"
"""The name of the step that creates a party."""
OTHER_WAY = {"accounts": "companies", "companies": "accounts"}
"""Kind of document to the kind of the job of the other direction."""
IN_THE_AIR = ("pending", "sending", "unknown")
"""States of a transfer that may have created a party without a link yet."""


class PartyHooks(Protocol):
    """What a target supplies; see ``transfer_ledger.parties.sink.PartySink``."""

    def held(self) -> MutableMapping[str, Held]:
        """Return all parties of the administration by their keys."""

    def check(self, document: Any, held: Held | None, changes: Mapping[str, Any]) -> None:
        """Check what is about to be written."""

    def find(self, document: Any) -> Sequence[Held]:
        """Ask for what an unanswered create may have made."""

    def create(self, document: Any) -> Held:
        """Create a party with one call."""

    def update(self, document: Any, held: Held, changes: Mapping[str, Any]) -> Held:
        """Write changes to a party."""

    def book(self, source: Source) -> LinkBook:
        """Return the links of the side a document comes from."""


class Linking(NamedTuple):
    """What is decided about links without a person.

    Args:
        certain: Whether a certain single candidate is linked.
        alike: From which score on a candidate keeps a party from being created.
    """

    certain: bool = False
    alike: float = 0.0


class PartyProtocol(Updating):
    """Keeps parties of one kind in step with one administration.

    Args:
        ledger: As for every protocol, like ``run``, ``kind`` and ``outlast``.
        run: Of the target.
        kind: Of document.
        parties: What the target supplies.
        linking: What is decided without a person.
        outlast: Lets the time pass in which an unanswered write may arrive.
        read_back: Says what was not kept, where the receiver takes changes without keeping them.
    """

    def __init__(
        self,
        ledger: Ledger,
        run: Run,
        kind: str,
        parties: PartyHooks,
        outlast: Callable[[Transfer], bool] = lambda _: False,
        *,
        read_back: ReadBack | None = None,
        linking: Linking | None = None,
    ) -> None:
        super().__init__(ledger, run, kind, outlast, read_back)
        self.parties = parties
        self.linking = linking or Linking()
        self._waiting: dict[tuple[str, str], dict[str, Party]] = {}
        self._books: dict[tuple[str, str], LinkBook] = {}
        self._held: MutableMapping[str, Held] | None = None

    @property
    def held(self) -> MutableMapping[str, Held]:
        """All parties of the administration by their keys, read once; what is written is noted here."""
        if self._held is None:
            self._held = self.parties.held()
        return self._held

    def offer(self, document: Any) -> Outcome:
        """Bring one document as far as it gets; one without a link waits for the end."""
        return self._offer(document, self._bring)

    @override
    def decided(self, *, at_the_end: bool = False) -> Iterator[tuple[Document, Outcome]]:
        if at_the_end:
            yield from self._unlinked()
        yield from super().decided(at_the_end=at_the_end)

    def _unlinked(self) -> Iterator[tuple[Party, Outcome]]:
        """Yield what becomes of those that waited until all were known, one by one."""
        waiting, self._waiting = self._waiting, {}
        for documents in waiting.values():
            book = self._book(next(iter(documents.values())).source)
            book.refresh()
            found = self._candidates(book, documents)
            for document in documents.values():
                work = _Unlinked(self, book, found.get(document.source.id, ()))
                yield document, self._offer(document, work)

    def _bring(self, transfer: Transfer, document: Any) -> Outcome:
        book = self._book(document.source)
        linked = book.of(document.source.id) or self._created_before(transfer, document, book)
        if document.deleted:
            return self._gone_at_the_source(transfer, document, linked)
        if document.skip:
            return self._skip(transfer, document, document.skip)
        if document.problems:
            raise DocumentFailed(document.problems, settings_advice(document.problems))
        if linked is None:
            return self._wait(transfer, document)
        return self.keep(transfer, document, book, linked)

    def keep(self, transfer: Transfer, document: Party, book: LinkBook, linked: Linked) -> Outcome:
        """Merge what a document says into the party it is linked to.

        Until the first time that both agree, all of a party that was made from the other is the other's.
        """
        held, made_now = self._held_of(document, linked), linked.made_by == book.end
        won_by = document.fields_won_by
        if linked.made_by is not None:
            won_by = dict.fromkeys(won_by, "source" if made_now else "receiver")
        merged = merge(linked.base, told(document), held.values, won_by, document.own)
        if merged.changes:
            self.parties.check(document, held, merged.changes)
        change = Change(
            receipt=Receipt(id=held.id, number=held.code, url=held.url, problems=telling.questions(merged.conflicts)),
            says="; ".join(filter(None, ["created" if made_now else "", telling.says(merged, held.values)])),
            write=(lambda: self._update(document, held, merged)) if merged.changes else None,
            wrote=made_now,
        )
        return self._apply(transfer, document, change, lambda: self._agreed(document, book, linked, merged))

    def create(self, transfer: Transfer, document: Party, book: LinkBook) -> Outcome:
        """Create a party, link it, and write what its creation could not carry."""
        self.parties.check(document, None, told(document))
        self._begin(transfer, CREATE, document)
        held = self.parties.create(document)
        self._unanswered = 0
        self._note_created(transfer, held)
        linked = self.confirm(document, held, book, [CREATED[book.end]])
        return self.keep(transfer, document, book, linked)

    def confirm(self, document: Party, held: Held, book: LinkBook, reasons: Sequence[str]) -> Linked:
        """Link a document's party with one of the receiver."""
        ours, theirs = described(document), held.party
        company, account = (ours, theirs) if book.end == "company" else (theirs, ours)
        book.confirm(company, account, reasons)
        linked = book.of(document.source.id)
        assert linked is not None
        logger.info("%s is linked with %s: %s.", ours.title, theirs.title, ", ".join(reasons))
        return linked

    def expect(self, receiver_id: str) -> None:
        """Leave a document to the next run whose party is newer than what this run read.

        Raises:
            Taken: it is.
        """
        if receiver_id not in self.held:
            message = f"Its party {receiver_id} came to be while this run was at work."
            raise Taken(message, "It is offered again on the next run.")

    def _update(self, document: Party, held: Held, merged: Merge) -> None:
        self.held[held.id] = self.parties.update(document, held, merged.changes)

    def _agreed(self, document: Party, book: LinkBook, linked: Linked, merged: Merge) -> None:
        """Remember what the two agree on; where that is new, say in one line what became of them."""
        ours, theirs = described(document), self.held[linked.receiver_id].party
        company, account = (ours, theirs) if book.end == "company" else (theirs, ours)
        if not book.agree(document.source.id, merged.base, link(company, account, "confirmed")):
            return
        said = [] if linked.made_by else list(telling.conflicts(merged, first=not linked.base))
        said += [change.message for change in review([linked.known], [company], [account])]
        if said:
            logger.warning("%s: %s.", theirs.title, "; ".join(said))

    def _held_of(self, document: Party, linked: Linked) -> Held:
        held = self.held.get(linked.receiver_id)
        if held is not None:
            return held
        known = linked.known
        code, name = (
            (known.account_code, known.account_name)
            if known.account_id == linked.receiver_id
            else (known.company_code, known.company_name)
        )
        was = " ".join(filter(None, (code, name))) or linked.receiver_id
        message = f"{described(document).title} is linked to {was}, which was deleted there, or merged into another"
        heirs = [held.title for held in self.held.values() if _same_number(document, held)]
        perhaps = f" It may be {telling.listed(heirs)} now." if heirs else ""
        raise DocumentFailed(
            [Problem(field="source.id", value=document.source.id, message=message)],
            f"End the link with `transfers links end {known.company_id}`, and link it anew.{perhaps}",
        )

    def _created_before(self, transfer: Transfer, document: Party, book: LinkBook) -> Linked | None:
        """Link what an earlier run created for this document and had no time to link, or whose answer was lost."""
        if transfer.step != CREATE:
            return None
        if transfer.receipt is None and transfer.state in {"unknown", "sent"}:
            self._ask(transfer, document, book)
        if transfer.receipt is None:
            transfer.step = None  # it was refused; who is there now is somebody that a person made
            return None
        held = self.held.get(transfer.receipt.id)
        return None if held is None else self.confirm(document, held, book, [CREATED[book.end]])

    def _ask(self, transfer: Transfer, document: Party, book: LinkBook) -> None:
        """Ask for the party whose creation was not answered; one that is linked already is another.

        Raises:
            Ambiguous: several could be it.
        """
        sent = transfer.stored() or document
        found = self._free(sent, book)
        if not found and self.outlast(transfer):
            found = self._free(sent, book)
        if len(found) > 1:
            names = [held.title for held in found]
            message = f"Several parties may have been created from {described(document).title}: {telling.listed(names)}"
            problem = Problem(field="source.id", value=document.source.id, message=message)
            raise Ambiguous([problem], "Link the right one with `transfers links confirm`.", candidates=names)
        if found:
            self._note_created(transfer, found[0])
        else:
            transfer.state = "pending"

    def _free(self, sent: Document, book: LinkBook) -> list[Held]:
        return [held for held in self.parties.find(sent) if not book.leads_to(held.id)]

    def _note_created(self, transfer: Transfer, held: Held) -> None:
        self.held[held.id] = held
        copy = kept(self.ledger, self.administration)
        copy.apply([as_row(held)], (), copy.stamp())
        transfer.receipt = Receipt(id=held.id, number=held.code, url=held.url)
        transfer.steps, transfer.state = {CREATE: transfer.receipt}, "pending"
        self.ledger.save(transfer, self.run, durable=True)

    def _gone_at_the_source(self, transfer: Transfer, document: Party, linked: Linked | None) -> Outcome:
        """Leave a linked party alone whose source was deleted, and tell a person once."""
        if linked is None or linked.receiver_id not in self.held:
            return self._skip(transfer, document, document.skip or "It was deleted.")
        held = self.held[linked.receiver_id]
        message = (
            f"{held.title} is linked to a record that was deleted in {document.source.system}; it was left as it is"
        )
        problem = Problem(field="deleted", value=document.source.id, message=message)
        receipt = Receipt(id=held.id, number=held.code, url=held.url, problems=[problem])
        return self._apply(transfer, document, Change(receipt=receipt))

    def _wait(self, transfer: Transfer, document: Party) -> Outcome:
        """Put a party off until all are known; its row is written, so that a run that ends now offers it again."""
        transfer.state, transfer.reason = "pending", "It has no link yet."
        self.ledger.save(transfer, self.run, document=document)
        whose = (document.source.system, document.source.tenant)
        self._waiting.setdefault(whose, {})[document.source.id] = document
        return outcome_of(transfer, WAITING)

    def _candidates(self, book: LinkBook, documents: Mapping[str, Party]) -> Mapping[str, Sequence[Candidate]]:
        """Compare all there are, and keep what a person must decide as proposals."""
        one = next(iter(documents.values())).source
        whose = Whose(self.administration, self.kind, one.system, one.tenant)
        ours = {each.id: each for each in offered_parties(self.ledger.engine, whose)}
        ours |= {key: described(document) for key, document in documents.items()}  # a dry run wrote none of them
        theirs = self._made_by_others(one) | {key: held.party for key, held in self.held.items()}
        proposals = compared(book, ours.values(), theirs.values())
        book.propose(
            (candidate.company, candidate.account, candidate.reasons)
            for proposal in proposals.companies
            for candidate in proposal.candidates
            if not (self.linking.certain and candidate.certain)
        )
        return by_source(book, proposals)

    def _made_by_others(self, source: Source) -> dict[str, PartyOfLink]:
        """Return the parties from which the job of the other direction is making some, or may have made them.

        What this run read of the receiver may be older than they are.
        """
        system, _, tenant = self.administration.partition("/")
        whose = Whose(f"{source.system}/{source.tenant}", OTHER_WAY[self.kind], system, tenant)
        return {each.id: each for each in offered_parties(self.ledger.engine, whose, IN_THE_AIR)}

    def _book(self, source: Source) -> LinkBook:
        whose = (source.system, source.tenant)
        if whose not in self._books:
            self._books[whose] = self.parties.book(source)
        return self._books[whose]


class _Unlinked:
    """What is done with a party that nobody is linked to, once all are known."""

    def __init__(self, protocol: PartyProtocol, book: LinkBook, candidates: Sequence[Candidate]) -> None:
        self.protocol, self.book, self.candidates = protocol, book, candidates

    def __call__(self, transfer: Transfer, document: Party) -> Outcome:
        """Link it, propose, create it, or say why not.

        Raises:
            Taken: it was linked a moment ago with a party that this run does not know.
        """
        protocol, book = self.protocol, self.book
        linked = book.look(document.source.id)
        if linked is not None:
            protocol.expect(linked.receiver_id)
            return protocol.keep(transfer, document, book, linked)
        certain = next((each for each in self.candidates if each.certain and not _ended(book, each)), None)
        if certain is not None and protocol.linking.certain:
            theirs = certain.account if book.end == "company" else certain.company
            protocol.expect(theirs.id)
            linked = protocol.confirm(document, protocol.held[theirs.id], book, certain.reasons)
            return protocol.keep(transfer, document, book, linked)
        if book.may_be_new(document.source.id):
            return protocol.create(transfer, document, book)
        if any(each.score >= protocol.linking.alike for each in self.candidates):
            raise self._several(document)
        if document.when_missing == "create":
            return protocol.create(transfer, document, book)
        raise self._nobody(document)

    def _several(self, document: Party) -> Ambiguous:
        names = telling.named(self.candidates, self.book.end)
        message = f"{described(document).title} is not linked; it may be {telling.listed(names)}"
        problem = Problem(field="source.id", value=document.source.id, message=message)
        return Ambiguous([problem], "Confirm or reject with `transfers links`, or on the page.", candidates=names)

    def _nobody(self, document: Party) -> DocumentFailed:
        message = f"{described(document).title} is not linked, and nobody there is alike"
        advice = {
            "ask": f"Let it be created with `transfers links create {document.source.id}`, or set when_missing.",
            "fail": "Make it there by hand and link it, or set when_missing.",
        }[document.when_missing]
        setting = document.rules.get("when_missing", "when_missing")
        problem = Problem(field="source.id", value=document.source.id, message=message, setting=setting, advice=advice)
        return DocumentFailed([problem], advice)


def _ended(book: LinkBook, candidate: Candidate) -> bool:
    return book.was_ended(candidate.company.id, candidate.account.id)


def _same_number(document: Party, held: Held) -> bool:
    ours, theirs = document.vat_number, held.values.get("vat_number")
    return bool(ours and theirs and ours == theirs)
