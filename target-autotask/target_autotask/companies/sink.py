"""The sink of ``companies``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from typing_extensions import override

from target_autotask.client import stopping
from target_autotask.companies.copy import CompanyCopy
from target_autotask.companies.fields import COMPANY_COLUMNS, CONTACT_COLUMNS, narrowed
from target_autotask.companies.lists import NameLists
from target_autotask.companies.writing import CompanyWriter, Wanted, Written, after, is_main, lost
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed
from transfer_ledger.merge import alike, told
from transfer_ledger.parties.book import LinkBook
from transfer_ledger.parties.held import Held, as_row, kept
from transfer_ledger.parties.sink import PartySink

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from tap_autotask.client import Row
    from target_autotask.target import TargetAutotask
    from transfer_ledger.documents import Company, Source


class Companies(PartySink):
    """Keeps the companies of Autotask in step with the accounts of Exact."""

    reads_back: ClassVar[bool] = True
    """Autotask answers 200 to what it ignores (WYRE-AI/autotask-mcp#77)."""

    target: TargetAutotask

    @cached_property
    def lists(self) -> NameLists:
        """What ids are called."""
        target = self.target
        return NameLists(
            target.client, lambda name: target.ledger.master_data(target.administration, name), target.clock
        )

    @cached_property
    def copy(self) -> CompanyCopy:
        """All companies."""
        return CompanyCopy(self.target.client, self.lists, kept(self.target.ledger, self.target.administration))

    @cached_property
    def writer(self) -> CompanyWriter:
        """Writes companies."""
        return CompanyWriter(self.target.client, self.lists, self.config["routes"])

    @cached_property
    def written(self) -> dict[str, Written]:
        """What was sent and not read back yet, by the company's key."""
        return {}

    @override
    def held(self) -> MutableMapping[str, Held]:
        return self.copy.held()

    @override
    def check(self, document: Company, held: Held | None, changes: Mapping[str, Any]) -> None:
        problems = self._doubles(document, held, changes)
        try:
            self.writer.wanted(document, held, changes)
        except DocumentFailed as failure:
            raise DocumentFailed([*problems, *failure.problems], failure.advice) from None
        if problems:
            raise DocumentFailed(problems, "Link it with that company, or give it another code in Exact.")

    @override
    def find(self, document: Company) -> Sequence[Held]:
        field, value = ("companyNumber", document.code) if document.code else ("companyName", document.name)
        found: list[Row] = []
        with stopping():
            for page in self.target.client.pages("Companies", [{"op": "eq", "field": field, "value": value}]):
                found += page
        said = told(document)
        held = [self.copy.made(narrowed(row, COMPANY_COLUMNS), []) for row in found]
        # A code is nobody else's, which was checked before it was sent; a name may be.
        told_by = ("code",) if document.code else ("name", "vat_number", "phone", "website", "address")
        return [
            each
            for each in held
            if all(alike(name, said.get(name), each.values.get(name)) for name in told_by if name in said)
        ]

    @override
    def create(self, document: Company) -> Held:
        said = told(document)
        wanted = self.writer.wanted(document, None, said)
        key = self.writer.create(wanted.company)
        held = {name: value for name, value in said.items() if name != "contact"}
        row = {"id": key, **{change.field.name: change.value for change in wanted.company if not change.field.udf}}
        self.written[str(key)] = Written(key, None, Wanted(wanted.company, []))
        return Held(
            id=str(key),
            code=document.code,
            name=document.name,
            url=self.copy.url(key),
            values=held,
            extra={"company": row, "contacts": []},
        )

    @override
    def update(self, document: Company, held: Held, changes: Mapping[str, Any]) -> Held:
        wanted = self.writer.wanted(document, held, changes)
        written = self.writer.update(held, wanted)
        before = self.written.get(held.id)
        if before is not None:
            written = written._replace(wanted=Wanted([*before.wanted.company, *wanted.company], wanted.contact))
        self.written[held.id] = written
        values = held.values | dict(changes)
        extra = after(held.extra, written)
        return msgspec.structs.replace(
            held, values=values, code=values.get("code"), name=values.get("name"), extra=extra
        )

    @override
    def read_back(self, keys: Sequence[str]) -> Mapping[str, Sequence[Problem]]:
        sent = [self.written.pop(key) for key in keys if key in self.written]
        client = self.target.client
        with stopping():
            ids = [each.company_id for each in sent]
            companies = {row["id"]: row for row in client.among("Companies", ids)}
            people = [each.contact_id for each in sent if each.contact_id is not None]
            contacts = {row["id"]: row for row in client.among("Contacts", people)}
        self._remember(sent, companies, contacts)
        return {
            str(each.company_id): lost(
                each, companies.get(each.company_id), contacts.get(each.contact_id) if each.contact_id else None
            )
            for each in sent
        }

    def _remember(
        self, sent: Sequence[Written], companies: Mapping[int, Row], contacts: Mapping[int | None, Row]
    ) -> None:
        """Keep what was read back: some changes move no date by which the next run would notice them."""
        there = [each for each in sent if each.company_id in companies]
        held = [
            self.copy.made(
                narrowed(companies[each.company_id], COMPANY_COLUMNS),
                list(filter(is_main, [narrowed(contacts[each.contact_id], CONTACT_COLUMNS)]))
                if each.contact_id in contacts
                else self.protocol.held[str(each.company_id)].extra["contacts"],
            )
            for each in there
        ]
        self.protocol.held.update({each.id: each for each in held})
        kept_copy = kept(self.target.ledger, self.target.administration)
        kept_copy.apply(map(as_row, held), (), kept_copy.stamp())

    @override
    def book(self, source: Source) -> LinkBook:
        administration = f"{source.system}/{source.tenant}"
        return LinkBook(self.target.ledger, self.target.tenant, administration, "account")

    def _doubles(self, document: Company, held: Held | None, changes: Mapping[str, Any]) -> list[Problem]:
        """Return that another company has the code already, which Autotask itself would not mind."""
        code = str(changes.get("code") or "").strip().casefold()
        own = held.id if held else None
        others = [
            other.title
            for other in (self.protocol.held.values() if code else ())
            if (other.code or "").strip().casefold() == code and other.id != own
        ]
        if not others:
            return []
        message = f"Code {document.code} is that of {', '.join(others)} already"
        return [Problem(field="code", value=str(document.code), message=message)]
