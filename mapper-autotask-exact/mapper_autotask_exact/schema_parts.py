"""What schemas of settings are made of: words, texts, templates, and tables of which the first row that fits counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mapper_autotask_exact.facts import Fact

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
CODE: Schema = {"type": "string", "minLength": 1}
AMOUNT: Schema = {"type": "number", "minimum": 0}
TEMPLATES: Schema = {"type": ["string", "array"], "items": TEXT, "minItems": 1}
"""A text template, or several of which the first whose fields are all filled counts."""


def one_of(*words: str) -> Schema:
    """Return the schema of a word."""
    return {"enum": list(words)}


def _condition(fact: Fact) -> Schema:
    if fact.flag:
        return {"type": "boolean", "description": fact.about}
    return {"type": ["string", "array"], "items": TEXT, "minItems": 1, "description": fact.about}


def table(facts: dict[str, Fact], results: Schema, required: tuple[str, ...] = (), **more: Any) -> Schema:
    """Return the schema of a table: rows with conditions on facts, and results."""
    row = {
        "type": "object",
        "properties": {**{name: _condition(fact) for name, fact in facts.items()}, **results},
        "required": list(required),
        "additionalProperties": False,
        "minProperties": 1,
        **more,
    }
    return {"type": "array", "items": row}


def choice(name: str, value: Schema, facts: dict[str, Fact], **results: Schema) -> Schema:
    """Return the schema of a setting that is one value for all records, or a table."""
    rows = table(facts, {name: value, **results}, (name,))
    return {"if": {"type": "array"}, "then": rows, "else": value}


def about(description: str, schema: Schema, default: str | float | list[Any] | None = None) -> Schema:
    """Add what a setting means, and what it is when left out."""
    return {**schema, "description": description, **({} if default is None else {"default": default})}


def group(**properties: Schema) -> Schema:
    """Return the schema of a group of settings."""
    return {"type": "object", "properties": properties, "additionalProperties": False}


def currencies(facts: dict[str, Fact]) -> Schema:
    """Return the schema of the table of currencies."""
    results: Schema = {
        "code": {**CODE, "description": "code in Exact; left out: the same"},
        "allowed": {**FLAG, "description": "left out: yes"},
    }
    return about("currencies that may be transferred; left out: all", table(facts, results))


def dimension(what: str, result: str, facts: dict[str, Fact]) -> Schema:
    """Return the schema of a table for what the row of an item left open, such as the cost centre."""
    text = f"{what} of a line whose row in `items` names none; a line that fits no row gets none"
    return about(text, table(facts, {result: CODE}, (result,)))


def named_partner(who: str, root: str) -> Schema:
    """Return the schema of the templates of what is known about a customer or supplier.

    Args:
        who: What it is called.
        root: What its templates begin with.
    """
    return about(
        f"templates of what is known about the {who}",
        group(
            code=about("account code in Exact", TEXT, f"{{{root}.companyNumber}}"),
            vat_number=about("VAT number", TEXT, f"{{{root}.taxID}}"),
            chamber_of_commerce=about("chamber of commerce number", TEXT),
            email=about("e-mail address", TEXT),
        ),
    )
