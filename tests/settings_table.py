"""Tables in a README that are made from the code, such as that of the settings, and the place where each stands."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def table(schema: dict[str, Any], names: Iterable[str]) -> str:
    """Return the settings of these names as a Markdown table."""
    rows = [_row(name, schema["properties"][name], name in schema.get("required", ())) for name in names]
    return "\n".join(["| setting | default | |", "|---|---|---|", *rows, ""])


def assert_in(readme: Path, expected: str, name: str = "settings") -> None:
    """Compare with what stands in the README; `make settings`, which sets WRITE_SETTINGS, puts it there."""
    text = readme.read_text()
    place = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
    if os.environ.get("WRITE_SETTINGS"):
        text = place.sub(lambda _: expected, text)
        readme.write_text(text)
    found = place.search(text)
    assert found is not None
    assert found[0] == expected


def _row(name: str, setting: dict[str, Any], required: bool) -> str:  # noqa: FBT001 - a plain fact
    default = "**required**" if required else f"`{_cell(_text(setting['default']))}`" if "default" in setting else ""
    return f"| `{name}` | {default} | {_cell(setting['description'])} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
