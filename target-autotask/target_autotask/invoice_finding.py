"""Finds the invoices of Autotask that invoices in the books are: through the ledger, else in Autotask, in bulk."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_autotask.client import batches
from target_autotask.invoice_matching import Candidate, folded, number_of, same_amount, same_customer, the_one
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
    from transfer_ledger.transfers import Transfer

AT_ONCE = 500
"""Values that one query takes (Autotask REST docs, Queries: 500 OR conditions)."""
INVOICES, COMPANIES = "Invoices", "Companies"
FIELDS = ("id", "invoiceNumber", "companyID", "invoiceTotal", "totalTaxValue", "isVoided", "paidDate")
COMPANY_FIELDS = ("id", "companyName", "companyNumber")
SALES = "sales_invoices"
LARGEST_ID = 2**31


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
        links = ledger.links(books, ACCOUNTS)
        self._linked = {source_id: link.receiver_id for (_, _, source_id), link in links.items()}
        self._accounts = frozenset(self._linked.values())
        self._companies: dict[int, Row] = {}

    def find(self, documents: Sequence[InvoicePayment], earlier: Mapping[str, Transfer]) -> dict[str, Answer]:
        """Return for the key of each document's source what was found.

        Args:
            documents: What is looked for.
            earlier: Key to the transfer, of those that were offered before.
        """
        ids = self._through_ledger(documents, earlier)
        referred = self._referred([each for each in documents if each.source.id not in ids])
        rows = {row["id"]: row for row in self._among(INVOICES, "id", {*ids.values(), *referred.all_ids}, FIELDS)}
        texts = {text for text in referred.texts if text}
        numbered = _by_number([*rows.values(), *self._among(INVOICES, "invoiceNumber", texts, FIELDS)])
        found = {key: _shown(rows.get(row_id), row_id) for key, row_id in ids.items()}
        open_ones = [each for each in documents if each.source.id not in ids]
        candidates = {each.source.id: list(referred.candidates(each, rows, numbered)) for each in open_ones}
        self._read_companies(
            row["companyID"] for some in candidates.values() for _, row in some if row["companyID"] is not None
        )
        return found | {each.source.id: self._answer(each, candidates[each.source.id]) for each in open_ones}

    def _through_ledger(self, documents: Sequence[InvoicePayment], earlier: Mapping[str, Transfer]) -> dict[str, int]:
        """Return the invoices of documents of which the ledger knows the transfer, or an earlier payment."""
        keys = {key for each in documents for key in each.receipt_ids}
        known = {
            each.receipt_id: each.source_id
            for each in sent(self._ledger.engine, self._books, SALES, "receipt_id", keys)
        }
        found: dict[str, int] = {}
        for each in documents:
            transfer = earlier.get(each.source.id)
            matched = next((known[key] for key in each.receipt_ids if key in known), None)
            if matched is None and transfer is not None and transfer.receipt is not None:
                matched = transfer.receipt.id
            if matched is not None:
                found[each.source.id] = invoice_id(matched)
        return found

    def _referred(self, documents: Sequence[InvoicePayment]) -> _Referred:
        references = {each.reference for each in documents if each.reference}
        ids: dict[str, set[int]] = defaultdict(set)
        for each in sent(self._ledger.engine, self._books, SALES, "reference", references):
            ids[folded(each.reference)].add(invoice_id(each.source_id))
        return _Referred(documents, ids)

    def _among(self, entity: str, field: str, values: Iterable[Any], fields: Sequence[str]) -> Iterator[Row]:
        """Yield the rows of which a field has one of the values, with as few calls as Autotask takes."""
        for batch in batches(sorted(set(values)), AT_ONCE):
            condition: Condition = {"op": "in", "field": field, "value": batch}
            more, after, count = True, -1, 0
            while more:
                rows, more = self._client.page(entity, [condition], after=after, fields=fields)
                yield from rows
                count += len(rows)
                after = rows[-1]["id"] if rows else after
                more = more and not (field == "id" and count == len(batch))

    def rows(self, ids: Iterable[int]) -> dict[int, Row]:
        """Return invoices by their ids."""
        return {row["id"]: row for row in self._among(INVOICES, "id", ids, FIELDS)}

    def _read_companies(self, ids: Iterable[int]) -> None:
        missing = set(ids) - self._companies.keys()
        self._companies |= {row["id"]: row for row in self._among(COMPANIES, "id", missing, COMPANY_FIELDS)}

    def _answer(self, document: InvoicePayment, rows: Sequence[tuple[str, Row]]) -> Answer:
        candidates = [self._candidate(document, by, row) for by, row in rows]
        try:
            chosen = the_one(document, candidates)
        except DocumentFailed as failure:
            return Answer(failure=failure)
        if chosen is not None:
            return Answer(chosen.row)
        others = f"; the same number, but another customer and amount: {'; '.join(map(str, candidates))}"
        return Answer(nothing="no invoice of Autotask is this one" + others * bool(candidates))

    def _candidate(self, document: InvoicePayment, by: Any, row: Row) -> Candidate:
        company = self._companies.get(row["companyID"], {})
        agrees = same_customer(document.customer, company, self._linked, self._accounts)
        return Candidate(row, by, same_amount(document, row), agrees, str(company.get("companyName") or ""))


class _Referred:
    """What documents call their invoices: by our reference, of which the ledger may know the invoice, and by number."""

    def __init__(self, documents: Sequence[InvoicePayment], ids: Mapping[str, set[int]]) -> None:
        self.texts = {text.strip() for each in documents for text in (each.reference, each.number) if text}
        self._ids = ids
        numbers = {int(text) for text in self.texts if text.isascii() and text.isdigit() and int(text) < LARGEST_ID}
        self.all_ids = numbers.union(*ids.values())

    def candidates(
        self, document: InvoicePayment, rows: Mapping[int, Row], numbered: Mapping[str, list[Row]]
    ) -> Iterator[tuple[str, Row]]:
        """Yield the invoices that a document may mean, each once, and by what."""
        reference, seen = folded(document.reference), set[int]()
        known = [rows[row_id] for row_id in sorted(self._ids.get(reference, ())) if row_id in rows]
        by = {"reference": [*known, *(numbered.get(reference, []) if reference else [])]}
        by["number"] = numbered.get(folded(document.number), [])
        for name, found in by.items():
            for row in found:
                if row["id"] not in seen:
                    seen.add(row["id"])
                    yield name, row


def _by_number(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in rows:
        found[folded(number_of(row))][row["id"]] = row
    return {number: list(of.values()) for number, of in found.items()}


def _shown(row: Row | None, row_id: int) -> Answer:
    if row is not None:
        return Answer(row)
    message = f"Autotask does not show invoice {row_id}, which was transferred"
    problem = Problem(field="number", value=str(row_id), message=message)
    return Answer(failure=DocumentFailed([problem], "Check that the API user may see this invoice."))


def invoice_id(source_id: str) -> int:
    """Return the invoice of a transfer; the credit of a voided one has :void behind its id."""
    return int(source_id.partition(":")[0])
