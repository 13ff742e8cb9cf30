"""Which properties entity services know, as they say themselves: what a later product update added is not sent before.

The REST service describes itself at ``$metadata`` (omniboost/go-exactglobe-webservices asks it there). Where it does
not answer, the list of product update 415 in ``schemas/entities.json`` stands for its answer; right alignment is taken
from there always, since OData has no word for it.
"""

from __future__ import annotations

import logging
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from lxml import etree

from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    from collections.abc import Collection

    from target_exact_globe.client import Client

logger = logging.getLogger(__name__)


class Property(msgspec.Struct, frozen=True):
    """What a property holds."""

    length: int | None = None
    """Characters of a text; None: any number, or no text."""
    right_aligned: bool = False
    """Stored with spaces on the left, up to its length."""


Properties = dict[str, Property]


def fitting(body: dict[str, Any], properties: Properties) -> tuple[dict[str, Any], list[str]]:
    """Return what the service has properties for, and the names of what it has none for."""
    known = {name: value for name, value in body.items() if name in properties}
    return known, [name for name in body if name not in properties]


class Metadata:
    """Properties by entity, asked once a run.

    Args:
        client: of the services.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def properties(self, entity: str) -> Properties:
        """Return the properties of an entity.

        Raises:
            StopRun: the user is not let in, or the service has no such entity.
        """
        if entity not in self._entities:
            raise StopRun(f"Exact Globe's services have no {entity}.", "Install product update 405 or later.")
        return self._entities[entity]

    def has(self, entity: str, names: Collection[str]) -> bool:
        """Tell whether there is an entity with all of these properties.

        Raises:
            StopRun: the user is not let in.
        """
        return set(names) <= self._entities.get(entity, {}).keys()

    @cached_property
    def _entities(self) -> dict[str, Properties]:
        return self._asked()

    def _asked(self) -> dict[str, Properties]:
        answer = self._client.description()
        found = parsed(answer) if answer is not None else {}
        if not found:
            logger.info("Exact Globe does not tell its properties: those of product update 415 are used.")
        return found or packaged()


def parsed(content: bytes) -> dict[str, Properties]:
    """Return the properties by entity in an answer; none when it is no such answer."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return {}
    return {
        name: {
            one.get("Name", ""): _property(name, one.get("Name", ""), one.get("MaxLength", ""))
            for one in entity.iterfind("{*}Property")
        }
        for entity in root.iter("{*}EntityType")
        if (name := entity.get("Name", ""))
    }


def _property(entity: str, name: str, length: str) -> Property:
    known = packaged().get(entity, {}).get(name, Property())
    return Property(
        length=int(length) if length.isdecimal() else known.length if not length else None,
        right_aligned=known.right_aligned,
    )


@cache
def packaged() -> dict[str, Properties]:
    """Return the properties of product update 415 that this target uses."""
    path = Path(__file__).parent / "schemas" / "entities.json"
    return msgspec.json.decode(path.read_bytes(), type=_Packaged).entities


class _Packaged(msgspec.Struct):
    source: str
    entities: dict[str, Properties]
