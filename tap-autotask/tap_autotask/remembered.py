"""Related rows of earlier runs in one file, so that reading a few documents again costs few calls.

A convenience, never the truth: a file that cannot be used is as good as none.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from tap_autotask import answers
from tap_autotask.auth import origin

if TYPE_CHECKING:
    from collections.abc import Collection

    from tap_autotask.client import AutotaskClient, Row

ROWS = {
    "ContractCharges", "ContractServices", "Contracts", "ProjectCharges", "Projects", "ServiceBundles", "Services",
    "TicketCharges",
}  # fmt: skip
"""Entities whose rows are remembered one by one. What people repair so that a document goes through is not among them:
companies, products, billing codes, payment terms and tax categories are read each time."""

LISTS = {
    "BillingItems picklists", "Companies picklists", "Countries", "Currencies", "InvoiceTemplates", "Roles",
    "PurchaseOrders picklists", "TaxRegions",
}  # fmt: skip
"""Lists that are remembered whole."""

KEPT = 1000
"""How many rows of an entity are remembered, the newest: those of a month, in some megabytes of memory."""

MAX_FILE = 64 * 1024 * 1024
MARK = b'{"remembered_by":"tap-autotask"'

Key = TypeVar("Key", int, str)

logger = logging.getLogger("tap-autotask.remembered")


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """A row, or all rows of a list, as JSON; and when it was read, in seconds since 1970 by Autotask's clock."""

    read: float
    content: msgspec.Raw


class Content(msgspec.Struct, kw_only=True):
    """What the file holds. ``of``: the API's origin, the tenant, and the user, who may see less than others."""

    remembered_by: Literal["tap-autotask"] = "tap-autotask"
    version: Literal[1] = 1
    of: tuple[str, str, str]
    rows: dict[str, dict[int, Entry]] = {}
    lists: dict[str, Entry] = {}


_decoder = msgspec.json.Decoder(Content)
_encoder = msgspec.json.Encoder(decimal_format="number")


class Remembered:
    """What earlier runs read in the last minutes, and what this run adds.

    Args:
        client: Whose answers are remembered; its clock tells their age.
        username: Who signs in.
        path: The file; None: nothing is remembered.
        minutes: How long; 0: nothing is remembered.
    """

    def __init__(self, client: AutotaskClient, username: str, path: str | None, minutes: int) -> None:
        self._client = client
        self._username = username
        self._path = Path(path).expanduser() if path and minutes else None
        self._seconds = minutes * 60
        self._earlier: Content | None = None
        self._rows: dict[str, dict[int, Entry]] = {}
        self._lists: dict[str, Entry] = {}
        self._used: dict[tuple[str, int], float] = {}

    def rows(self, entity: str, ids: Collection[int]) -> dict[int, Row]:
        """Return those of some rows that are remembered, by id."""
        entries = self._at_hand.rows.get(entity, {}) if ids and entity in ROWS else {}
        found = {}
        for number in ids:
            if number in entries and isinstance(row := _parsed(entries[number]), dict):
                found[number] = row
                self._used[entity, number] = entries[number].read
        return found

    def whole(self, name: str) -> list[Row]:
        """Return a remembered list; an empty one where there is none."""
        entry = self._at_hand.lists.get(name) if name in LISTS else None
        if entry is None or not isinstance(rows := _parsed(entry), list):
            return []
        self._used[name, -1] = entry.read
        return rows

    def learn(self, entity: str, row: Row) -> None:
        """Remember a row that was read just now, if it is of an entity for that."""
        if self._path is None or entity not in ROWS:
            return
        rows = self._rows.setdefault(entity, {})
        rows.pop(row["id"], None)
        rows[row["id"]] = self._entry(row)
        if len(rows) > KEPT:
            del rows[next(iter(rows))]

    def learn_whole(self, name: str, rows: list[Row]) -> None:
        """Remember a list that was read just now, if it is one for that and not too long."""
        if self._path is not None and name in LISTS and len(rows) <= KEPT:
            self._lists[name] = self._entry(rows)

    def close(self) -> None:
        """Say what was used, and write what was learned beside what another run may have written meanwhile."""
        if self._used:
            ages = [(self._now() - read) / 60 for read in self._used.values()]
            text = "%d related rows and lists were not read again but remembered from %.0f to %.0f minutes ago."
            logger.info(text, len(ages), min(ages), max(ages))
            self._used = {}
        if self._path is None or not (self._rows or self._lists):
            return
        try:
            write(self._path, joined(self._read(), self._rows, self._lists))
        except OSError as error:
            logger.warning(
                "%s cannot be written, so nothing is remembered: %s. Check remember_file.", self._path, error
            )
        self._rows, self._lists = {}, {}

    @property
    def _at_hand(self) -> Content:
        if self._earlier is None:
            self._earlier = self._read()
        return self._earlier

    def _read(self) -> Content:
        """Return what the file holds of this tenant and user and is young enough; where it holds none, nothing."""
        scheme, host, port = origin(self._client.zone.url)
        nothing = Content(of=(f"{scheme}://{host}:{port}", self._client.zone.tenant, self._username))
        try:
            content = read(self._path) if self._path else None
        except (OSError, ValueError) as error:
            logger.warning("What %s remembers is not used: %s", self._path, answers.shown(str(error)))
            return nothing
        if content is None or content.of != nothing.of:
            if content:
                logger.warning("What %s remembers is not used: it is of another Autotask or user.", self._path)
            return nothing
        return young(content, self._now(), self._seconds)

    def _entry(self, content: Any) -> Entry:
        return Entry(self._now(), msgspec.Raw(_encoder.encode(content)))

    def _now(self) -> float:
        return self._client.now().timestamp()


def _parsed(entry: Entry) -> Any:
    return answers.parse(bytes(entry.content))


def read(path: Path) -> Content | None:
    """Return what a file holds; None of one that is not there or empty.

    Raises:
        OSError: It cannot be read.
        ValueError: It holds something else.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise ValueError(f"it is larger than {MAX_FILE} bytes")
        body = path.read_bytes()
    except FileNotFoundError:
        return None
    return _decoder.decode(body) if body else None


def write(path: Path, content: Content) -> None:
    """Put a file in place at once, readable by its owner only; a file that was never one of these stays as it is.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.exists():
        with path.open("rb") as stream:
            if stream.read(len(MARK)) not in (b"", MARK):
                raise FileExistsError("it holds something else")
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(_encoder.encode(content))
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def young(content: Content, now: float, seconds: float) -> Content:
    """Return what was read in the last seconds; what comes from the future is of a clock that was wrong."""

    def kept(entries: dict[Key, Entry]) -> dict[Key, Entry]:
        return {key: entry for key, entry in entries.items() if 0 <= now - entry.read <= seconds}

    rows = {entity: kept(entries) for entity, entries in content.rows.items()}
    return Content(of=content.of, rows=rows, lists=kept(content.lists))


def joined(earlier: Content, rows: dict[str, dict[int, Entry]], lists: dict[str, Entry]) -> Content:
    """Return earlier content with rows and lists that were learned since, of each entity the newest."""
    both = dict(earlier.rows)
    for entity, learned in rows.items():
        older = {number: entry for number, entry in earlier.rows.get(entity, {}).items() if number not in learned}
        both[entity] = dict(list((older | learned).items())[-KEPT:])
    return Content(of=earlier.of, rows=both, lists=earlier.lists | lists)
