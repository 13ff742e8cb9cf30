"""The sink that keeps accounts of Exact Globe in step with companies.

What Globe holds is read over its entity services once a run, on either route. A file is followed as those of orders
are: it is handed over once, and what became of it is seen in the account itself, or told by the importer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from typing_extensions import override

from target_exact_globe.accounts.bodies import changed, new_account
from target_exact_globe.accounts.checks import check
from target_exact_globe.accounts.columns import COLUMNS, ENTITY, party, text
from target_exact_globe.accounts.element import TOPIC, account_element
from target_exact_globe.answers import literal, padded
from target_exact_globe.files import FileRoute, token
from target_exact_globe.metadata import fitting
from transfer_ledger.exceptions import Awaited
from transfer_ledger.merge import told
from transfer_ledger.parties.book import LinkBook
from transfer_ledger.parties.held import as_row, kept
from transfer_ledger.parties.protocol import CREATE
from transfer_ledger.parties.sink import PartySink
from transfer_ledger.transfers import key_of
from transfer_ledger.updating import UPDATE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml import etree

    from target_exact_globe.answers import Row
    from target_exact_globe.target import TargetExactGlobe
    from transfer_ledger.documents import Account, Source
    from transfer_ledger.parties.held import Held

_IN_HAND = ("sent", "unknown", "sending")


class Accounts(FileRoute, PartySink):
    """Creates and changes accounts, with their main contact and their debtor and creditor numbers."""

    target: TargetExactGlobe
    steps_in_files: ClassVar[tuple[str, ...]] = (CREATE, UPDATE)

    @override
    def book(self, source: Source) -> LinkBook:
        return LinkBook(self.target.ledger, source.tenant, self.target.administration, "company")

    @override
    def held(self) -> dict[str, Held]:
        known = self.target.metadata.properties(ENTITY)
        columns = tuple(column for column in COLUMNS if column in known)
        rows = list(self.target.client.read(ENTITY, select=columns))
        self.target.lists.fill(ENTITY, rows)
        found = {str(row["ID"]): party(row) for row in rows}
        kept(self.target.ledger, self.target.administration).replace(map(as_row, found.values()), None)
        return found

    @override
    def check(self, document: Account, held: Held | None, changes: Mapping[str, Any]) -> None:
        self._follow_up(document)
        findings = check(
            self.target.lists,
            document,
            {} if held is None else held.extra,
            changes,
            self.target.metadata.properties(ENTITY),
            by_file=self.target.by_file,
            rule=self.config["characters"],
        )
        if findings.problems:
            raise findings.failure()

    @override
    def find(self, document: Account) -> Sequence[Held]:
        sent = new_account(told(document))
        where = f"AccountCode eq {literal(padded(sent['AccountCode'], 20))}"
        rows = [party(row) for row in self.target.client.read(ENTITY, select=COLUMNS, where=where)]
        owned = self.target.ledger.owned(self.target.administration, self.stream_name, [held.id for held in rows])
        found = [held for held in rows if held.id not in owned and held.name == text(sent.get("AccountName"))]
        if not found:
            self._follow_up(document)
        return found

    @override
    def create(self, document: Account) -> Held:
        sent = new_account(told(document))
        if self.target.by_file:
            raise self._handed_over(document, account_element(sent))
        answer = self.target.client.create(ENTITY, self._fitted({**self.config["new_account"], **sent}))
        return self._noted({**sent, **{name: value for name, value in answer.items() if value is not None}})

    @override
    def update(self, document: Account, held: Held, changes: Mapping[str, Any]) -> Held:
        columns = changed(changes, held.extra)
        if self.target.by_file and columns:
            raise self._handed_over(document, account_element({**held.extra, **columns}))
        if columns:
            self.target.client.update(ENTITY, literal(UUID(held.id)), self._fitted(columns))
        return self._noted({**held.extra, **columns})

    def _fitted(self, columns: Row) -> Row:
        known, unknown = fitting(columns, self.target.metadata.properties(ENTITY))
        for name in unknown:
            self.logger.warning("Exact Globe's %s has no %s: it is not sent.", ENTITY, name)
        return known

    def _noted(self, row: Row) -> Held:
        """Remember an account as it is now, and return it."""
        self.target.lists.note(ENTITY, row)
        held = party(row)
        kept(self.target.ledger, self.target.administration).apply([as_row(held)], (), None)
        return held

    def _handed_over(self, document: Account, element: etree._Element) -> Awaited:
        """Put an account into a file, and return what is to be said of it."""
        key = key_of(self.target.administration, self.stream_name, document.source)
        begun = self.target.ledger.transfer(key)
        name = self.desk.outbox.put(
            TOPIC, token(key, begun.attempts if begun else 1), element.get("code") or "", element
        )
        if self.desk.outbox.is_full():
            self.desk.hand_over()
        return Awaited(*self.desk.where(name))

    def _follow_up(self, document: Account) -> None:
        """Leave an account alone whose file is on its way.

        Raises:
            Awaited: nothing says yet what became of it.
            Rejected: the importer refused it.
        """
        if not self.target.by_file or self.config["dry_run"]:
            return
        key = key_of(self.target.administration, self.stream_name, document.source)
        begun = self.target.ledger.transfer(key)
        if begun is None or begun.state not in _IN_HAND or begun.step not in self.steps_in_files:
            return
        name = self.desk.outbox.file_of(token(key, begun.attempts))
        if name is not None and begun.state == "sent" and self.desk.importer.killed(name):
            # That import does nothing any more, and Globe, which was read since, does not hold what it had to do.
            return
        if name is not None and self.desk.told(document.code or "", name) is None:
            raise Awaited(*self.desk.where(name))
