"""The sink that keeps accounts of Exact Online in step with companies."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from typing_extensions import override

from tap_exact_online import odata
from tap_exact_online.settings import WEB_URL
from target_exact_online.master_data import CLASSIFICATIONS
from target_exact_online.parties import bodies, checks, reading
from target_exact_online.parties.columns import ACCOUNTS, BANK_ACCOUNTS, CONTACTS, Row, roles, text
from target_exact_online.translation import reading as reading_from_exact
from transfer_ledger.documents import TOLD, Account
from transfer_ledger.merge import told
from transfer_ledger.parties.book import LinkBook
from transfer_ledger.parties.held import as_row, kept
from transfer_ledger.parties.sink import PartySink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_exact_online.master_data import MasterLists, Resource
    from target_exact_online.permissions import Permissions
    from target_exact_online.target import TargetExactOnline
    from transfer_ledger.documents import Source
    from transfer_ledger.ledger import MasterRow
    from transfer_ledger.parties.held import Held

logger = logging.getLogger(__name__)

KNOWN = frozenset({"key", *Account.__struct_fields__})
"""What a record of an account may have; a misspelled name would otherwise be passed over."""
_ACCOUNTS, _CONTACTS, _BANK_ACCOUNTS = "crm/Accounts", "crm/Contacts", "crm/BankAccounts"


class Accounts(PartySink):
    """Creates and changes accounts, their main contact, main bank account and classification.

    What Exact holds is known from kept copies, so that a changed account costs the calls that change it and none more.
    """

    target: TargetExactOnline

    @property
    def lists(self) -> MasterLists:
        """The kept copies of what Exact holds."""
        return self.target.lists

    @property
    def writer(self) -> Permissions:
        """Sends what is written."""
        return self.target.permissions

    @override
    def read(self, record: dict[str, Any]) -> Account:
        document: Account = super().read(record)
        spoken = (name for name in document.fields_won_by if name not in TOLD and not name.startswith(bodies.UDF_FIELD))
        strange = sorted({*record} - KNOWN | {*spoken})
        if strange:
            raise msgspec.ValidationError(f"documents of accounts have no field {', '.join(map(repr, strange))}")
        return document

    @override
    def book(self, source: Source) -> LinkBook:
        return LinkBook(self.target.ledger, source.tenant, self.target.administration, "company")

    @override
    def held(self) -> dict[str, Held]:
        with reading_from_exact():
            self.lists.refresh([ACCOUNTS, CONTACTS, BANK_ACCOUNTS])
            rows = [_row(ACCOUNTS, row) for row in self.lists.all(ACCOUNTS)]
            if any(self._class_id(row) and self._classification(row) is None for row in rows):
                self.lists.refresh([CLASSIFICATIONS])
        contacts, banks = (self._by_account(resource) for resource in (CONTACTS, BANK_ACCOUNTS))
        found = {row["ID"]: self._party(row, contacts.get(row["ID"], ()), banks.get(row["ID"], ())) for row in rows}
        kept(self.target.ledger, self.target.administration).replace(map(as_row, found.values()), None)
        return found

    @override
    def check(self, document: Account, held: Held | None, changes: Mapping[str, Any]) -> None:
        row = {} if held is None else self._account(held.id)
        while True:
            findings = checks.check(self.lists, document, row, changes, self.config)
            with reading_from_exact():
                newer = self.lists.refresh(findings.blamed if findings.problems else findings.used)
            if not newer:
                break
        if findings.problems:
            raise findings.failure()

    @override
    def find(self, document: Account) -> Sequence[Held]:
        sent = self._new(document)
        by = "Code" if "Code" in sent else "Name"
        columns = ("ID", "Code", *ACCOUNTS.columns)
        with reading_from_exact():
            where = f"{by} eq {odata.literal(sent[by])}"
            rows = list(self.target.client.read(_ACCOUNTS, select=columns, where=where))
        owned = self.target.ledger.owned(self.target.administration, self.stream_name, [row["ID"] for row in rows])
        return [self._noted(row) for row in rows if row["ID"] not in owned and _made_of(sent, row)]

    @override
    def create(self, document: Account) -> Held:
        sent = self._new(document)
        return self._noted(sent | _filled(self.writer.create(_ACCOUNTS, sent)))

    @override
    def update(self, document: Account, held: Held, changes: Mapping[str, Any]) -> Held:
        columns = bodies.changed_columns(changes, self._account(held.id))
        if "classification" in changes:
            columns |= self._class_columns(changes["classification"])
        if "contact" in changes:
            columns |= self._write_contact(held.id, changes["contact"] or {})
        if columns:
            self._change(ACCOUNTS, _ACCOUNTS, self._account(held.id), columns)
        if "bank_account" in changes:
            self._write_bank_account(held.id, changes["bank_account"])
        self._say_what_stayed(held, changes)
        return self._noted(self._account(held.id))

    def _new(self, document: Account) -> Row:
        said = told(document)
        if document.code_rule == "receiver":
            said.pop("code", None)
        code = said.get("classification")
        return bodies.new_account(said) | (self._class_columns(code) if code else {})

    def _class_columns(self, code: str | None) -> Row:
        """Return the column of the classification that documents speak of; the code was checked."""
        place = self.config["classification"]
        found = checks.classification(self.lists, code, place) if code else []
        return {f"Classification{place}": found[0].id if found else None}

    def _write_contact(self, account_id: str, wanted: Mapping[str, Any]) -> Row:
        """Write the main contact, and return what changes in the account by that.

        Another person becomes another contact: the one that was there keeps its name and its history.
        """
        contacts = self._belonging(CONTACTS, account_id)
        main = reading.main_contact(self._account(account_id), contacts)
        if not any(wanted.values()):
            return {"MainContact": None} if main else {}
        if main is not None and bodies.same_person(wanted, main, wholly=False):
            person: Row | None = main
        else:
            person = next((each for each in contacts if bodies.same_person(wanted, each, wholly=True)), None)
        columns = bodies.contact_columns(wanted, person or {})
        if person is None:
            sent = {"Account": account_id, **columns}
            person = sent | _filled(self.writer.create(_CONTACTS, sent))
            self.lists.note(CONTACTS, person)
        elif columns:
            self._change(CONTACTS, _CONTACTS, person, columns)
        return {} if main is not None and person["ID"] == main["ID"] else {"MainContact": person["ID"]}

    def _write_bank_account(self, account_id: str, number: str | None) -> None:
        """Make a number the main one; the one that was stays, for what was paid with it."""
        banks = self._belonging(BANK_ACCOUNTS, account_id)
        main = reading.main_bank(banks)
        there = reading.with_number(banks, number) if number else None
        if not number:
            if main is not None:
                self._change(BANK_ACCOUNTS, _BANK_ACCOUNTS, main, {"Main": False})
            return
        if there is None:
            sent = {"Account": account_id, "BankAccount": number, "Main": True}
            self.lists.note(BANK_ACCOUNTS, sent | _filled(self.writer.create(_BANK_ACCOUNTS, sent)))
        else:
            self._change(BANK_ACCOUNTS, _BANK_ACCOUNTS, there, {"Main": True})
        if main is not None and main is not there:
            self.lists.note(BANK_ACCOUNTS, main | {"Main": False})

    def _change(self, resource: Resource, path: str, row: Row, columns: Row) -> None:
        name = text(row.get("Code")) or row.get("BankAccount") or reading.person(row)["last_name"]
        self.writer.update(path, UUID(row["ID"]), columns, f"{resource.title} {name or row['ID']}")
        self.lists.note(resource, row | columns)

    def _say_what_stayed(self, held: Held, changes: Mapping[str, Any]) -> None:
        stayed = set(roles(self._account(held.id))) - set(changes.get("status") or ())
        if "status" in changes and stayed:
            logger.warning(
                "%s stays a %s in Exact Online, whatever the company has become; end that there if it is right.",
                held.title,
                " and ".join(sorted(stayed)),
            )

    def _noted(self, row: Row) -> Held:
        """Remember an account as it is now, and return it."""
        self.lists.note(ACCOUNTS, row)
        banks, contacts = (self._belonging(resource, row["ID"]) for resource in (BANK_ACCOUNTS, CONTACTS))
        party = self._party(self._account(row["ID"]), contacts, banks)
        kept(self.target.ledger, self.target.administration).apply([as_row(party)], (), None)
        return party

    def _party(self, row: Row, contacts: Sequence[Row], banks: Sequence[Row]) -> Held:
        client = self.target.client
        url = WEB_URL.format(origin=client.origin, division=client.division, id=row["ID"])
        return reading.party(row, contacts, banks, self._classification(row), url)

    def _class_id(self, row: Row) -> str | None:
        found: str | None = row.get(f"Classification{self.config['classification']}")
        return found

    def _classification(self, row: Row) -> str | None:
        class_id = self._class_id(row)
        found = self.lists.row(CLASSIFICATIONS, class_id) if class_id else None
        return found.code if found else None

    def _account(self, account_id: str) -> Row:
        found = self.lists.row(ACCOUNTS, account_id)
        assert found is not None  # parties that are held come from this copy
        return _row(ACCOUNTS, found)

    def _belonging(self, resource: Resource, account_id: str) -> list[Row]:
        return [_row(resource, row) for row in self.lists.rows(resource, account_id)]

    def _by_account(self, resource: Resource) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.lists.all(resource):
            found.setdefault(row.code or "", []).append(_row(resource, row))
        return found


def _row(resource: Resource, kept_row: MasterRow) -> Row:
    return {resource.key: kept_row.id, resource.code: kept_row.code, **kept_row.data}


def _filled(answer: Row) -> Row:
    """Return what an answer says; some have the key alone, all else null (basvanbeek.nl/exact-online-tips)."""
    return {column: value for column, value in answer.items() if value is not None}


def _made_of(sent: Row, row: Row) -> bool:
    """Whether an account is what was sent: by code and name, or by all there was where Exact gives the code."""
    told_by = ("Code", "Name") if "Code" in sent else tuple(name for name in sent if name != "Code")
    same = all(_plain(sent.get(name)) == _plain(row.get(name)) for name in told_by)
    return same and set(roles(sent)) <= set(roles(row))


def _plain(value: Any) -> Any:
    return text(value) if isinstance(value, str) else value
