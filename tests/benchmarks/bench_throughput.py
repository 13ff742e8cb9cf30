"""Tap and target beside a plain `requests` loop on the same sandbox in the same run: `make bench`.

Ratios are what counts; seconds are those of one machine. Peak memory is that of the program, at few and at many
invoices.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from sandbox.demo import sandbox
from tests.benchmarks.programs import BIN, Measured, catalog, config, loop, measure
from tests.e2e.project import mapping_config, plugin_config

UNLIMITED = {"exact_online": {"limits": False}, "autotask": {"threshold": 10_000_000}}
LINE = ("Item", "Quantity", "NetPrice", "VATCode", "Description", "CostCenter")
HEADER = ("OrderedBy", "Journal", "YourRef", "Description", "Currency", "PaymentCondition", "InvoiceDate", "OrderDate")

console = Console(highlight=False)


@dataclass(frozen=True)
class Size:
    """What was measured at one number of invoices."""

    invoices: int
    tap: Measured
    read_loop: Measured
    target: Measured
    booked: int
    write_loop: Measured


def _scenario(folder: Path, invoices: int) -> str:
    scenario = {"companies": max(150, invoices // 100), "invoices": invoices, "planted": False, **UNLIMITED}
    return config(folder, "scenario", scenario)


def _payloads(url: str, folder: Path) -> tuple[str, int]:
    """Write what stands in Exact as bodies of POSTs."""
    state = requests.get(f"{url}/_sandbox/state/exact_online", timeout=600).json()
    lines: dict[str, list[dict[str, Any]]] = {}
    for row in state["SalesInvoiceLines"]:
        lines.setdefault(row["InvoiceID"], []).append({name: row[name] for name in LINE if row.get(name) is not None})
    path = folder / "payloads.jsonl"
    with path.open("w") as file:
        for row in state["SalesInvoices"]:
            body = {name: row[name] for name in HEADER if row.get(name) is not None}
            file.write(json.dumps(body | {"SalesInvoiceLines": lines[row["InvoiceID"]]}) + "\n")
    return str(path), len(state["SalesInvoices"])


def run(invoices: int) -> Size:
    """Measure once at a number of invoices, on a sandbox of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with sandbox("--scenario", _scenario(folder, invoices)) as url:
            autotask = f"{url}/ATServicesRest"
            tap_config = plugin_config("extractors", "tap-autotask--invoices") | {"api_url": autotask}
            tap_path = config(folder, "tap", tap_config)
            command = [str(BIN / "tap-autotask"), "--config", tap_path]
            command += ["--catalog", catalog(folder, "tap-autotask", tap_path, "expanded_invoices")]
            read_loop = measure(loop("plain_read.py", autotask), folder)
            tap = measure(command, folder, stdout=folder / "records")
            mapper = [
                str(BIN / "mapper-autotask-exact"),
                "--config",
                config(folder, "map", mapping_config("invoices-to-exact")),
            ]
            measure(mapper, folder, folder / "records", folder / "documents")
            target_config = plugin_config("loaders", "target-exact-online--invoices") | {
                "api_url": url,
                "token_file": str(folder / "token.json"),
                "ledger_url": f"sqlite:///{folder / 'transfers.db'}",
            }
            target = [str(BIN / "target-exact-online"), "--config", config(folder, "target", target_config)]
            target_run = measure(target, folder, folder / "documents")
            payloads, booked = _payloads(url, folder)
            requests.post(f"{url}/_sandbox/reset", json={}, timeout=600).raise_for_status()
            accounts = measure(loop("plain_write.py", url, payloads), folder)
            assert (tap.code, read_loop.code, accounts.code) == (0, 0, 0), (folder / "log").read_text()[-3000:]
            return Size(invoices, tap, read_loop, target_run, booked, accounts)


def show(sizes: list[Size]) -> None:
    """Print figures and ratios, one column a size."""
    table = Table("", *(f"{size.invoices:,} invoices" for size in sizes))

    def row(title: str, values: list[str]) -> None:
        table.add_row(title, *values)

    row("tap, records/s (wall)", [f"{size.invoices / size.tap.wall:,.0f}" for size in sizes])
    row("plain loop, records/s", [f"{size.invoices / size.read_loop.wall:,.0f}" for size in sizes])
    row("ratio, at least 0.3", [f"{size.read_loop.wall / size.tap.wall:.2f}" for size in sizes])
    row("ratio of processor time", [f"{size.read_loop.cpu / size.tap.cpu:.2f}" for size in sizes])
    row("tap, peak MiB", [f"{size.tap.peak:.0f}" for size in sizes])
    row("booked by the target", [f"{size.booked:,} (exit code {size.target.code})" for size in sizes])
    row("target, documents/s (wall)", [f"{size.booked / size.target.wall:,.0f}" for size in sizes])
    row("plain loop, documents/s", [f"{size.booked / size.write_loop.wall:,.0f}" for size in sizes])
    row("ratio, at least 0.5", [f"{size.write_loop.wall / size.target.wall:.2f}" for size in sizes])
    row("ratio of processor time", [f"{size.write_loop.cpu / size.target.cpu:.2f}" for size in sizes])
    row("target, peak MiB", [f"{size.target.peak:.0f}" for size in sizes])
    console.print(table)
    for name, peaks in (("tap", [size.tap.peak for size in sizes]), ("target", [size.target.peak for size in sizes])):
        console.print(f"{name}: peak memory grows by {max(peaks) / min(peaks) - 1:.0%} over the sizes (at most 20 %)")


def main() -> None:
    """Measure at each size that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("invoices", type=int, nargs="*", default=[1_000, 100_000])
    show([run(size) for size in parser.parse_args().invoices])


if __name__ == "__main__":
    main()
