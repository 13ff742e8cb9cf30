"""What a sandbox can be told: a scenario, from a YAML or JSON file or from the body of ``POST /_sandbox/reset``."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")
Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]


class OptionsError(ValueError):
    """A scenario that cannot be used; the message names the option."""


class Options(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The options of the whole sandbox; those of one system are checked by its own half."""

    seed: int = 1
    companies: Annotated[int, msgspec.Meta(ge=12)] = 150
    invoices: Count = 400
    planted: bool = True
    """Plant the odd and the broken invoices (see sandbox/README.md); they need at least 20 invoices."""
    receipts: Count = 0
    """Goods receipts of half a year, on five orders for every twelve; 0: a dozen plain orders."""
    payments: bool = False
    """Whether all invoices are in Exact Online already, and paid, credited, written off or open after half a year."""
    time_scale: Positive = 1.0
    """60: a minute of the vendor's limits lasts a second, and a token of 600 seconds lives 10."""
    now: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None
    """Where the clock starts; null: real time."""
    autotask: dict[str, Any] = {}
    exact_online: dict[str, Any] = {}
    exact_globe: dict[str, Any] = {}


def convert(data: Any, to: type[T], prefix: str = "") -> T:
    """Read options into a msgspec struct.

    Args:
        data: What the scenario says.
        to: The struct.
        prefix: Where in the scenario ``data`` stands, for the message.

    Raises:
        OptionsError: An option is unknown or has a wrong value.
    """
    try:
        return msgspec.convert(data, to)
    except msgspec.ValidationError as error:
        where = f" (under `{prefix}`)" if prefix else ""
        raise OptionsError(f"Scenario{where}: {error}. See sandbox/README.md for the options.") from error


def read(path: Path) -> dict[str, Any]:
    """Read a scenario file: YAML, of which JSON is a part.

    Raises:
        OptionsError: The file cannot be read or holds no mapping.
    """
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError) as error:
        raise OptionsError(f"Scenario {path} cannot be read: {error}") from error


def merge(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario with changes, the options of one system merged one by one."""
    return base | {
        name: base.get(name, {}) | value if isinstance(value, dict) and isinstance(base.get(name), dict) else value
        for name, value in changes.items()
    }
