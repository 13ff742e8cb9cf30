"""Finds the invoices of Autotask that invoices in the books are: through the ledger, else in Autotask, in bulk."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tap_autotask.client import batches
from target_autotask.invoice_matching import (
    By,
    Candidate,
    folded,
    is_opposite,
    is_whole,
    number_of,
    same_amount,
    same_customer,
    the_one,
)
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed
from transfer_ledger.links.store import ACCOUNTS
from transfer_ledger.sent import sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_autotask.client import Condition, Row
    from target_autotask.client import WritingClient
    from transfer_ledger.documents import InvoicePayment
    from transfer_ledger.ledger import Ledger
    from transfer_ledger.sent import Sent
    from transfer_ledger.transfers import Transfer

AT_ONCE = 500
"""Values that one query takes (Autotask REST docs, Queries: 500 OR conditions)."""
INVOICES, COMPANIES = "Invoices", "Companies"
FIELDS = ("id", "invoiceNumber", "companyID", "invoiceTotal", "totalTaxValue", "isVoided", "paidDate")
COMPANY_FIELDS = ("id", "companyName", "companyNumber")
SALES = "sales_invoices"
LARGEST_ID = 2**31
LONGEST = 100
"""Characters of Invoices.invoiceNumber (Autotask REST docs, Invoices)."""
AUTOTASK = "autotask"


class Answer(NamedTuple):
    """The invoice of a document, or why there is none to write to."""

    row: Row | None = None
    failure: DocumentFailed | None = None
    nothing: str = ""


class Finding:
    """Looks for the invoices of documents from the books of one administration.

    Args:
        client: Calls Autotask.
        ledger: Knows what was transferred, and who is linked with whom.
        books: The administration, as the ledger calls it: ``exact_online/1234567``.
    """

    def __init__(self, client: WritingClient, ledger: Ledger, books: str) -> None:
        self._client, self._ledger, self._books = client, ledger, books
        self._companies: dict[int, Row] = {}

    @cached_property
    def _own(self) -> tuple[str, str]:
        """System and tenant of this Autotask; others share the ledger perhaps."""
        return AUTOTASK, self._client.zone.tenant

    @cached_property
    def _linked(self) -> dict[str, str]:
        """Company to the account that it is linked with."""
        links = self._ledger.links(self._books, ACCOUNTS).items()
        return {source_id: link.receiver_id for (*whose, source_id), link in links if tuple(whose) == self._own}

    @cached_property
    def _accounts(self) -> frozenset[str]:
        return frozenset(self._linked.values())

    def find(self, documents: Sequence[InvoicePayment], earlier: Mapping[str, Transfer]) -> dict[str, Answer]:
        """Return for the key of each document's source what was found.

        Args:
            documents: What is looked for.
            earlier: Key to the transfer, of those that were offered before.
        """
        ids = self._through_ledger(documents, earlier)
        others = [each for each in documents if each.source.id not in ids]
        referred = self._referred(others)
        known = {*ids.values(), *(row_id for found in referred.values() for row_id in found)}
        rows = self.rows(known)
        meant = Meant(referred, rows)
        meant.add(self._by_number({each.reference for each in others if each.reference}))
        left = [each for each in others if not meant.by_reference(each)]
        meant.add(self._by_number_or_id({text for each in left for text in (each.reference, each.number) if text}))
        candidates = {each.source.id: list(meant.candidates(each)) for each in others}
        self._read_companies(row for some in candidates.values() for _, row in some)
        found = {key: _shown(rows.get(row_id), row_id) for key, row_id in ids.items()}
        return found | {each.source.id: self._answer(each, candidates[each.source.id]) for each in others}

    def _through_ledger(self, documents: Sequence[InvoicePayment], earlier: Mapping[str, Transfer]) -> dict[str, int]:
        """Return the invoices of documents of which the ledger knows the transfer, or an earlier payment."""
        keys = {key for each in documents for key in each.receipt_ids}
        known = {each.receipt_id: each.source_id for each in self._sent("receipt_id", keys)}
        found: dict[str, int] = {}
        for each in documents:
            transfer = earlier.get(each.source.id)
            matched = next((known[key] for key in each.receipt_ids if key in known), None)
            if matched is None and transfer is not None and transfer.receipt is not None:
                matched = transfer.receipt.id
            if matched is not None:
                found[each.source.id] = invoice_id(matched)
        return found

    def _referred(self, documents: Sequence[InvoicePayment]) -> dict[str, set[int]]:
        """Return our references that the ledger knows, each with the invoices it was given to."""
        references = {each.reference.strip() for each in documents if each.reference}
        ids: dict[str, set[int]] = defaultdict(set)
        for each in self._sent("reference", references):
            ids[folded(each.reference)].add(invoice_id(each.source_id))
        return ids

    def _sent(self, column: str, values: Iterable[str]) -> list[Sent]:
        """Return the invoices of this Autotask that the ledger knows in the books."""
        found = sent(self._ledger.engine, self._books, SALES, column, values)
        return [each for each in found if (each.source_system, each.source_tenant) == self._own]

    def _by_number(self, texts: Iterable[str]) -> Iterator[Row]:
        # One less than a page holds, so that a page that answers all of it is known to be the last.
        for batch in batches(_numbers(texts), AT_ONCE - 1):
            yield from self._pages(INVOICES, {"op": "in", "field": "invoiceNumber", "value": batch}, FIELDS)

    def _by_number_or_id(self, texts: Iterable[str]) -> Iterator[Row]:
        """Yield invoices by what may be their number, or their id where they have none."""
        for batch in batches(_numbers(texts), AT_ONCE // 2 - 1):
            numbered: Condition = {"op": "in", "field": "invoiceNumber", "value": batch}
            ids = [int(text) for text in batch if text.isascii() and text.isdigit() and int(text) < LARGEST_ID]
            either: list[Condition] = [numbered, {"op": "in", "field": "id", "value": ids}]
            yield from self._pages(INVOICES, {"op": "or", "items": either} if ids else numbered, FIELDS)

    def _by_id(self, entity: str, ids: Iterable[int], fields: Sequence[str]) -> Iterator[Row]:
        for batch in batches(sorted(set(ids)), AT_ONCE):
            condition: Condition = {"op": "in", "field": "id", "value": batch}
            for count, row in enumerate(self._pages(entity, condition, fields), start=1):
                yield row
                if count == len(batch):
                    break

    def _pages(self, entity: str, condition: Condition, fields: Sequence[str]) -> Iterator[Row]:
        for page in self._client.pages(entity, [condition], fields=fields):
            yield from page

    def rows(self, ids: Iterable[int]) -> dict[int, Row]:
        """Return invoices by their ids."""
        return {row["id"]: row for row in self._by_id(INVOICES, ids, FIELDS)}

    def _read_companies(self, rows: Iterable[Row]) -> None:
        missing = {row["companyID"] for row in rows if row["companyID"] is not None} - self._companies.keys()
        self._companies |= {row["id"]: row for row in self._by_id(COMPANIES, missing, COMPANY_FIELDS)}

    def _answer(self, document: InvoicePayment, rows: Sequence[tuple[By, Row]]) -> Answer:
        candidates = [self._candidate(document, by, row) for by, row in rows if not is_opposite(document, row)]
        try:
            chosen = the_one(document, candidates)
        except DocumentFailed as failure:
            return Answer(failure=failure)
        if chosen is not None:
            return Answer(chosen.row)
        others = f"; the same number, but another customer and amount: {'; '.join(map(str, candidates))}"
        return Answer(nothing="no invoice of Autotask is this one" + others * bool(candidates))

    def _candidate(self, document: InvoicePayment, by: By, row: Row) -> Candidate:
        company = self._companies.get(row["companyID"], {})
        agrees = same_customer(document.customer, company, self._linked, self._accounts)
        name = str(company.get("companyName") or "")
        return Candidate(row, by, same_amount(document, row), agrees, name, is_whole(document, row))


class Meant:
    """The invoices that documents may mean: by our reference, of which the ledger may know whose it is, or by number.

    Args:
        referred: Reference to the ids of invoices that the ledger knows under it.
        rows: Invoices by their ids.
    """

    def __init__(self, referred: Mapping[str, set[int]], rows: Mapping[int, Row]) -> None:
        self._known = {
            reference: [rows[row_id] for row_id in sorted(ids) if row_id in rows] for reference, ids in referred.items()
        }
        self._numbered: dict[str, dict[int, Row]] = defaultdict(dict)

    def add(self, rows: Iterable[Row]) -> None:
        """Take in invoices that were found by number."""
        for row in rows:
            self._numbered[folded(number_of(row))][row["id"]] = row

    def by_reference(self, document: InvoicePayment) -> list[Row]:
        """Return the invoices that a document's reference may mean."""
        reference = folded(document.reference)
        known = self._known.get(reference, [])
        return [*known, *self._numbered.get(reference, {}).values()] if reference else []

    def candidates(self, document: InvoicePayment) -> Iterator[tuple[By, Row]]:
        """Yield the invoices that a document may mean, each once, and by what."""
        seen = set[int]()
        numbered = self._numbered.get(folded(document.number), {}).values()
        ways: dict[By, Iterable[Row]] = {"reference": self.by_reference(document), "number": numbered}
        for by, found in ways.items():
            for row in found:
                if row["id"] not in seen:
                    seen.add(row["id"])
                    yield by, row


def _numbers(texts: Iterable[str]) -> list[str]:
    """Return the texts that can be the number of an invoice, each once."""
    return sorted({number for text in texts if 0 < len(number := text.strip()) <= LONGEST})


def _shown(row: Row | None, row_id: int) -> Answer:
    if row is not None:
        return Answer(row)
    message = f"Autotask does not show invoice {row_id}, which was transferred"
    problem = Problem(field="number", value=str(row_id), message=message)
    return Answer(failure=DocumentFailed([problem], "Check that the API user may see this invoice."))


def invoice_id(source_id: str) -> int:
    """Return the invoice of a transfer; the credit of a voided one has :void behind its id."""
    return int(source_id.partition(":")[0])
