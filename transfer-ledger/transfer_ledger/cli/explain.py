"""``transfers explain``: how a document came to be."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import click
import msgspec
import yaml

from transfer_ledger.cli.options import ledger_option, mapping_option, opened, settings_of, settings_option
from transfer_ledger.explanation import explanations
from transfer_ledger.summary import printable, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transfer_ledger.explanation import Answer, Explanation

_encode = msgspec.json.Encoder(decimal_format="number").encode


@click.command()
@ledger_option
@settings_option
@mapping_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with all that is known.")
@click.argument("document")
def explain(url: str, file: IO[bytes] | None, mapping: str | None, document: str, *, as_json: bool) -> None:
    """Tell which row of which table of the settings gave each field of DOCUMENT, and what became of it.

    DOCUMENT is its number, here or in the receiving system, our reference, the id of the record, or the whole key,
    system/tenant/stream/id. With the settings, the rows themselves are shown.
    """
    settings = None if file is None else settings_of(file, mapping)
    ledger = opened(url)
    found = explanations(ledger.engine, document, settings)
    ledger.close()
    if not found:
        raise click.ClickException(f"the ledger holds no transfer {document!r}; `transfers log --limit 0` lists all")
    if as_json:
        click.echo(msgspec.json.format(_encode(found)))
    else:
        click.echo("\n\n".join("\n".join(printable(line) for line in _told(each)) for each in found))


def _told(each: Explanation) -> Iterator[str]:
    row = each.transfer
    key = "/".join(str(row[f"source_{part}"]) for part in ("system", "tenant", "stream", "id"))
    there = row["receipt_number"] or row["receipt_id"]
    yield f"{row['kind']} {row['number'] or row['source_id']} to {row['administration']}: {row['state']}" + (
        f" as {there}" if there else ""
    )
    about = (row["customer_name"], _amount(row), row["invoice_date"])
    yield f"  {', '.join(str(part) for part in about if part)}"
    yield f"  from {key}"
    yield from (f"  open it: {url}" for url in (row["source_url"], row["receipt_url"]) if url)
    if row["reason"]:
        yield f"  {sentences(row['reason'], row['advice'])}"
    yield from _answered(each.answers, "  ")
    for line in each.lines:
        yield ""
        yield f"  {line.title}"
        yield from _answered(line.answers, "    ")
    yield ""
    for event in each.events:
        yield f"  {event.at.astimezone():%Y-%m-%d %H:%M:%S}  {event.event}" + (f": {event.detail}" * bool(event.detail))


def _amount(row: dict[str, Any]) -> str:
    return "" if row["gross"] is None else f"{row['currency']} {row['gross']:,f}"


def _answered(answers: list[Answer], margin: str) -> Iterator[str]:
    for answer in answers:
        row = "" if answer.row is None or not isinstance(answer.row, dict) else f"  {_flow(answer.row)}"
        yield f"{margin}{answer.field}: {answer.value or '(nothing)'}  <- {answer.rule}{row}"
        if answer.doubt:
            yield f"{margin}  {answer.doubt}"


def _flow(row: dict[str, Any]) -> str:
    """Return a row as it may stand in the settings."""
    text: str = yaml.safe_dump(row, default_flow_style=True, sort_keys=False, allow_unicode=True, width=float("inf"))
    return text.strip()
