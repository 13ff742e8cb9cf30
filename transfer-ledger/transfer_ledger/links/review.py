"""What became of the parties of existing links. It is reported; nobody is linked anew by it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from transfer_ledger.links import names
from transfer_ledger.links.normal import normalise
from transfer_ledger.links.rules import LABELS, contradictions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from transfer_ledger.links.normal import Normal
    from transfer_ledger.links.parties import KnownLink, Party

System = Literal["Autotask", "Exact"]
Kind = Literal["deleted", "absent", "merged", "deactivated", "renamed", "renumbered", "shared", "contradiction"]

KINDS: dict[Kind, str] = {
    "deleted": "The system says that it was deleted.",
    "absent": "It was not among what was read.",
    "merged": "It is gone, and another party has the numbers of its partner: perhaps they were merged.",
    "deactivated": "It is not active any more.",
    "renamed": "Its name is another one than when it was linked.",
    "renumbered": "Its code is another one than when it was linked.",
    "shared": "More than one link leads to it.",
    "contradiction": "What both systems say of the pair cannot be true of one party.",
}
"""What can happen to a linked pair."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to one side of a link, or to the pair."""

    link: KnownLink
    kind: Kind
    message: str
    system: System | None = None
    """Where; None when it concerns both."""
    successors: tuple[Party, ...] = ()
    """Parties of the same system that may stand in for it now; a person decides."""


class _Side(NamedTuple):
    """One of the two lists, and what the links remember of it."""

    system: System
    what: str
    normals: dict[str, Normal]
    deleted: frozenset[str]
    crowd: Counter[str]
    """How many links lead to an id."""


class _End(NamedTuple):
    """One end of one link: the party as it is now, if it is there, and as it was remembered."""

    party_id: str
    now: Normal | None
    partner: Normal | None
    code: str | None
    name: str | None


def review(
    links: Iterable[KnownLink],
    companies: Iterable[Party],
    accounts: Iterable[Party],
    deleted_companies: Collection[str] = (),
    deleted_accounts: Collection[str] = (),
) -> list[Change]:
    """Return what happened to the parties of confirmed links, in the order of the links' ids.

    Args:
        links: Existing links; those that are not confirmed are passed over.
        companies: All companies there are, inactive ones too.
        accounts: All accounts there are, inactive ones too.
        deleted_companies: Ids that Autotask reported as deleted.
        deleted_accounts: Ids that Exact reported as deleted.
    """
    confirmed = sorted(
        (link for link in links if link.state == "confirmed"), key=lambda link: (link.company_id, link.account_id)
    )
    ours = _side("Autotask", "company", companies, deleted_companies, [link.company_id for link in confirmed])
    theirs = _side("Exact", "account", accounts, deleted_accounts, [link.account_id for link in confirmed])
    return [change for link in confirmed for change in _changes(link, ours, theirs)]


def _side(
    system: System, what: str, parties: Iterable[Party], deleted: Collection[str], linked: Sequence[str]
) -> _Side:
    return _Side(system, what, {each.id: normalise(each) for each in parties}, frozenset(deleted), Counter(linked))


def _changes(link: KnownLink, ours: _Side, theirs: _Side) -> Iterator[Change]:
    company, account = ours.normals.get(link.company_id), theirs.normals.get(link.account_id)
    yield from _end_changes(link, ours, _End(link.company_id, company, account, link.company_code, link.company_name))
    yield from _end_changes(link, theirs, _End(link.account_id, account, company, link.account_code, link.account_name))
    for message in contradictions(company, account) if company and account else ():
        yield Change(link=link, kind="contradiction", message=message)


def _end_changes(link: KnownLink, side: _Side, end: _End) -> Iterator[Change]:
    """Say what happened to one end."""
    if end.now is None:
        yield _gone(link, side, end)
    else:
        for kind, message in _differences(side.what, end.now, end):
            heirs = tuple(_successors(side, end)) if kind == "deactivated" else ()
            yield Change(link=link, kind=kind, message=message + _named(heirs), system=side.system, successors=heirs)
    if side.crowd[end.party_id] > 1:
        message = f"{side.crowd[end.party_id]} links lead to {side.what} {_title(end)}"
        yield Change(link=link, kind="shared", message=message, system=side.system)


def _gone(link: KnownLink, side: _Side, end: _End) -> Change:
    deleted = end.party_id in side.deleted
    heirs = tuple(_successors(side, end))
    message = f"{side.what} {_title(end)} {'was deleted' if deleted else 'was not found'} in {side.system}"
    kind: Kind = "merged" if heirs else "deleted" if deleted else "absent"
    return Change(link=link, kind=kind, message=message + _named(heirs), system=side.system, successors=heirs)


def _differences(what: str, now: Normal, end: _End) -> Iterator[tuple[Kind, str]]:
    if not now.party.active:
        yield "deactivated", f"{what} {now.party.title} is not active any more"
    old_code, new_code = (end.code or "").strip(), (now.party.code or "").strip()
    if old_code and old_code != new_code:
        yield "renumbered", f"{what} {end.name or end.party_id} had code {old_code}, now {new_code or 'none'}"
    if end.name and _renamed(names.name(end.name), now.name):
        yield "renamed", f'{what} "{end.name}" is called "{now.party.name or ""}" now'


def _renamed(old: names.Name, new: names.Name) -> bool:
    """Tell whether more than capitals, punctuation or the spelling of the legal form changed."""
    return "".join(old.words) != "".join(new.words) or old.forms != new.forms or old.group != new.group


def _successors(side: _Side, end: _End) -> Iterator[Party]:
    """Yield the active parties of this side that have a valid number of the partner, by id."""
    held = {kind: number for kind, number in end.partner.numbers.items() if number.valid} if end.partner else {}
    for party_id, normal in sorted(side.normals.items()):
        same = any(normal.numbers.get(kind) == number for kind, number in held.items())
        if same and normal.party.active and party_id != end.party_id:
            yield normal.party


def _named(heirs: Sequence[Party]) -> str:
    if not heirs:
        return ""
    *labels, last = LABELS.values()
    titles = ", ".join(heir.title for heir in heirs)
    return f"; the partner's {', '.join(labels)} or {last} is now that of {titles}"


def _title(end: _End) -> str:
    if end.now:
        return end.now.party.title
    return " ".join(text.strip() for text in (end.code, end.name) if text) or end.party_id
