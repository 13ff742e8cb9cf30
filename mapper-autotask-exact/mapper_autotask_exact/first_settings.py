"""The first settings as YAML, from what the taps read of both systems: ``mapper-autotask-exact-init``."""

from __future__ import annotations

from collections import defaultdict
from typing import IO, TYPE_CHECKING, Any

import click
import yaml
from singer_sdk.contrib.msgspec import decoder

from mapper_autotask_exact.case import ONE_LINE
from mapper_autotask_exact.guesses import Guess, Lists, guesses
from mapper_autotask_exact.templates import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mapper_autotask_exact.guesses import Rows

_ABOUT = """\
# First settings, guessed from the lists of both systems. Paste them, indented, in the place of what stands below
# `config:` of the mapping invoices-to-exact in meltano.yml; invoices-to-globe repeats what `&invoices` marks.
# Look at every row with a remark. A ? is for you to choose: as long as one stands, the target refuses what meets it.
"""
_ONE_VALUE = {"journal"}
SHOWN = 400
"""Characters of a remark; a list of choices can be long."""


def text(found: Mapping[str, list[Guess]]) -> str:
    """Return the settings as YAML, with a remark behind each row that is doubtful or a gap."""
    return "\n".join([_ABOUT + "invoices: &invoices", "  form: sales_invoice", *_settings(found), ""])


def _settings(found: Mapping[str, list[Guess]]) -> Iterator[str]:
    for name, rows in found.items():
        if name in _ONE_VALUE:
            yield from (f"  {name}: {_flow(guess.row)}{_remark(guess)}" for guess in rows)
        elif rows:
            yield f"  {name}:"
            yield from (f"    - {_flow(guess.row)}{_remark(guess)}" for guess in rows)


def _flow(value: Any) -> str:
    written: str = yaml.safe_dump(value, default_style=None if isinstance(value, dict) else '"', **ONE_LINE)
    return written.strip()


def _remark(guess: Guess) -> str:
    """Return a doubt as a comment; a name from outside cannot end it, since it stays on its line."""
    if not guess.doubt:
        return ""
    said = " ".join(one_line(guess.doubt).split())
    return f"  # {'CHOOSE' if guess.gap else 'CHECK'}: {said[:SHOWN]}{'…' if len(said) > SHOWN else ''}"


def rows_of(lines: Iterable[bytes]) -> dict[str, Rows]:
    """Return the records of a tap's output, by stream; what is no message is passed over."""
    rows: defaultdict[str, Rows] = defaultdict(list)
    for line in lines:
        message = decoder.decode(line) if line.startswith(b"{") else {}
        if message.get("type") == "RECORD":
            rows[message["stream"]].append(message["record"])
    return dict(rows)


@click.command("mapper-autotask-exact-init")
@click.argument("autotask", type=click.File("rb"))
@click.argument("exact", type=click.File("rb"))
def main(autotask: IO[bytes], exact: IO[bytes]) -> None:
    """Write first settings of the mapper from the lists of both systems.

    AUTOTASK and EXACT are what tap-autotask wrote (billing_codes, currencies, payment_terms, products, tax_categories,
    tax_regions, taxes) and what tap-exact-online did (gl_accounts, items, journals, payment_conditions, vat_codes).
    """
    found = guesses(Lists(autotask=rows_of(autotask), exact=rows_of(exact)))
    click.echo(text(found), nl=False)
    rows = [guess for every in found.values() for guess in every]
    gaps, doubts = sum(row.gap for row in rows), sum(bool(row.doubt) and not row.gap for row in rows)
    click.echo(f"{len(rows)} rows: {len(rows) - gaps - doubts} certain, {doubts} to check, {gaps} to choose.", err=True)


if __name__ == "__main__":
    main()
