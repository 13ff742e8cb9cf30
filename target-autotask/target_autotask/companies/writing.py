"""What is sent of a company and of its main contact, and how both are read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tap_autotask.exceptions import Refused
from target_autotask.client import stopping
from target_autotask.companies.fields import CONTACT, COUNTRY, REFERENCES, record
from target_autotask.entities import describe
from target_autotask.payloads import Change, body, changes, differences, missing
from target_autotask.rows import UDFS
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed
from transfer_ledger.records import RecordFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_autotask.client import Row
    from target_autotask.client import WritingClient
    from target_autotask.companies.fields import Reference
    from target_autotask.companies.lists import NameLists
    from target_autotask.entities import Entity
    from transfer_ledger.documents import Company
    from transfer_ledger.parties.held import Held

SHOWN = 12
"""Names of a list that a message shows."""


class Wanted(NamedTuple):
    """What is to be sent: fields of the company, and of its main contact (empty: nothing).

    ``contact_id`` is None where the company has no such contact, as far as is known.
    """

    company: list[Change]
    contact: list[Change]
    contact_id: int | None = None


class Written(NamedTuple):
    """What a company and its contact were sent, to be compared with what they hold."""

    company_id: int
    contact_id: int | None
    wanted: Wanted


class CompanyWriter:
    """Writes companies; the metadata of the tenant is read when the first is written."""

    def __init__(self, client: WritingClient, lists: NameLists, routes: Mapping[str, str]) -> None:
        self._client, self._lists, self._routes = client, lists, routes
        self._entities: dict[str, Entity] = {}

    def wanted(self, document: Company, held: Held | None, said: Mapping[str, Any]) -> Wanted:
        """Return what changes of a document come to.

        Raises:
            DocumentFailed: with everything that cannot be written.
        """
        problems: list[Problem] = []
        ids = dict(self._ids(said, problems))
        fields = record(said, ids)
        if held is None:
            fields["ownerResourceID"] = self._owner(document, problems)
        elif "currency" in said:
            message = (
                f"Autotask fixes the currency of a company when it is created; it cannot become {said['currency']}"
            )
            problems.append(Problem(field="currency", value=str(said["currency"]), message=message))
        company = self._changes("Companies", fields, held.extra["company"] if held else None, problems)
        person: dict[str, Any] = said.get("contact") or {}
        main = self._main(held, problems) if "contact" in said else None
        contact = self._contact(person, held, main, problems) if "contact" in said else []
        if problems:
            raise DocumentFailed(problems, "Correct it in Exact, or what the settings make of it.")
        stays = main is not None and (nobody(person) or same_person(person, main))
        return Wanted(company, contact, main["id"] if main and stays else None)

    def create(self, wanted: Sequence[Change]) -> int:
        """Create a company and return its id.

        Raises:
            DocumentFailed: Autotask refused it.
            Unanswered: no answer came.
        """
        entity = self._entity("Companies")
        try:
            with stopping():
                return self._client.create(entity.path(None), body(0, wanted))
        except Refused as refusal:
            lacking = ", ".join(missing(entity, wanted))
            raise _refused(refusal, f" Required and not said: {lacking}." if lacking else "") from refusal

    def update(self, held: Held, wanted: Wanted) -> Written:
        """Change a company and its main contact.

        Another person becomes another contact, made where the company has none of that name: the one that was the
        main one keeps its name and its history. So it does where there is nobody any more.

        Raises:
            DocumentFailed: Autotask refused it.
            Unanswered: no answer came.
        """
        company_id, contact_id = int(held.id), wanted.contact_id
        try:
            with stopping():
                if wanted.company:
                    self._client.update("Companies", body(company_id, wanted.company))
                if wanted.contact and contact_id is not None:
                    self._client.update(f"Companies/{company_id}/Contacts", body(contact_id, wanted.contact))
                elif wanted.contact:
                    contact_id = self._another(company_id, held.extra["contacts"], wanted.contact)
        except Refused as refusal:
            raise _refused(refusal) from refusal
        return Written(company_id, contact_id, wanted)

    def _another(self, company_id: int, mains: Sequence[Row], contact: Sequence[Change]) -> int:
        """Make another person the main contact, and return its id."""
        path = f"Companies/{company_id}/Contacts"
        said = {change.field.name: change.value for change in contact}
        there = self._client.among("Contacts", [company_id], "companyID")
        found = [row for row in there if _name(row) == _name(said)]
        if len(found) > 1:
            names = ", ".join(str(row["id"]) for row in found)
            message = f"the company has {len(found)} contacts called {' '.join(_name(said))}: {names}"
            raise DocumentFailed([_problem(message, "contact")], "Merge them in Autotask, or make one the main one.")
        for main in mains:
            self._client.update(path, {"id": main["id"], "primaryContact": False})
        if not found:
            return self._client.create(path, body(0, contact))
        contact_id = int(found[0]["id"])
        self._client.update(path, body(contact_id, [each for each in contact if each.field.name != "companyID"]))
        return contact_id

    def _changes(
        self, entity: str, fields: Mapping[str, Any], row: Row | None, problems: list[Problem]
    ) -> list[Change]:
        try:
            return changes(self._entity(entity), fields, row)
        except RecordFailed as failure:
            problems += [_problem(text) for text in failure.args]
        return []

    def _main(self, held: Held | None, problems: list[Problem]) -> Row | None:
        """Return the main contact."""
        rows: list[Row] = held.extra["contacts"] if held else []
        if len(rows) > 1:
            names = ", ".join(f"{row.get('firstName')} {row.get('lastName')} ({row['id']})" for row in rows)
            problems.append(_problem(f"it has {len(rows)} main contacts in Autotask: {names}; leave one", "contact"))
        return rows[0] if len(rows) == 1 else None

    def _contact(
        self, said: Mapping[str, Any], held: Held | None, main: Row | None, problems: list[Problem]
    ) -> list[Change]:
        if nobody(said):
            return self._changes("Contacts", {"primaryContact": False}, main, problems) if main else []
        fields: dict[str, Any] = {CONTACT[part]: value for part, value in said.items()}
        if not (fields.get("firstName") and fields.get("lastName")):
            shown = ", ".join(filter(None, said.values()))
            message = f"Autotask takes a contact with a first and a last name only; Exact has {shown}"
            problems.append(_problem(message, "contact"))
            return []
        if held is None:
            return []  # it is written once the company is there
        if main is not None and same_person(said, main):
            return self._changes("Contacts", fields, main, problems)
        new = {"companyID": int(held.id), "isActive": 1, "primaryContact": True}
        return self._changes("Contacts", fields | new, None, problems)

    def _ids(self, said: Mapping[str, Any], problems: list[Problem]) -> Iterator[tuple[str, int | None]]:
        """Yield the id of each row that the changes name."""
        named = [(field, reference, said[field]) for field, reference in REFERENCES.items() if field in said]
        if "address" in said:
            named.append(("country", COUNTRY, (said["address"] or {}).get("country")))
        for field, reference, name in named:
            yield field, self._id(field, reference, name, problems) if name else None

    def _id(self, field: str, reference: Reference, name: str, problems: list[Problem]) -> int | None:
        found = self._lists.ids(reference.entity, name)
        if len(found) == 1:
            return found[0]
        names = self._lists.choices(reference.entity)
        there = ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
        what = f"Autotask has no {reference.what} {name!r}; it has {there}" if not found else (
            f"Autotask has {len(found)} rows called {name!r}: {', '.join(map(str, found))}"
        )  # fmt: skip
        problems.append(Problem(field=field, value=name, message=what))
        return None

    def _owner(self, document: Company, problems: list[Problem]) -> int | None:
        name = (document.owner or "").strip()
        found = self._lists.resources.get(name.casefold(), []) if name else []
        if len(found) == 1:
            return found[0]
        how = f"{len(found)} active resources are called {name!r}" if name else "no owner is set for new companies"
        problems.append(Problem(field="owner", value=name, message=how, setting="companies.owner"))
        return None

    def _entity(self, name: str) -> Entity:
        if name not in self._entities:
            with stopping():
                self._entities[name] = describe(self._client, name, self._routes)
        return self._entities[name]


def nobody(said: Mapping[str, Any]) -> bool:
    """Whether a document names no person: Exact has accounts without a contact."""
    return not any(said.values())


def is_main(contact: Row) -> bool:
    """Whether a contact that was main is so still."""
    return contact.get("primaryContact") is not False


def same_person(said: Mapping[str, Any], contact: Row) -> bool:
    """Whether a contact is the person that a document names: one of both names is the same."""
    ours, theirs = _name({field: said.get(part) for part, field in CONTACT.items()}), _name(contact)
    return any(one == other for one, other in zip(ours, theirs, strict=True) if one)


def _name(contact: Mapping[str, Any]) -> tuple[str, str]:
    first, last = (" ".join(str(contact.get(part) or "").split()).casefold() for part in ("firstName", "lastName"))
    return first, last


def after(extra: Mapping[str, Any], written: Written) -> dict[str, Any]:
    """Return the rows of a company and its main contact with what was sent of them."""
    contacts: list[Row] = extra["contacts"]
    if written.contact_id is not None and written.wanted.contact:
        before = next((row for row in contacts if row["id"] == written.contact_id), {"id": written.contact_id})
        contacts = list(filter(is_main, [_with(before, written.wanted.contact)]))
    return {"company": _with(extra["company"], written.wanted.company), "contacts": contacts}


def _with(row: Row, wanted: Sequence[Change]) -> Row:
    plain = {change.field.name: change.value for change in wanted if not change.field.udf}
    own = {each["name"]: each for each in row.get(UDFS) or ()}
    own |= {
        change.field.name: {"name": change.field.name, "value": change.value} for change in wanted if change.field.udf
    }
    return row | plain | ({UDFS: list(own.values())} if own else {})


def lost(written: Written, company: Row | None, contact: Row | None) -> list[Problem]:
    """Return what was sent and not kept."""
    found = (
        ["the company was not found afterwards"] if company is None else differences(written.wanted.company, company)
    )
    if written.wanted.contact:
        found += (
            ["the contact was not found afterwards"]
            if contact is None
            else differences(written.wanted.contact, contact)
        )
    return [_problem(text) for text in found]


def _problem(text: str, field: str = "") -> Problem:
    name, colon, rest = text.partition(": ")
    return Problem(field=field or (name if colon else "record"), value=rest[:200], message=text)


def _refused(refusal: Refused, more: str = "") -> DocumentFailed:
    problem = Problem(field="record", value="", message=f"Autotask refused it: {refusal}")
    return DocumentFailed([problem], f"Correct what Autotask names, or ask for the right of the API user.{more}")
