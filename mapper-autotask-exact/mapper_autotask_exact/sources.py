"""Where a document comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact.templates import clean
from transfer_ledger.documents import Source

if TYPE_CHECKING:
    from collections.abc import Mapping


def source(record: Mapping[str, Any], stream: str, system: str, tenant: Any, key: Any) -> Source:
    """Return where a document comes from, of which stream of which system."""
    offered = record.get("offered")
    return Source(
        system=system,
        tenant=str(tenant or ""),
        stream=stream,
        id=str(key),
        url=text_of(record.get("web_url")),
        offered=offered if isinstance(offered, int) and not isinstance(offered, bool) else None,
    )


def text_of(value: Any) -> str | None:
    """Return a value as text, or None when it is empty."""
    return clean(str(value)) or None if value is not None else None
