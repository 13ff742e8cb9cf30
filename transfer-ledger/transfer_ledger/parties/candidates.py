"""Who the parties without a link may be, from all that the ledger knows of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.documents import STREAMS
from transfer_ledger.links.parties import Party, party
from transfer_ledger.links.propose import propose
from transfer_ledger.schema import STATES, transfers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Engine

    from transfer_ledger.documents import Party as PartyDocument
    from transfer_ledger.links.propose import Candidate, Proposals
    from transfer_ledger.parties.book import LinkBook


OFFERED = tuple(state for state in STATES if state != "skipped")
"""States of the transfers of parties that are to be in step."""


class Whose(NamedTuple):
    """Documents of one kind from one tenant of a system, to one administration."""

    administration: str
    kind: str
    system: str
    tenant: str


def compared(book: LinkBook, ours: Iterable[Party], theirs: Iterable[Party]) -> Proposals:
    """Compare the parties of the documents' side with those of the receiver."""
    companies, accounts = (ours, theirs) if book.end == "company" else (theirs, ours)
    return propose(companies, accounts, book.known())


def by_source(book: LinkBook, proposals: Proposals) -> Mapping[str, Sequence[Candidate]]:
    """Return the candidates of each party of the documents' side, the likeliest first."""
    found: dict[str, list[Candidate]] = {}
    for proposal in proposals.companies:
        for candidate in proposal.candidates:
            ours = candidate.company if book.end == "company" else candidate.account
            found.setdefault(ours.id, []).append(candidate)
    return {key: sorted(each, key=lambda candidate: -candidate.score) for key, each in found.items()}


def offered_parties(engine: Engine, whose: Whose, states: Collection[str] = OFFERED) -> Iterator[Party]:
    """Yield the parties that documents described when they were offered last, but for gone ones."""
    query = sa.select(transfers.c.source_id, transfers.c.document).where(
        transfers.c.administration == whose.administration,
        transfers.c.kind == whose.kind,
        transfers.c.source_system == whose.system,
        transfers.c.source_tenant == whose.tenant,
        transfers.c.document.is_not(None),
        transfers.c.state.in_(states),
    )
    with engine.connect().execution_options(**READING) as connection:
        for source_id, text in connection.execute(query):
            document: Any = msgspec.json.decode(text, type=STREAMS[whose.kind])
            if not document.deleted:
                yield described(document, source_id)


def described(document: PartyDocument, source_id: str | None = None) -> Party:
    """Return the party that a document describes."""
    return party(source_id or document.source.id, msgspec.to_builtins(document))
