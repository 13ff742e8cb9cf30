"""The endpoints of Exact Online: their keys and columns, and what may be asked of them.

``schemas/endpoints.json`` holds names and types of Exact's public API documentation
(start.exactonline.nl/docs/HlpRestAPIResources.aspx, as collected by picqer/exact-php-client,
DannyvdSluijs/ExactOnlineRestApiReference and Pi-Systems/exact-online). The kinds of its columns are those of
`columns.KINDS`.
"""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import msgspec


@dataclass(frozen=True)
class Endpoint:
    """What is known of one endpoint.

    Args:
        resource: As in the address: ``crm/Accounts``.
        methods: What it answers to.
        key: The columns that identify a row, within an administration when they are no GUID.
        columns: Each with its kind.
        lines: The nested collection of a header's lines, which is read along by ``$expand``.
        must_filter: A read without a filter is refused (picqer/exact-php-client#591); the key serves.
        may_filter: The only columns it can be filtered on; empty: all.
        deleted_as: The EntityType under which sync/Deleted tells of its rows.
        dated: Its rowversions can be looked up by date (read/sync/Sync/SyncTimestamp).
        parameters: Those of a function, as they stand in the address.
    """

    resource: str
    methods: frozenset[str]
    key: tuple[str, ...]
    columns: dict[str, str]
    lines: str | None = None
    must_filter: bool = False
    may_filter: frozenset[str] = frozenset()
    deleted_as: int | None = None
    dated: bool = False
    parameters: str = ""

    @property
    def address(self) -> str:
        """What is read: the resource, of a function with its parameters."""
        return f"{self.resource}?{self.parameters}" if self.parameters else self.resource

    @property
    def name(self) -> str:
        """The last part of the resource: ``Accounts``."""
        return self.resource.rpartition("/")[2]

    @property
    def is_feed(self) -> bool:
        """Whether it is read by rowversion."""
        return self.resource.startswith("sync/")

    @property
    def is_single(self) -> bool:
        """Whether it is an ordinary collection, which can be sorted, with 60 rows a page."""
        return not self.resource.startswith(("sync/", "bulk/", "read/"))

    @property
    def tells_changes(self) -> bool:
        """Whether its rows have a ``Modified`` that a filter may name."""
        allowed = not self.may_filter or "Modified" in self.may_filter
        return "Modified" in self.columns and allowed and not self.resource.startswith("read/")

    @property
    def has_guid(self) -> bool:
        """Whether its key is one GUID, which no two administrations share."""
        return [self.columns[name] for name in self.key] == ["guid"]

    @property
    def stream(self) -> str:
        """The name of its stream when it has no shorter one: ``crm_accounts``."""
        path = self.resource.replace("{division}/", "")
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path).replace("/", "_").lower()


class _Raw(msgspec.Struct):
    columns: dict[str, str]
    methods: str = "GET"
    key: str = ""
    lines: str | None = None
    must_filter: bool = False
    may_filter: str = ""
    deleted_as: int | None = None
    dated: bool = False


@functools.cache
def known() -> dict[str, Endpoint]:
    """Return all endpoints by resource."""
    text = resources.files("tap_exact_online").joinpath("schemas/endpoints.json").read_bytes()
    found = msgspec.json.decode(text, type=dict[str, _Raw])
    return {resource: _endpoint(resource, raw) for resource, raw in found.items()}


def _endpoint(resource: str, raw: _Raw) -> Endpoint:
    columns = {name: kind for kind, names in raw.columns.items() for name in names.split()}
    given: dict[str, Any] = {name: getattr(raw, name) for name in ("lines", "must_filter", "deleted_as", "dated")}
    return Endpoint(
        resource=resource,
        methods=frozenset(raw.methods.split()),
        key=tuple(raw.key.split()),
        columns=dict(sorted(columns.items())),
        may_filter=frozenset(raw.may_filter.split()),
        **given,
    )


def find(text: str) -> Endpoint:
    """Return the endpoint that a person wrote: its resource, or only the last part when no other has it.

    The parameters of a function follow after a question mark.

    Raises:
        ValueError: There is none, there are several, or it cannot be read; the message says what could be meant.
    """
    name, _, parameters = text.strip().partition("?")
    wanted = name.strip("/").lower()
    found = [each for each in known().values() if wanted in (each.resource.lower(), each.name.lower())]
    exact = [each for each in found if each.resource.lower() == wanted] or found
    if not exact:
        raise ValueError(f"Exact Online has no endpoint {name!r}.{_did_you_mean(wanted)}")
    if len(exact) > 1:
        raise ValueError(f"{name!r} may be any of {', '.join(each.resource for each in exact)}: name it in full.")
    if "GET" not in exact[0].methods:
        raise ValueError(f"{exact[0].resource} can be written only, not read.")
    if not exact[0].columns:
        raise ValueError(f"{exact[0].resource} gives one value and no rows, so it can be no stream.")
    return replace(exact[0], parameters=parameters)


def _did_you_mean(wanted: str) -> str:
    spelled = {each.resource.lower(): each.resource for each in known().values()}
    near = difflib.get_close_matches(wanted, spelled, n=3, cutoff=0.6)
    last = {path.rpartition("/")[2]: path for path in spelled}
    near += [last[each] for each in difflib.get_close_matches(wanted.rpartition("/")[2], last, n=3, cutoff=0.7)]
    names = " or ".join(spelled[each] for each in dict.fromkeys(near[:3]))
    return f" Did you mean {names}?" if names else ""
