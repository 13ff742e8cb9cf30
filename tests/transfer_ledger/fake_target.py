"""A whole target over a receiving system that is a folder of files; run as a program or used in a test's process.

Each document it holds is a line in ``written``. ``slow_seconds`` makes a write take so long, half before and half
after the line is there; ``stop_after`` is its quota.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from singer_sdk.typing import IntegerType, NumberType, PropertiesList, Property, StringType
from typing_extensions import override

from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed, StopRun
from transfer_ledger.receipts import Found, Prepared, Receipt, Step
from transfer_ledger.sinks import LEDGER_SETTINGS, DocumentSink, DocumentTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_ledger.documents import SalesInvoice


class FakeSink(DocumentSink[Prepared]):
    """Appends documents to a file."""

    @override
    def prepare(self, document: SalesInvoice) -> Prepared:
        if document.number in self.config["refused"]:
            raise DocumentFailed([Problem(field="number", value=document.number, message="refused")], "Ask for it.")
        return Prepared(customer_id=document.customer.id)

    @override
    def steps(self, document: SalesInvoice, prepared: Prepared) -> Sequence[Step]:
        return [
            Step(
                name="create",
                find=lambda _: self.match(document, prepared, self.held(document)),
                write=lambda _: self.write(document),
            )
        ]

    def held(self, document: SalesInvoice) -> list[Found]:
        """Return what the file holds under the document's reference."""
        if document.reference not in self.written.read_text().split():
            return []
        return [
            Found(
                id=document.reference,
                reference=document.reference,
                customer_id=document.customer.id,
                gross=document.totals.gross,
            )
        ]

    def write(self, document: SalesInvoice) -> Receipt:
        """Append the document's reference."""
        if len(self.written.read_text().split()) >= self.config["stop_after"]:
            raise StopRun("The calls of today are used up.", "Run again after midnight.")
        half = float(self.config["slow_seconds"]) / 2
        time.sleep(half)
        with self.written.open("a") as file:
            file.write(f"{document.reference}\n")
        time.sleep(half)
        return Receipt(id=document.reference, number=document.reference, totals=document.totals)

    @property
    def written(self) -> Path:
        """The file that is the receiving system."""
        return Path(self.config["written"])


class FakeTarget(DocumentTarget):
    """Writes sales invoices to a file."""

    name = "target-fake"
    package_name = "transfer-ledger"
    administration = "1234567"
    sink_classes = {"sales_invoices": FakeSink}  # noqa: RUF012 - the class variable of the base
    config_jsonschema = PropertiesList(
        *LEDGER_SETTINGS,
        Property("written", StringType, required=True),
        Property("slow_seconds", NumberType, default=0),
        Property("stop_after", IntegerType, default=1_000_000),
        Property("refused", StringType, default=""),
    ).to_dict()

    @override
    def progress_facts(self) -> Sequence[str]:
        return ["48 calls left this minute"]


if __name__ == "__main__":
    FakeTarget.cli()
