"""The page under ``/_sandbox/``: what arrived in each system, for a person to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader

if TYPE_CHECKING:
    from sandbox.context import Context, Half
    from sandbox.store import Row, Table

ROWS_SHOWN = 200
FIRST = ("exact_online", "exact_globe", "autotask")
TITLES = {"autotask": "Autotask", "exact_online": "Exact Online", "exact_globe": "Exact Globe"}

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def render(context: Context, halves: dict[str, Half]) -> str:
    """Return the page as HTML, systems that receive documents first."""
    systems = [
        {
            "title": TITLES[system],
            "resources": _resources(context.store.tables(system), getattr(halves[system], "PAGE", {})),
            "tables": {name: len(table) for name, table in sorted(context.store.tables(system).items()) if len(table)},
        }
        for system in FIRST
        if system in halves
    ]
    return _environment.get_template("page.html").render(
        systems=systems, now=f"{context.clock.now():%d-%m-%Y %H:%M:%S}", options=context.options, shown=ROWS_SHOWN
    )


def _resources(tables: dict[str, Table], columns: dict[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """Return the resources that something arrived in, those the half names first."""
    order = [*columns, *sorted(set(tables) - set(columns))]
    arrived = [(name, tables[name]) for name in order if name in tables and tables[name].arrived]
    return [_resource(name, table, columns.get(name)) for name, table in arrived]


def _resource(name: str, table: Table, columns: tuple[str, ...] | None) -> dict[str, Any]:
    keys = list(table.arrived)
    rows: list[Row] = [row for key in reversed(keys[-ROWS_SHOWN:]) if (row := table.get(key)) is not None]
    shown = columns or tuple(rows[0])[:8]
    return {
        "name": name,
        "count": len(keys),
        "columns": shown,
        "rows": [[_cell(row.get(column)) for column in shown] for row in rows],
    }


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} rows"
    return "" if value is None else str(value).replace("\x00", "␀")
