"""Golden cases: a record, the settings that differ from the base, and what is made of them, a file per column."""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import yaml
from singer_sdk.contrib.msgspec import decoder
from typing_extensions import override

from mapper_autotask_exact.routes import route_of
from mapper_autotask_exact.settings import load
from tests.golden import exact_globe
from transfer_ledger.documents import encode, key

if TYPE_CHECKING:
    from collections.abc import Callable

    from mapper_autotask_exact.routes import Route
    from transfer_ledger.documents import Document

FOLDER = Path(__file__).parent
SETTINGS = "settings.yml"
BASES = {
    "invoices": SETTINGS,
    "accounts": "accounts.yml",
    "companies": "companies.yml",
    "payments": "payments.yml",
    "purchases": "purchases.yml",
}
"""Area to the settings that its cases start from."""


@dataclass(frozen=True)
class Case:
    """One folder."""

    folder: Path

    @property
    def record(self) -> dict[str, Any]:
        """What the tap would give."""
        record: dict[str, Any] = decoder.decode((self.folder / "record.json").read_bytes())
        return record

    @property
    def route(self) -> Route:
        """What the mapper does with such a record."""
        return route_of(self.record)

    @property
    def settings(self) -> dict[str, Any]:
        """The base settings, with those of this case in their place."""
        own, area = self.folder / SETTINGS, self.route.area
        changes = yaml.safe_load(own.read_text()) if own.exists() else {area: {}}
        return {area: {**base_settings(area)[area], **changes[area]}}

    @property
    def document(self) -> Document:
        """What the mapper makes of it."""
        return self.route.document(self.record, getattr(load(self.settings), self.route.area))


def base_settings(area: str = "invoices") -> dict[str, Any]:
    """Return the settings that every case of an area starts from."""
    settings: dict[str, Any] = yaml.safe_load((FOLDER / BASES[area]).read_text())
    return settings


def cases() -> list[Case]:
    """Return all cases by name: every folder here is one."""
    return [Case(folder) for folder in sorted(FOLDER.iterdir()) if folder.is_dir() and folder.name[0] not in "._"]


def document_column(case: Case) -> str:
    """Return the document as a person reads it: without what is empty, amounts as they stand."""
    document = case.document
    fields = _told(msgspec.to_builtins(document, builtin_types=(Decimal, dt.date)))
    ordered = {name: fields[name] for name in encode(document) if name in fields}
    text: str = yaml.dump({**ordered, "source": key(document.source)}, Dumper=_Dumper, sort_keys=False, **_LAYOUT)
    return text


COLUMNS: dict[str, Callable[[Case], str]] = {
    "document.yml": document_column,
    "exact_globe.json": exact_globe.json_column,
    "exact_globe.xml": exact_globe.xml_column,
}
"""File name to what makes its text. A column for another system is one function more; where it gives no text, the
case has no such file."""


def difference(case: Case, column: str) -> str:
    """Return how a column differs from its file; empty when it does not."""
    path = case.folder / column
    expected = path.read_text() if path.exists() else ""
    lines = difflib.unified_diff(
        expected.splitlines(), COLUMNS[column](case).splitlines(), str(path), "what is made now", lineterm="", n=2
    )
    return "\n".join(lines)


def write(case: Case, column: str, *, force: bool) -> str:
    """Write a column's file, and say what was done; one that holds something else is kept unless forced."""
    path, text = case.folder / column, COLUMNS[column](case)
    name = f"{case.folder.name}/{column}"
    if (path.read_text() if path.exists() else "") == text:
        return f"{name}: unchanged"
    if path.exists() and not force:
        return f"{name}: NOT written, since it differs from what is there; look at it, then use --force"
    path.write_text(text)
    return f"{name}: written"


def _told(value: Any) -> Any:
    """Leave out what is empty."""
    if isinstance(value, dict):
        told = {name: _told(item) for name, item in value.items()}
        return {name: item for name, item in told.items() if item is not None and item is not False and item != {}}
    return [_told(item) for item in value] or None if isinstance(value, list) else (None if value == "" else value)


class _Dumper(yaml.SafeDumper):
    """Writes amounts as they stand, and every value in full."""

    @override
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _amount(dumper: _Dumper, amount: Decimal) -> yaml.ScalarNode:
    text = format(amount, "f")
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


_Dumper.add_representer(Decimal, _amount)
_LAYOUT: dict[str, Any] = {"allow_unicode": True, "width": 1000, "default_flow_style": None}
