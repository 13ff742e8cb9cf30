"""A ledger as large as years of work make it, written straight into its tables."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from tests.transfer_ledger.remote import ADMINISTRATION, KIND, invoice
from transfer_ledger.documents import Line, Partner, Problem, Totals
from transfer_ledger.schema import events, listing, runs, transfers
from transfer_ledger.transfers import Transfer, document_columns, key_of, listing_columns, progress_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from transfer_ledger.documents import SalesInvoice

CHUNK = 2_000
A_RUN = 100
"""Documents of one run."""
OPEN_OF_THOUSAND = 30
BEGIN = dt.datetime(2023, 1, 2, 6, 30, tzinfo=dt.UTC)
CUSTOMERS = ("Bakkerij 't Hoekje", "Groen Logistiek B.V.", "Vos Architecten", "Café Zuid", "Dekker Kwekerijen Groep")


def fill(engine: Engine, number: int) -> None:
    """Write so many transfers, of a hundred a run, of which 3 of 100 are open."""
    chance = random.Random(7)
    with engine.begin() as connection:
        for first in range(1, number + 1, CHUNK):
            made = [_made(index, chance) for index in range(first, min(first + CHUNK, number + 1))]
            for table in (transfers, listing, events):
                connection.execute(sa.insert(table), [rows[table] for rows in made])
        ran = list(_runs(-(-number // A_RUN)))
        connection.execute(sa.insert(runs), ran)


def _made(index: int, chance: random.Random) -> dict[sa.Table, dict[str, Any]]:
    document, at = _document(index, chance), BEGIN + dt.timedelta(hours=24 * (index // A_RUN), seconds=index % A_RUN)
    failed = chance.randrange(1000) < OPEN_OF_THOUSAND
    transfer = Transfer(key=key_of(ADMINISTRATION, KIND, document.source), offered_as=document.source.id)
    transfer.run_id = f"run-{index // A_RUN}"
    if failed:
        message = f"Exact Online has no item HW-{chance.randrange(1000)}"
        problem = Problem(field="lines[0].item", value="HW", message=message, setting="invoices.items[0]")
        transfer.state, transfer.reason, transfer.problems = "failed", message, [problem]
    else:
        transfer.state = "transferred"
    transfer.id = index
    row = progress_columns(transfer) | document_columns(transfer, document) | msgspec.structs.asdict(transfer.key)
    receipt = None if failed else f"26{index:06}"
    row |= {"id": index, "offered_as": document.source.id, "created_at": at, "updated_at": at, "settled_at": at}
    row |= {"receipt_id": None if failed else f"guid-{index}", "receipt_number": receipt}
    return {
        transfers: row,
        listing: {"administration": ADMINISTRATION, "kind": KIND}
        | listing_columns(transfer, document)
        | {"receipt_words": receipt or ""},
        events: {
            "transfer_id": index,
            "at": at,
            "run_id": transfer.run_id,
            "event": "failed" if failed else "sent",
            "detail": transfer.reason,
        },
    }


def _document(index: int, chance: random.Random) -> SalesInvoice:
    net = Decimal(chance.randrange(1_000, 1_000_000)) / 100
    vat = (net * 21 / 100).quantize(Decimal("0.01"))
    line = Line(source_ids=["1"], description="Werkzaamheden " * 8, quantity=Decimal(1), unit_price=net, amount=net)
    return msgspec.structs.replace(
        invoice(index),
        number=f"F{index:07}",
        reference=f"F{index:07}",
        customer=Partner(id=str(index % 900), name=f"{chance.choice(CUSTOMERS)} {index % 900}"),
        invoice_date=(BEGIN + dt.timedelta(days=index // A_RUN)).date(),
        lines=[line] * 8,
        totals=Totals(net=net, vat=vat, gross=net + vat),
    )


def _runs(number: int) -> Iterator[dict[str, Any]]:
    for index in range(number + 1):
        began = BEGIN + dt.timedelta(days=index)
        yield {
            "id": f"run-{index}",
            "administration": ADMINISTRATION,
            "target": "target-exact-online",
            "host": "elsewhere",
            "pid": 1,
            "process_started": 0.0,
            "started_at": began,
            "heartbeat_at": began,
            "finished_at": began + dt.timedelta(seconds=95),
            "counts": '{"transferred":97,"failed":3}',
            "exit_code": 1,
            "calls": 104,
        }
