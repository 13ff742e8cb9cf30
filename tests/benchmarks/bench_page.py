"""How long each page, and the report, takes over a ledger of 100,000 transfers.

On SQLite, and on PostgreSQL when a database URL is given::

    python -m tests.benchmarks.bench_page [--number 100000] [--url postgresql+psycopg://…]

Beside the time that passed stands the processor time of page and visitor together, which other work on the machine does
not change.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from rich.console import Console
from rich.table import Table

from tests.transfer_ledger.many import BEGIN, fill
from tests.transfer_ledger.page_server import serving
from transfer_ledger.database import open_engine
from transfer_ledger.report import model
from transfer_ledger.report.formats import FORMATS
from transfer_ledger.wording import Words

if TYPE_CHECKING:
    from sqlalchemy import Engine

PATHS = (
    "/",
    "/to-do",
    "/documents",
    "/documents?before=50000",
    "/documents?after=50000",
    "/documents?before=60",
    "/documents?standing=failed",
    "/documents?standing=failed&before=2000",
    "/documents?standing=pending",
    "/documents?search=F0000042",
    "/documents?search=vos+42",
    "/documents?search=nobody",
    "/documents?search=nobody&standing=failed",
    "/documents?search=26000777&standing=transferred",
    "/documents/77777",
    "/runs",
    "/runs?before=run-500",
    "/runs/run-500",
    "/actions",
    "/links",
)
REPEATS = 5
LIMIT = 0.2
"""Seconds that a page may take."""
REPORT_LIMIT = 10
"""Seconds that a report may take."""
WORDS = Words("nl")


def measure(engine: Engine, number: int) -> bool:
    """Show how long each page takes; return whether all stay below the limit, the first time too."""
    now = BEGIN + dt.timedelta(days=number // 100)
    table = Table("page", "first ms", "later ms", "processor ms")
    good = True
    with serving(engine, lambda: now) as origin, httpx.Client(base_url=origin) as client:
        _seconds(client, "/static/page.css")  # the page is up once it answers
        for path in PATHS:
            used = time.process_time()
            took = [_seconds(client, path) for _ in range(REPEATS)]
            used = (time.process_time() - used) / REPEATS
            good = good and max(took) < LIMIT
            later = sorted(took[1:])[len(took) // 2]
            table.add_row(path, *(f"{each * 1000:.0f}" for each in (took[0], later, used)))
    Console().print(table)
    return good


def measure_report(engine: Engine, number: int) -> bool:
    """Show how long the report of everything takes in each format; return whether all stay below the limit."""
    now = BEGIN + dt.timedelta(days=number // 100)
    table = Table("report", "seconds", "processor seconds", "bytes")
    good = True
    for name, make in FORMATS.items():
        began, used = time.perf_counter(), time.process_time()
        report = model.read(engine, lambda: now, WORDS, BEGIN)
        size = len(make(report, WORDS))
        took = time.perf_counter() - began
        good = good and took < REPORT_LIMIT
        table.add_row(name, f"{took:.1f}", f"{time.process_time() - used:.1f}", f"{size:,}")
    Console().print(table)
    return good


def _seconds(client: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    client.get(path).raise_for_status()
    return time.perf_counter() - began


def main() -> None:
    """Fill a ledger and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=100_000)
    parser.add_argument("--url")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(given.url or f"sqlite:///{Path(folder) / 'ledger.db'}")
        fill(engine, given.number)
        good = measure(engine, given.number) & measure_report(engine, given.number)
        engine.dispose()
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
