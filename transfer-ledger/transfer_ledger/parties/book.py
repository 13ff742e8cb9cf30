"""The links of one tenant of Autotask with one administration of Exact, seen from the end a document comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from transfer_ledger.links.parties import KnownLink, link
from transfer_ledger.links.store import ACCOUNTS, Link, LinkStore
from transfer_ledger.merge import turned

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transfer_ledger.ledger import Ledger
    from transfer_ledger.links.parties import LinkState, Party

AUTOTASK = "autotask"
End = Literal["company", "account"]
CREATED: dict[End, str] = {
    "company": "the account was created from the company",
    "account": "the company was created from the account",
}
"""Why two are the same of which our side made one from the other."""


class Linked(NamedTuple):
    """The link of a document's source.

    Args:
        known: Who is who.
        receiver_id: The key of the receiver's party.
        base: What both sides agreed on, seen from the document; empty until they did for the first time.
        made_by: The end whose party the other was made from, while that has not been carried over to its end.
    """

    known: KnownLink
    receiver_id: str
    base: dict[str, dict[str, Any]]
    made_by: End | None = None


class LinkBook:
    """Reads and writes links whichever end documents come from.

    Args:
        ledger: Keeps them.
        tenant: Of Autotask.
        administration: Of Exact, as the ledger keeps it: ``exact_online/1234567``.
        end: What documents of this run are made of.
    """

    def __init__(self, ledger: Ledger, tenant: str, administration: str, end: End) -> None:
        self.tenant, self.administration, self.end = tenant, administration, end
        self.store = LinkStore(ledger.engine, administration, ACCOUNTS, ledger.clock)
        self._links: dict[tuple[str, str], Link] = {}
        self._confirmed: dict[str, Link] = {}
        self.refresh()

    def refresh(self) -> None:
        """Read all links again: people and the job of the other direction write them too."""
        self._links, self._confirmed = {}, {}
        self._remember(self.store.all(source_system=AUTOTASK, source_tenant=self.tenant))

    def of(self, source_id: str) -> Linked | None:
        """Return the confirmed link of a record of the documents' side."""
        found = self._confirmed.get(source_id)
        if found is None:
            return None
        made_by = None if found.base else next((end for end, why in CREATED.items() if found.reasons == [why]), None)
        if self.end == "company":
            return Linked(known_link(found), found.receiver_id, found.base, made_by)
        return Linked(known_link(found), found.source_id, turned(found.base), made_by)

    def look(self, source_id: str) -> Linked | None:
        """Return the confirmed link as it is in the ledger at this moment."""
        at = {"source_id" if self.end == "company" else "receiver_id": source_id}
        self._remember(
            self.store.all(states=["confirmed", "new"], source_system=AUTOTASK, source_tenant=self.tenant, **at)
        )
        return self.of(source_id)

    def known(self) -> list[KnownLink]:
        """Return all links that concern who is who."""
        return [known_link(each) for each in self._links.values() if each.state in {"confirmed", "proposed", "refused"}]

    def leads_to(self, receiver_id: str) -> bool:
        """Whether a party of the receiver is linked."""
        linked = self._confirmed.values()
        return any(receiver_id == (link.receiver_id if self.end == "company" else link.source_id) for link in linked)

    def may_be_new(self, source_id: str) -> bool:
        """Whether a person said that no party of the receiver is this one."""
        return any(
            each.state == "new" and source_id in (each.source_id, each.receiver_id) for each in self._links.values()
        )

    def was_ended(self, company_id: str, account_id: str) -> bool:
        """Whether a person said that the link of these two was wrong; then only a person links them again."""
        found = self._links.get((company_id, account_id))
        return found is not None and found.state == "ended"

    def confirm(self, company: Party, account: Party, reasons: Sequence[str]) -> None:
        """Write down that two are the same.

        Raises:
            DocumentFailed: one of them was linked with another meanwhile.
        """
        confirmed = made(self.tenant, company, account, "confirmed", reasons)
        self.store.save([confirmed])
        self._remember([confirmed])

    def propose(self, pairs: Iterable[tuple[Party, Party, Sequence[str]]]) -> None:
        """Put these pairs in the place of the proposals there were."""
        proposed = [made(self.tenant, company, account, "proposed", reasons) for company, account, reasons in pairs]
        self.store.propose(AUTOTASK, self.tenant, proposed)

    def agree(self, source_id: str, base: dict[str, dict[str, Any]], known: KnownLink) -> bool:
        """Remember what both sides agreed on, and how they are called now; whether any of it is new.

        A link that a person ended meanwhile stays ended.
        """
        found = self._confirmed[source_id]
        names = {
            "source_code": known.company_code,
            "source_name": known.company_name,
            "receiver_code": known.account_code,
            "receiver_name": known.account_name,
        }
        base = base if self.end == "company" else turned(base)
        if base == found.base and all(getattr(found, name) == value for name, value in names.items()):
            return False
        agreed = _changed(found, names | {"base": base})
        if self.store.agree(agreed):
            self._remember([agreed])
        return True

    def _remember(self, links: Iterable[Link]) -> None:
        for each in links:
            self._links[each.source_id, each.receiver_id] = each
            if each.state == "confirmed":
                self._confirmed[each.source_id if self.end == "company" else each.receiver_id] = each


def made(tenant: str, company: Party, account: Party, state: LinkState, reasons: Sequence[str]) -> Link:
    """Return the link of two parties, with how both look today."""
    return stored(tenant, link(company, account, state), reasons)


def stored(tenant: str, known: KnownLink, reasons: Sequence[str]) -> Link:
    """Return a known link as the ledger keeps it."""
    return Link(
        kind=ACCOUNTS,
        source_system=AUTOTASK,
        source_tenant=tenant,
        source_id=known.company_id,
        receiver_id=known.account_id,
        source_code=known.company_code,
        source_name=known.company_name,
        receiver_code=known.account_code,
        receiver_name=known.account_name,
        state=known.state,
        reasons=list(reasons),
    )


def known_link(found: Link) -> KnownLink:
    """Return what a link of the ledger says of who is who."""
    state: Any = found.state
    return KnownLink(
        company_id=found.source_id,
        account_id=found.receiver_id,
        state=state,
        company_code=found.source_code,
        company_name=found.source_name,
        account_code=found.receiver_code,
        account_name=found.receiver_name,
    )


def _changed(found: Link, values: dict[str, Any]) -> Link:
    return Link(**{name: getattr(found, name) for name in Link.__struct_fields__} | values)
