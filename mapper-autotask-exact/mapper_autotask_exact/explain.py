"""Why a document looks as it does: which row of which table matched, and where none did, why not.

``mapper-autotask-exact-explain --config settings.yml < record.json``
"""

from __future__ import annotations

from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

import click
import msgspec
from singer_sdk.contrib.msgspec import decoder

from mapper_autotask_exact import invoices
from mapper_autotask_exact.case import Lookup, described
from mapper_autotask_exact.settings import SettingsError, load
from mapper_autotask_exact.tables import Miss, misses
from mapper_autotask_exact.templates import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapper_autotask_exact.settings import InvoiceSettings
    from transfer_ledger.documents import Line, SalesInvoice

encoder = msgspec.json.Encoder(decimal_format="number")

NEAREST = 3
"""How many rows that do not fit are shown in the text; the JSON shows all."""


class Answer(msgspec.Struct, kw_only=True):
    """What one table said about one field of the document, or of one line."""

    field: str
    line: str | None
    """The billing item; None for the document."""
    table: str
    row: str | None
    """The row that counts; None when none fits."""
    asked: str
    """What the row asks, or what a new row would have to ask."""
    gives: dict[str, str]
    misses: list[Miss]
    """Rows that do not fit, nearest first; only when none does."""


class Explanation(msgspec.Struct, kw_only=True):
    """A document and the answers it was made of."""

    document: SalesInvoice
    answers: list[Answer]


def explain(record: dict[str, Any], settings: InvoiceSettings) -> Explanation:
    """Map a record and keep what each table said.

    Raises:
        Exception: whatever mapping raises on a record that is not one of ``expanded_invoices``.
    """
    lookups: list[Lookup] = []
    document = invoices.document(record, settings, lookups)
    return Explanation(document=document, answers=[_answer(lookup) for lookup in lookups])


def _answer(lookup: Lookup) -> Answer:
    row = lookup.row
    return Answer(
        field=lookup.field,
        line=lookup.line,
        table=lookup.table.path,
        row=row.path if row else None,
        asked=", ".join(f"{c.name}: {c.wanted}" for c in row.conditions)
        if row
        else described(lookup.table, lookup.facts),
        gives={name: _given(value) for name, value in row.result.items()} if row else {},
        misses=[] if row else misses(lookup.table, lookup.facts),
    )


def _given(value: Any) -> str:
    if isinstance(value, tuple):
        return " | ".join(template.source for template in value)
    if isinstance(value, Decimal):
        return f"{plain(value * 100)} %"
    return str(getattr(value, "source", value))


def text(explanation: Explanation) -> str:
    """Return an explanation for a bookkeeper to read."""
    document = explanation.document
    totals = document.totals
    return "\n".join(
        [
            (
                f"{document.type.replace('_', ' ')} {document.number} for {document.customer.name or '(no name)'}: "
                f"{totals.net} net + {totals.vat} VAT = {totals.gross} {document.currency}"
            ),
            *_shown(explanation, None),
            *(row for line in document.lines for row in _line(explanation, line)),
            "",
            *_outcome(document),
        ]
    )


def _line(explanation: Explanation, line: Line) -> Iterator[str]:
    codes = " ".join(code for code in (line.item, line.gl_account) if code) or "no item"
    yield ""
    yield f"{plain(line.quantity)} x {plain(line.unit_price)} = {line.amount:f}  {line.description}"
    yield f"  {codes}, VAT code {line.vat_code or 'unknown'}"
    if line.rounding:
        yield "  added so that the totals agree (invoices.rounding)"
    for item in line.source_ids:
        yield f"  billing item {item}"
        yield from _shown(explanation, item)


def _shown(explanation: Explanation, line: str | None) -> Iterator[str]:
    for answer in explanation.answers:
        if answer.line == line and (answer.row or answer.field != "skip"):
            yield from _answered(answer) if answer.row else _unanswered(answer)


def _answered(answer: Answer) -> Iterator[str]:
    asked = f"  {{{answer.asked}}}" if answer.asked else ""
    gives = ", ".join(answer.gives.values()) or "yes"
    yield f"    {answer.field}: {gives}  <- {answer.row}{asked}"


def _unanswered(answer: Answer) -> Iterator[str]:
    yield f"    {answer.field}: no row of {answer.table} fits {{{answer.asked}}}"
    for miss in answer.misses[:NEAREST]:
        why = "; ".join(f"{name} is {found or '(empty)'}, not {wanted}" for name, wanted, found in miss.failed)
        yield f"      {miss.path}: {why}"
    if len(answer.misses) > NEAREST:
        yield f"      and {len(answer.misses) - NEAREST} more"


def _outcome(document: SalesInvoice) -> Iterator[str]:
    if document.skip:
        yield f"It is skipped: {document.skip}."
    elif document.voided:
        yield f"It is voided in Autotask and is not made in Exact; once transferred: {document.when_voided}."
    elif not document.problems:
        yield "It can be transferred."
    else:
        yield "It cannot be transferred:"
    for problem in document.problems:
        setting = f"  [{problem.setting}]" if problem.setting else ""
        yield f"  - {problem.field}: {problem.message}{setting}"


def records(data: bytes) -> Iterator[dict[str, Any]]:
    """Read invoices from Singer lines, from one record, or from a list of records.

    Raises:
        msgspec.DecodeError: it is not JSON.
    """
    try:
        found = decoder.decode(data)
    except msgspec.DecodeError:
        found = [decoder.decode(line) for line in data.splitlines() if line.strip()]
    for message in found if isinstance(found, list) else [found]:
        if "type" not in message:
            yield message
        elif message["type"] == "RECORD" and message["stream"] == invoices.STREAM:
            yield message["record"]


def config_of(file: dict[str, Any], mapping: str | None) -> dict[str, Any]:
    """Return the mapper's settings from a settings file, or from the mapping of a ``meltano.yml``.

    Raises:
        click.ClickException: the file holds no mapping of that name, or several and none was named.
    """
    if "plugins" not in file:
        return file
    mappers = file["plugins"].get("mappers", [])
    configs = {row["name"]: row["config"] for mapper in mappers for row in mapper.get("mappings", [])}
    names = [name for name in configs if name == mapping or mapping is None]
    if len(names) != 1:
        raise click.ClickException(f"name one of the mappings with --mapping: {', '.join(configs) or 'there are none'}")
    config: dict[str, Any] = configs[names[0]]
    return config


@click.command("mapper-autotask-exact-explain")
@click.option("--config", type=click.File("rb"), required=True, help="Settings: YAML or JSON, or a meltano.yml.")
@click.option("--mapping", help="Name of the mapping, when the settings are in a meltano.yml with several.")
@click.option("--number", help="Only the invoice with this number.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with all that is known.")
@click.argument("source", type=click.File("rb"), default="-")
def main(config: IO[bytes], source: IO[bytes], mapping: str | None, number: str | None, *, as_json: bool) -> None:
    """Tell which row of which table gave each field of a document, and where none did, why not.

    SOURCE holds Singer lines, a record of expanded_invoices, or a list of them; standard input when left out.
    """
    explanations = _explanations(config_of(msgspec.yaml.decode(config.read()), mapping), source.read(), number)
    if not explanations:
        raise click.ClickException(f"there is no such invoice in the input; give records of {invoices.STREAM}")
    if as_json:
        click.echo(msgspec.json.format(encoder.encode(explanations)))
    else:
        click.echo("\n\n".join(text(explanation) for explanation in explanations))


def _explanations(config: dict[str, Any], data: bytes, number: str | None) -> list[Explanation]:
    try:
        settings = load(config).invoices
        found = list(records(data))
    except SettingsError as error:
        raise click.ClickException(f"the settings cannot be used:\n{error}") from error
    except msgspec.DecodeError as error:
        raise click.ClickException(f"the input is not JSON: {error}") from error
    if settings is None:
        raise click.ClickException("the settings say nothing about invoices; fill in the key invoices")
    made = [explain(record, settings) for record in found]
    return [explanation for explanation in made if number in {None, explanation.document.number}]


if __name__ == "__main__":
    main()
