"""Why a document looks as it does: which row of which table matched, and where none did, why not.

``mapper-autotask-exact-explain --config settings.yml < record.json``
"""

from __future__ import annotations

from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

import click
import msgspec
from singer_sdk.contrib.msgspec import decoder

from mapper_autotask_exact.case import Lookup, described
from mapper_autotask_exact.routes import ROUTES, route_of
from mapper_autotask_exact.settings import SettingsError, load
from mapper_autotask_exact.tables import Miss, misses
from mapper_autotask_exact.templates import one_line, plain
from transfer_ledger.documents import (
    Account,
    Company,
    Document,
    InvoicePayment,
    Line,
    OrderLine,
    PurchaseOrder,
    SalesInvoice,
    Voucher,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mapper_autotask_exact.parties.settings import PartySettings
    from mapper_autotask_exact.payments.settings import PaymentSettings
    from mapper_autotask_exact.purchases.settings import PurchaseSettings
    from mapper_autotask_exact.routes import Route
    from mapper_autotask_exact.settings import InvoiceSettings

encoder = msgspec.json.Encoder(decimal_format="number")

WINS = {"source": "where it comes from wins", "receiver": "where it goes wins", "report": "a person decides"}
"""Who wins a field, for people to read."""
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

    document: Document
    answers: list[Answer]


def explain(
    record: dict[str, Any], settings: InvoiceSettings | PartySettings | PaymentSettings | PurchaseSettings
) -> Explanation:
    """Map a record and keep what each table said.

    Raises:
        Exception: whatever mapping raises on a record that is not one of the stream whose settings these are.
    """
    lookups: list[Lookup] = []
    document = route_of(record).document(record, settings, lookups)
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
    if isinstance(value, list):
        return " and ".join(value)
    if isinstance(value, tuple):
        return " | ".join(template.source for template in value)
    if isinstance(value, Decimal):
        return f"{plain(value * 100)} %"
    return str(getattr(value, "source", value))


def text(explanation: Explanation) -> str:
    """Return an explanation for a bookkeeper to read."""
    document = explanation.document
    told = TOLD_BY_KIND[type(document)](explanation, document)
    return "\n".join(map(one_line, [*told, "", *_outcome(document)]))


def _invoice(explanation: Explanation, document: SalesInvoice) -> Iterator[str]:
    totals = document.totals
    yield (
        f"{document.type.replace('_', ' ')} {document.number} for {document.customer.name or '(no name)'}: "
        f"{totals.net} net + {totals.vat} VAT = {totals.gross} {document.currency}"
    )
    yield from _shown(explanation, None)
    for line in document.lines:
        yield from _line(explanation, line)


def _order(explanation: Explanation, document: PurchaseOrder) -> Iterator[str]:
    yield (
        f"{document.type} {document.number} of {document.order_date or '(no day)'} from "
        f"{document.supplier.name or '(no name)'}: {document.totals.net} {document.currency}"
    )
    yield from _shown(explanation, None)
    for line in document.lines:
        yield from _order_line(explanation, line)


def _order_line(explanation: Explanation, line: OrderLine) -> Iterator[str]:
    codes = (("item", line.item), ("supplier's", line.supplier_item_code), ("fallback", line.fallback_item))
    told = ", ".join(f"{name} {code}" for name, code in codes if code)
    yield ""
    yield f"{plain(line.quantity)} x {plain(line.unit_cost)} = {line.amount:f}  {line.description}"
    yield f"  {told or 'no item'}"
    for taken in line.takes_back:
        yield f"  takes back {plain(taken.quantity)} of receipt {taken.receipt}, of which {plain(taken.left)} are left"
    rows = line.source_ids[:1] or ["freight"]
    yield f"  receiving row {', '.join(line.source_ids)}" if line.source_ids else "  freight of the order"
    yield from _shown(explanation, rows[0])


def _party(explanation: Explanation, document: Account | Company) -> Iterator[str]:
    kind = document.company_type if isinstance(document, Company) else " and ".join(document.status)
    title = " ".join(filter(None, (document.code, document.name))) or "(no name)"
    yield f"{type(document).__name__.lower()} {title}: {kind or 'nothing'}"
    yield from _shown(explanation, None)
    for winner, meaning in WINS.items():
        fields = [field for field, who in document.fields_won_by.items() if who == winner]
        if fields:
            yield f"    changed on both sides, {meaning}: {', '.join(fields)}"


def _payment(explanation: Explanation, document: InvoicePayment) -> Iterator[str]:
    state, amounts = document.state.replace("_", " "), f"{document.open_amount:f} of {document.amount:f}"
    yield (
        f"payment of {document.headline().number} by {document.customer.name or '(no name)'}: {state}, "
        f"{amounts} {document.currency} open; paid date: {document.paid_date or 'none'}"
    )
    yield from _shown(explanation, None)
    for term in document.terms:
        how = f"ended by {term.ended_by.replace('_', ' ')}" if term.ended_by else "open"
        day = term.paid_on or term.ended_on
        yield f"  {term.amount:f}, due {term.due_date or 'on no day'}: {how}" + (f" on {day}" if day else "")


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


TOLD_BY_KIND: dict[type[Document], Callable[[Explanation, Any], Iterator[str]]] = {
    SalesInvoice: _invoice,
    PurchaseOrder: _order,
    Account: _party,
    Company: _party,
    InvoicePayment: _payment,
}
"""Kind of document to what tells how it was made."""


def _outcome(document: Document) -> Iterator[str]:
    if document.skip:
        yield f"It is skipped: {document.skip}."
    elif isinstance(document, Voucher) and document.voided:
        yield f"It is voided in Autotask and is not made in Exact; once transferred: {document.when_voided}."
    elif not document.problems:
        yield "It can be transferred."
    else:
        yield "It cannot be transferred:"
    for problem in document.problems:
        setting = f"  [{problem.setting}]" if problem.setting else ""
        yield f"  - {problem.field}: {problem.message}{setting}"


def records(data: bytes) -> Iterator[dict[str, Any]]:
    """Read records from Singer lines, from one record, or from a list of records.

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
        elif message["type"] == "RECORD" and message["stream"] in ROUTES:
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
@click.option("--number", help="Only the invoice with this number, or the company or account with this code.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, with all that is known.")
@click.argument("source", type=click.File("rb"), default="-")
def main(config: IO[bytes], source: IO[bytes], mapping: str | None, number: str | None, *, as_json: bool) -> None:
    """Tell which row of which table gave each field of a document, and where none did, why not.

    SOURCE holds Singer lines, a record of an expanded stream, or a list of them; standard input when left out.
    """
    explanations = _explanations(config_of(msgspec.yaml.decode(config.read()), mapping), source.read(), number)
    if not explanations:
        raise click.ClickException(f"there is no such invoice in the input; give records of {', '.join(ROUTES)}")
    if as_json:
        click.echo(msgspec.json.format(encoder.encode(explanations)))
    else:
        click.echo("\n\n".join(text(explanation) for explanation in explanations))


def _explanations(config: dict[str, Any], data: bytes, number: str | None) -> list[Explanation]:
    try:
        settings = load(config)
        found = list(records(data))
    except SettingsError as error:
        raise click.ClickException(f"the settings cannot be used:\n{error}") from error
    except msgspec.DecodeError as error:
        raise click.ClickException(f"the input is not JSON: {error}") from error
    areas = {area: given for area in settings.__struct_fields__ if (given := getattr(settings, area)) is not None}
    routed = [(route_of(record), record) for record in found]
    made = [explain(record, areas[route.area]) for route, record in routed if route.area in areas]
    if found and not made:
        raise click.ClickException(_lacking(routed[0][0]))
    return [each for each in made if number is None or number in _numbers(each.document)]


def _lacking(route: Route) -> str:
    return f"the settings say nothing about {route.area}; fill in the key {route.area}"


def _numbers(document: Document) -> tuple[str, str]:
    """Return what a document is asked for by."""
    return document.headline().number, document.source.id


if __name__ == "__main__":
    main()
