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

import requests
from rich.console import Console
from rich.table import Table

from sandbox.demo import sandbox
from tests.benchmarks.programs import BIN, Measured, catalog, config, loop, measure
from tests.e2e.project import mapping_config, plugin_config

UNLIMITED = {"exact_online": {"limits": False}, "autotask": {"threshold": 10_000_000}}
LOOP_AT_MOST = 5_000
"""The plain loop posts so many: its speed does not depend on how many there are."""

console = Console(highlight=False)


@dataclass(frozen=True)
class Size:
    """What was measured at one number of invoices."""

    invoices: int
    tap: Measured
    read_loop: Measured
    target: Measured
    start: Measured
    """The target with nothing to do."""
    write_loop: Measured
    posted: int


def _scenario(folder: Path, invoices: int) -> str:
    scenario = {"companies": max(150, invoices // 100), "invoices": invoices, "planted": False, **UNLIMITED}
    return config(folder, "scenario", scenario)


def _payloads(url: str, folder: Path) -> tuple[str, int]:
    """Write the first documents as bodies of POSTs; return the file and how many there are."""
    state = requests.get(f"{url}/_sandbox/state/exact_online", timeout=600).json()
    accounts = {row["Code"].strip(): row["ID"] for row in state["Accounts"]}
    items = {row["Code"]: row["ID"] for row in state["Items"]}
    path, count = folder / "payloads.jsonl", 0
    with (folder / "documents").open() as documents, path.open("w") as file:
        for message in map(json.loads, documents):
            if message["type"] == "RECORD" and count < LOOP_AT_MOST:
                record = message["record"]
                lines = [
                    {"Item": items[line["item"]], "NetPrice": line["amount"], "VATCode": line["vat_code"]}
                    | {"Quantity": 1, "Description": line["description"][:60]}
                    for line in record["lines"]
                ]
                body = {"OrderedBy": accounts[record["customer"]["code"]], "YourRef": record["reference"]}
                body |= {"Journal": record["journal"], "Currency": record["currency"], "SalesInvoiceLines": lines}
                file.write(json.dumps(body) + "\n")
                count += 1
    return str(path), count


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
            payloads, posted = _payloads(url, folder)
            start = measure(target, folder)
            target_run = measure(target, folder, folder / "documents")
            write_loop = measure(loop("plain_write.py", url, payloads, str(folder / "token.json")), folder)
            codes = [each.code for each in (read_loop, tap, start, target_run, write_loop)]
            assert codes == [0] * 5, (codes, (folder / "log").read_text()[-3000:])
            return Size(invoices, tap, read_loop, target_run, start, write_loop, posted)


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
    loop_rate = [size.posted / size.write_loop.wall for size in sizes]
    rate = [size.invoices / size.target.wall for size in sizes]
    started = [size.invoices / (size.target.wall - size.start.wall) for size in sizes]
    cpu = [(size.write_loop.cpu / size.posted) / (size.target.cpu / size.invoices) for size in sizes]
    row("target, documents/s (wall)", [f"{each:,.0f}" for each in rate])
    row("plain loop, documents/s", [f"{each:,.0f}" for each in loop_rate])
    row("ratio, at least 0.5", [f"{each / plain:.2f}" for each, plain in zip(rate, loop_rate, strict=True)])
    row("ratio once started", [f"{each / plain:.2f}" for each, plain in zip(started, loop_rate, strict=True)])
    row("ratio of processor time", [f"{each:.2f}" for each in cpu])
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
