"""The query string of a GET: read, checked against the rules of its resource, and written again for the next page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from sandbox.exact_online import filters, predicates
from sandbox.exact_online.catalogue import collections
from sandbox.exact_online.errors import bad_request, query_syntax

if TYPE_CHECKING:
    from sandbox.exact_online.catalogue import Resource
    from sandbox.exact_online.switches import Switches

KNOWN = {"$select", "$filter", "$orderby", "$top", "$skip", "$skiptoken", "$expand", "$inlinecount", "$format"}
CARRIED = ("$filter", "$select", "$expand", "$orderby", "$top", "$skiptoken")
"""What a ``__next`` link carries, in this order."""


@dataclass(frozen=True)
class Query:
    """What a GET asks for."""

    options: dict[str, str]
    select: tuple[str, ...] = ()
    """Names of properties; empty: all."""
    line_select: tuple[str, ...] = ()
    """Names of properties of the expanded collection (``SalesInvoiceLines/ID``); empty: all."""
    expand: tuple[str, ...] = ()
    condition: filters.Node | None = None
    order: tuple[tuple[str, bool], ...] = ()
    """Properties to sort by, each with whether it descends."""
    top: int | None = None
    skip: int = 0
    position: tuple[filters.Literal, ...] = ()
    """The values of ``$skiptoken``: where the page before ended."""
    count: bool = False

    def next_link(self, base: str, position: str, top: int | None) -> str:
        """Write the address of the next page.

        Args:
            base: The address without a query string.
            position: The ``$skiptoken``.
            top: How many rows are still wanted; None: all.
        """
        values = {**self.options, "$skiptoken": position}
        values.pop("$top", None)
        if top is not None:
            values["$top"] = str(top)
        return base + "?" + "&".join(f"{name}={quote(values[name], safe=SAFE)}" for name in CARRIED if name in values)


SAFE = "',()*$/"


def options(query_string: str) -> dict[str, str]:
    """Split a query string; names that do not begin with $ are no business of OData.

    Raises:
        Refusal: An option is unknown or given twice.
    """
    found: dict[str, str] = {}
    for part in filter(None, query_string.split("&")):
        name, _, value = part.partition("=")
        name = unquote_plus(name)
        if name in found or (name.startswith("$") and name not in KNOWN):
            raise query_syntax()
        found[name] = unquote_plus(value)
    return found


def read(query_string: str, resource: Resource, switches: Switches, *, by_key: bool = False) -> Query:
    """Read and check a query string.

    Args:
        query_string: As it stands in the address.
        resource: What is read.
        switches: Which rules are in force.
        by_key: One row is read: the rules for collections do not apply.

    Raises:
        Refusal: It cannot be understood, or breaks a rule of the resource.
    """
    if len(query_string) > switches.max_query_bytes:
        raise query_syntax()
    found = options(query_string)
    select, line_select = _select(found.get("$select", ""), resource)
    condition = filters.parse(found["$filter"]) if found.get("$filter") else None
    query = Query(
        options={name: value for name, value in found.items() if value},
        select=select,
        line_select=line_select,
        expand=_expand(found.get("$expand", ""), resource),
        condition=condition,
        order=_order(found.get("$orderby", ""), resource),
        top=_number(found["$top"]) if "$top" in found else None,
        skip=_number(found.get("$skip", "0")),
        position=_position(found.get("$skiptoken", "")),
        count=found.get("$inlinecount") == "allpages",
    )
    if not by_key:
        _check_rules(query, resource, switches)
    return query


def _check_rules(query: Query, resource: Resource, switches: Switches) -> None:
    """Refuse what the resource does not allow (picqer/exact-php-client#62, #591; Exact REST docs, bulk endpoints)."""
    if switches.mandatory_select and resource.select_needed and "$select" not in query.options and query.top != 1:
        raise bad_request("Please add a $select or a $top=1 statement to the query string.")
    used = predicates.fields(query.condition) if query.condition else set()
    only = switches.filter_only.get(resource.path, "").split() or resource.filter_only
    refused = sorted(used.difference(only)) if only else []
    if refused:
        raise bad_request(f"Filtering on these fields is not supported: {','.join(refused)}")
    if switches.mandatory_filter and resource.filter_by and not used.intersection(resource.filter_by):
        raise bad_request(
            "This endpoint has mandatory filtering applied. A GET request for this endpoint must have a $filter "
            f"parameter with one of the following fields in the url:{','.join(resource.filter_by)}."
        )


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise query_syntax()
    return int(text)


def _names(text: str, resource: Resource) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",")) if text.strip() else ()
    if any(name not in resource.properties for name in names):
        raise query_syntax()
    return names


def _expand(text: str, resource: Resource) -> tuple[str, ...]:
    names = _names(text, resource)
    if any(not resource.properties[name].is_collection for name in names):
        raise query_syntax()
    return names


def _select(text: str, resource: Resource) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split into names of the resource and of its expanded collection."""
    if text.strip() == "*":
        return (), ()
    names = [name.strip() for name in text.split(",")] if text.strip() else []
    nested = [name.partition("/")[::2] for name in names if "/" in name]
    plain = _names(",".join(dict.fromkeys(name.partition("/")[0] for name in names)), resource)
    for collection, name in nested:
        lines = collections().get(resource.properties[collection].type)
        if lines is None or name not in (*lines.properties, "*"):
            raise query_syntax()
    return plain, tuple(name for _, name in nested if name != "*")


def _order(text: str, resource: Resource) -> tuple[tuple[str, bool], ...]:
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = part.partition(" ")
        if name not in resource.properties or resource.properties[name].type not in predicates.KINDS:
            raise query_syntax()
        if direction.strip() not in ("", "asc", "desc"):
            raise query_syntax()
        found.append((name, direction.strip() == "desc"))
    return tuple(found)


def _position(text: str) -> tuple[filters.Literal, ...]:
    return filters.literals(text) if text else ()
