"""The endpoints that can be written: which one a stream is, and which columns a POST and a PUT take.

``writable.json`` holds what Exact's public API documentation says (start.exactonline.nl/docs/HlpRestAPIResources.aspx,
as collected by picqer/exact-php-client, DannyvdSluijs/ExactOnlineRestApiReference and Pi-Systems/exact-online): per
endpoint the columns, those that a new row needs, and the collections with the endpoint whose rows they hold. What a
column holds is in `tap_exact_online.endpoints`. POST and PUT take the same columns everywhere.
"""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from tap_exact_online.endpoints import Endpoint, known
from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Raw(msgspec.Struct):
    writable: str = ""
    required: str = ""
    lines: dict[str, str] = {}


@dataclass(frozen=True, kw_only=True)
class Writable:
    """One endpoint.

    Args:
        endpoint: What can be read of it.
        columns: Those it takes, each with its kind (`tap_exact_online.columns.KINDS`).
        required: What the documentation wants of a new row; it is not always right.
        lines: Its collections, each with the resource whose rows it holds, empty when that is not known.
    """

    endpoint: Endpoint
    columns: dict[str, str]
    required: tuple[str, ...]
    lines: dict[str, str]

    @property
    def resource(self) -> str:
        """As in the address: ``crm/Accounts``."""
        return self.endpoint.resource

    @property
    def readable(self) -> bool:
        """Whether its rows can be looked up; what cannot is an action, such as printing an invoice."""
        return "GET" in self.endpoint.methods

    @property
    def creatable(self) -> bool:
        """Whether it takes new rows."""
        return "POST" in self.endpoint.methods

    @property
    def updatable(self) -> bool:
        """Whether its rows can be changed."""
        return "PUT" in self.endpoint.methods and self.endpoint.has_guid

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """All columns and collections by their names in lower case."""
        return {name.lower(): name for name in (*self.endpoint.columns, *self.columns, *self.lines)}


@functools.cache
def writable() -> dict[str, Writable]:
    """Return all endpoints that can be written, by resource."""
    text = resources.files("target_exact_online").joinpath("endpoints/writable.json").read_bytes()
    found = msgspec.json.decode(text, type=dict[str, _Raw])
    return {resource: _writable(known()[resource], raw) for resource, raw in found.items()}


def _writable(endpoint: Endpoint, raw: _Raw) -> Writable:
    names = raw.writable.split() + ([] if "GET" in endpoint.methods else list(endpoint.key))
    columns = {name: endpoint.columns[name] for name in names}
    return Writable(endpoint=endpoint, columns=columns, required=tuple(raw.required.split()), lines=raw.lines)


def find(stream: str) -> Writable:
    """Return the endpoint that a stream names.

    Args:
        stream: The resource (``crm/Accounts``), its name as a stream (``crm_accounts``), or the last part of either
            when no other endpoint has it (``Accounts``, ``accounts``).

    Raises:
        StopRun: There is none, or there are several; the message says what could be meant.
    """
    wanted = stream.strip("/").lower()
    found = [each for each in writable().values() if wanted in _called(each.endpoint)]
    exact = [each for each in found if wanted in {each.resource.lower(), each.endpoint.stream}] or found
    if len(exact) == 1:
        return exact[0]
    if exact:
        named = ", ".join(each.endpoint.stream for each in exact)
        raise StopRun(f"Stream {stream!r:.80} may be any of {named}.", "Name it in full; stream_maps can rename it.")
    names = [name for each in writable().values() for name in _called(each.endpoint)]
    near = difflib.get_close_matches(wanted, names, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise StopRun(
        f"Stream {stream!r:.80} is no kind of document, and no endpoint of Exact Online that can be written.{hint}",
        "For documents put the mapper between the tap and this target; an endpoint is named as in the API's addresses, "
        "such as logistics/Items or logistics_items, and stream_maps can rename it.",
    )


def _called(endpoint: Endpoint) -> Iterator[str]:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", endpoint.name).lower()
    yield from dict.fromkeys((endpoint.resource.lower(), endpoint.stream, endpoint.name.lower(), snake))
