"""The stream ``invoice_payments``: how far each sales invoice is paid, again when that changes."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_exact_online import odata
from tap_exact_online.columns import RowReader, properties, utc_text
from tap_exact_online.divisions import TERMS
from tap_exact_online.expansion import among, batches
from tap_exact_online.feeds import AskedFeed
from tap_exact_online.payment_terms import (
    CREDIT_NOTE,
    FEED,
    MATCHED,
    OF_TERM,
    OF_TRANSACTION,
    RECEIVABLES,
    Transactions,
    columns,
)
from tap_exact_online.reading import pages, permitted
from tap_exact_online.settings import WEB_URL
from tap_exact_online.streams import DELETED_AT, DIVISION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tap_exact_online.columns import Row
    from tap_exact_online.feeds import Deletions
    from tap_exact_online.tap import TapExactOnline

KEY = "TransactionID"
NEEDED = dict(columns((*OF_TRANSACTION, *OF_TERM, "LineType", DIVISION)))


class InvoicePayments(AskedFeed):
    """Sales invoices and credit notes in the books of which a payment term changed, each with all its terms.

    Beside what every feed keeps, the state of an administration holds ``terms``, those of transactions that have
    several: when one of them changes, the others are known. The bookmark moves at the end, since the terms of a
    transaction come in any order. A term that was deleted, and of which the transaction is not known, comes as a
    record with the key of the term.
    """

    noun = "Transaction"

    def __init__(self, tap: TapExactOnline) -> None:
        super().__init__(tap, "invoice_payments", replace(FEED, columns=NEEDED))
        self.primary_keys = (KEY,)

    @override
    def build_schema(self, config: Mapping[str, Any], key: Sequence[str]) -> dict[str, Any]:
        term = properties(dict(columns(OF_TERM)), ("ID",)) | {"credited": {"type": "boolean"}}
        plain = super().build_schema(config, key)["properties"]
        return {
            "type": "object",
            "properties": {
                **properties(dict(columns(OF_TRANSACTION)), (KEY,)),
                **{name: plain[name] for name in ("Timestamp", DIVISION, DELETED_AT) if name in plain},
                "terms": {"type": ["array", "null"], "items": {"type": "object", "properties": term}},
                "noticed_on": {"type": ["string", "null"], "format": "date"},
                "web_url": {"type": ["string", "null"]},
            },
        }

    @override
    def wanted(self, column: str) -> bool:
        return column in NEEDED or super().wanted(column)

    @override
    def told(self, division: int, state: dict[str, Any], deletions: Deletions) -> Iterator[Row]:
        begun = "replication_key_value" in state
        ahead = deepcopy({name: value for name, value in state.items() if name != "terms"})
        transactions = Transactions(state.get("terms"))
        shrunk = transactions.forget(deletions)
        ends = {key: deletions.pop(term).at for key, terms in shrunk.items() for term in terms}
        out: set[str] = set()
        for page in self.changes(division, ahead, deletions):
            transactions.add(page)
            yield from self._records(division, transactions.ready(), out)
        asked = self.open_keys() - out - deletions.keys()
        wanted = {*transactions.incomplete(), *((asked | ends.keys()) - out - set(transactions.touched))}
        transactions.replace(self._receivables(division, KEY, wanted))
        if begun:  # else every credit note there is was read
            self._explain(division, transactions)
        yield from self._records(division, map(transactions.take, transactions.touched), out)
        for key in sorted(ends.keys() - out):
            yield self.gone(key, division, ends[key] or utc_text(self.divisions.client(division).now()))
        yield from self.vanished(division, asked - out - ends.keys())
        state |= {**ahead, "terms": transactions.remember()}

    def _explain(self, division: int, transactions: Transactions) -> None:
        """Ask for the credit notes of customers with an invoice of which it is not known how it ended."""
        matched = f"TransactionType eq {CREDIT_NOTE} and Status eq {MATCHED}"
        transactions.credit(self._receivables(division, "Account", transactions.unexplained(), matched))

    def _receivables(self, division: int, column: str, keys: Iterable[str], besides: str = "") -> Iterator[Row]:
        """Yield payment terms of customers by a column, some keys at a time."""
        asked = {name: kind for name, kind in NEEDED.items() if name in RECEIVABLES.columns}
        reader = RowReader(asked, self.divisions.zone, RECEIVABLES.resource, self.logger)
        advice = "It takes the right Financial cashflow; deselect the stream to go on without it."
        for some in batches(sorted(keys), TERMS):
            where = f"{besides} and ({among(column, some)})" if besides else among(column, some)
            found = pages(self.divisions.client(division), RECEIVABLES.resource, reader, self.logger, where)
            for page in permitted(found, self.name, advice, self.logger, skip=self.divisions.skip_forbidden):
                yield from ({**dict.fromkeys(NEEDED), **row} for row in page)

    def _records(self, division: int, transactions: Iterable[Row], out: set[str]) -> Iterator[Row]:
        """Yield transactions as records, and note that they are out."""
        now = self.divisions.client(division).now()
        today = odata.as_wall_clock(now, self.divisions.zone).date().isoformat()
        for transaction in transactions:
            out.add(transaction[KEY])
            url = WEB_URL.format(origin=self.divisions.origin, division=division, id=transaction["Account"])
            yield self._complete({**transaction, "noticed_on": today, "web_url": url}, division)

    @override
    def gone(self, key: str, division: int | None, at: str) -> Row:
        return {**dict.fromkeys(self.schema["properties"]), KEY: key, DIVISION: division, DELETED_AT: at}
