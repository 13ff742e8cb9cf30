"""What every route of the Autotask half works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from sandbox.autotask.answers import refuse

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.autotask.access import Gate
    from sandbox.autotask.catalogue import Catalogue, Entity
    from sandbox.autotask.switches import Switches
    from sandbox.context import Context
    from sandbox.store import Row, Table

SYSTEM = "autotask"
BASE = "/ATServicesRest"


@dataclass(frozen=True)
class Api:
    """One life of the Autotask half."""

    context: Context
    switches: Switches
    catalogue: Catalogue
    gate: Gate
    picklists: dict[tuple[str, str], dict[str, str]]
    """Entity and field to the values with their labels."""

    def table(self, entity: Entity) -> Table:
        """Return the rows of an entity."""
        return self.context.store.table(SYSTEM, entity.name)

    def rows(self, name: str) -> Table:
        """Return the rows of an entity by its name."""
        return self.context.store.table(SYSTEM, name)


def render(entity: Entity, row: Row) -> Row:
    """Return a row as it is sent: every field there, null where nothing is stored."""
    return entity.blank | row


async def read_json(request: Request) -> dict[str, Any]:
    """Read the body of a request; bytes that are not UTF-8 become question marks (KelvinTegelaar/AutotaskAPI#71)."""
    text = (await request.body()).decode("utf-8", "replace").replace("�", "?")
    return decode_object(text)


def decode_object(text: str) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        RefusedError: It is none.
    """
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise refuse(f"The request body could not be read: {error}.") from error


def any_case(data: dict[str, Any]) -> dict[str, Any]:
    """Return an object with its property names in lower case: the API takes any."""
    return {name.lower(): value for name, value in data.items()}
