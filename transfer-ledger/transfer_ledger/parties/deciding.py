"""What people decide about links, from what the ledger knows of both sides: nothing is asked over a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.exceptions import DocumentFailed, LedgerError
from transfer_ledger.links.decisions import Decision, Known, carry_out, known
from transfer_ledger.links.propose import propose
from transfer_ledger.links.review import Change, review
from transfer_ledger.links.store import ACCOUNTS, Link, LinkStore
from transfer_ledger.parties.book import AUTOTASK, known_link, made, stored
from transfer_ledger.parties.candidates import Whose, offered_parties
from transfer_ledger.parties.held import kept, kept_parties
from transfer_ledger.schema import links, transfers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transfer_ledger.ledger import Ledger
    from transfer_ledger.links.decisions import Verdict
    from transfer_ledger.links.parties import KnownLink, Party
    from transfer_ledger.links.propose import Proposals
    from transfer_ledger.people import Person

COMPANIES = "companies"


class Sides(NamedTuple):
    """A tenant of Autotask and an administration of Exact between which the ledger knows parties."""

    tenant: str
    administration: str


class NoParties(LedgerError):  # noqa: N818 - named by what is known
    """The ledger knows no parties, or those of several administrations among which one is to be named."""


class Office:
    """Decides about the links between two sides.

    Args:
        ledger: Keeps them.
        sides: Between which they are.
        person: Who decides, for the trail of actions.
    """

    def __init__(self, ledger: Ledger, sides: Sides, person: Person) -> None:
        self.ledger, self.sides, self.person = ledger, sides, person
        self.store = LinkStore(ledger.engine, sides.administration, ACCOUNTS, ledger.clock)

    @property
    def links(self) -> list[Link]:
        """All links there are."""
        return self.store.all(source_system=AUTOTASK, source_tenant=self.sides.tenant)

    @property
    def companies(self) -> dict[str, Party]:
        """The companies by their ids, as they were offered last, else as Autotask held them."""
        whose = Whose(self.sides.administration, ACCOUNTS, AUTOTASK, self.sides.tenant)
        offered = {party.id: party for party in offered_parties(self.ledger.engine, whose)}
        return self._held(self._receivers_in_autotask()) | offered

    @property
    def accounts(self) -> dict[str, Party]:
        """The accounts by their ids, as Exact held them last, else as they were offered."""
        system, _, tenant = self.sides.administration.partition("/")
        offered = {
            party.id: party
            for administration in self._receivers_in_autotask()
            for party in offered_parties(self.ledger.engine, Whose(administration, COMPANIES, system, tenant))
        }
        return offered | self._held([self.sides.administration])

    @property
    def known(self) -> Known:
        """What decisions are judged by."""
        return known(self.companies.values(), self.accounts.values(), self._known_links())

    def compare(self) -> Proposals:
        """Compare all that are not linked, as both sides are known now."""
        return propose(self.companies.values(), self.accounts.values(), self._known_links())

    def propose(self) -> Proposals:
        """Compare all that are not linked, and put the candidates in the place of earlier proposals."""
        found = self.compare()
        proposed = [
            made(self.sides.tenant, candidate.company, candidate.account, "proposed", candidate.reasons)
            for proposal in found.companies
            for candidate in proposal.candidates
        ]
        self.store.propose(AUTOTASK, self.sides.tenant, proposed)
        return found

    def decide(self, verdict: Verdict, company: str, account: str) -> list[Link]:
        """Confirm or reject one pair, named by ids or codes, and return what was written.

        Raises:
            DecisionsRefused: it cannot be.
            DocumentFailed: nobody is called so, or several are.
        """
        judged = self.known
        ours = _named(company, judged.companies.values(), "company")
        theirs = _named(account, judged.accounts.values(), "account")
        return self.write(carry_out([Decision(1, verdict, ours.id, theirs.id)], judged))

    def write(self, decided: Iterable[KnownLink]) -> list[Link]:
        """Write what was decided, all of it or nothing."""
        written = [stored(self.sides.tenant, each, [f"{each.state} by a person"]) for each in decided]
        self.store.save(written, self.person.name)
        return written

    def end(self, company: str) -> Link:
        """End the link of a company, named by its id or code.

        Raises:
            DocumentFailed: it has none.
        """
        wanted = company.strip().casefold()
        found = [
            link
            for link in self.links
            if link.state == "confirmed" and wanted in (link.source_id, (link.source_code or "").strip().casefold())
        ]
        if len(found) != 1:
            raise _unnamed(company, [f"{link.source_code} {link.source_name}" for link in found], "linked company")
        ended = msgspec.structs.replace(found[0], state="ended")
        self.store.save([ended], self.person.name)
        return ended

    def allow(self, party: str) -> Link:
        """Say that a company has no account yet, or an account no company, so that one may be created.

        Raises:
            DocumentFailed: nobody is called so, or several are.
        """
        judged = self.known
        named = _named(party, [*judged.companies.values(), *judged.accounts.values()], "company or account")
        is_company = named.id in judged.companies
        link = Link(
            kind=ACCOUNTS,
            source_system=AUTOTASK,
            source_tenant=self.sides.tenant,
            source_id=named.id if is_company else "",
            receiver_id="" if is_company else named.id,
            source_code=named.code if is_company else None,
            source_name=named.name if is_company else None,
            receiver_code=None if is_company else named.code,
            receiver_name=None if is_company else named.name,
            state="new",
            reasons=["said by a person"],
        )
        self.store.save([link], self.person.name)
        return link

    def review(self) -> list[Change]:
        """Return what became of the parties of links."""
        return review(self._known_links(), self.companies.values(), self.accounts.values())

    def _known_links(self) -> list[KnownLink]:
        return [known_link(link) for link in self.links if link.state in {"confirmed", "refused"}]

    def _held(self, administrations: Iterable[str]) -> dict[str, Party]:
        copies = (kept_parties(kept(self.ledger, each)) for each in administrations)
        return {key: held.party for copy in copies for key, held in copy.items()}

    def _receivers_in_autotask(self) -> list[str]:
        """Return the administrations of Autotask to which accounts of these books were offered."""
        system, _, tenant = self.sides.administration.partition("/")
        query = sa.select(transfers.c.administration).distinct()
        where = (
            transfers.c.kind == COMPANIES,
            transfers.c.source_system == system,
            transfers.c.source_tenant == tenant,
        )
        with self.ledger.engine.connect().execution_options(**READING) as connection:
            return list(connection.execute(query.where(*where)).scalars())


def all_sides(ledger: Ledger) -> list[Sides]:
    """Return all pairs of a tenant and an administration between which there are parties or links."""
    offered = sa.select(transfers.c.source_tenant, transfers.c.administration).where(transfers.c.kind == ACCOUNTS)
    linked = sa.select(links.c.source_tenant, links.c.administration).where(links.c.kind == ACCOUNTS)
    with ledger.engine.connect().execution_options(**READING) as connection:
        rows = connection.execute(sa.union(offered, linked)).all()
    return sorted(Sides(*row) for row in rows)


def the_sides(ledger: Ledger, administration: str | None) -> Sides:
    """Return the sides that are meant: the only ones, or those of an administration.

    Raises:
        NoParties: there are none, or several.
    """
    found = [each for each in all_sides(ledger) if administration in (None, each.administration)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NoParties("The ledger knows no companies and accounts yet.", "Run accounts-to-exact-online once.")
    listed = ", ".join(f"{each.administration} (tenant {each.tenant})" for each in found)
    raise NoParties(f"The ledger knows several administrations: {listed}.", "Choose one with --administration.")


def _named(name: str, parties: Iterable[Party], what: str) -> Party:
    """Return the one party with this id or code."""
    wanted = name.strip().casefold()
    parties = list(parties)
    found = [each for each in parties if each.id == name] or [
        each for each in parties if (each.code or "").strip().casefold() == wanted
    ]
    if len(found) != 1:
        raise _unnamed(name, [f"{each.title} ({each.id})" for each in found], what)
    return found[0]


def _unnamed(name: str, candidates: Sequence[str], what: str) -> DocumentFailed:
    message = f"Several are called {name}: {', '.join(candidates)}" if candidates else f"There is no {what} {name}"
    return DocumentFailed([], "Name it by its id, as `transfers links list` shows it.", message)
