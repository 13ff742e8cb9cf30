"""The folder in which Globe's importer finds files: each document in one file, whole, and never in a second one.

A document is first kept under ``.sent/<kind>/<file>.open/``. What follows happens by renaming, which a kill cannot cut,
so that whoever comes next sees how far it got::

    <file>.open      takes documents
    <file>.closed    takes no more; the file may have been begun under a name that no importer looks at
    <file>.ready     the file is complete under that name
    <file>.out       the file was renamed to its own name: from here on it may have been picked up
    <file>.started   our own import of it was begun, see ``importer``: the file was taken out of the folder
    <file>.ended     that import has ended
    <file>.killed    that import was cut short: what it had not come to is not in Globe

The folders below ``.sent`` stay, as the record of what was handed over.
"""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from lxml import etree

from target_exact_globe import tree
from target_exact_globe.elements import envelope, serialised
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed, StopRun

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

SENT = ".sent"
OPEN, CLOSED, READY, OUT = ".open", ".closed", ".ready", ".out"
SEEN = "results.seen"
"""Names of the importer's result files that were there before: they tell of earlier files."""
_OWNER_ONLY = 0o700
_PICKED_UP = (FileNotFoundError, PermissionError) if os.name == "nt" else FileNotFoundError
"""What renaming a file says that is gone, or that another program reads, which Windows lets nobody rename."""


class Outbox:
    """Files of one kind of document for one company.

    Args:
        folder: where the importer looks.
        kind: of the documents; the record of each kind is a folder of its own, since each is written by its own run.
        per_file: documents in a file.
        clock: tells the time, by which files are named.
        known_results: the names of the result files there are now.
    """

    def __init__(
        self,
        folder: Path,
        kind: str,
        per_file: int,
        clock: Callable[[], dt.datetime],
        known_results: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self.folder = folder
        self.per_file = per_file
        self._clock = clock
        self._known_results = known_results
        self._sent = folder / SENT / kind
        self._open: Path | None = None
        self._held = 0

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            StopRun: they cannot be made, or not be written to.
        """
        try:
            self._sent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def put(self, topic: str, token: str, name: str, document: etree._Element) -> str:
        """Add a document to the file that is being filled; return the name of that file.

        Args:
            topic: what the importer is told the file holds.
            token: names this attempt to send this document, and no other.
            name: part of the file's name that people recognise.
            document: the element.

        Raises:
            DocumentFailed: the document does not fit the element tree.
            StopRun: the folder cannot be written to.
        """
        _check(topic, document)
        try:
            if self._open is None:
                self._open = self._begin(topic, token, name)
            _write(self._open / f"{self._held:06}_{token}.xml", etree.tostring(document, encoding="utf-8"))
        except OSError as error:
            raise self._unusable(error) from error
        self._held += 1
        return self._open.stem

    def file_of(self, token: str) -> str | None:
        """Return the name of the file that this attempt went into, None when it went into none."""
        found = next(self._sent.glob(f"*/*_{token}.xml"), None)
        return None if found is None else found.parent.stem

    def is_full(self) -> bool:
        """Tell whether the file that is being filled takes no more documents."""
        return self._held >= self.per_file

    def hand_over(self) -> Iterator[Path]:
        """Give every file that waits its own name, those of an earlier run first; yield each.

        Raises:
            StopRun: the folder cannot be written to.
        """
        self._open, self._held = None, 0
        for suffix in (OPEN, CLOSED, READY):
            for batch in self.records(suffix):
                try:
                    if suffix == OPEN and not any(batch.glob("*.xml")):
                        # Its run ended before the first document was in it.
                        shutil.rmtree(batch)
                        continue
                    yield self._hand_over(batch)
                except OSError as error:
                    raise self._unusable(error) from error

    def record_of(self, name: str) -> Path | None:
        """Return the folder that tells of a file, however far it is."""
        return next(self._sent.glob(f"{_escaped(name)}.*"), None)

    def records(self, suffix: str) -> list[Path]:
        """Return the folders of files that are so far, oldest first."""
        return sorted(self._sent.glob(f"*{suffix}"))

    def path_of(self, name: str) -> Path:
        """Return where a file is until it is picked up."""
        return self.folder / f"{name}.xml"

    def take(self, record: Path) -> bool:
        """Take the file of a record out of the folder, so that nobody else picks it up; tell whether it is ours.

        Raises:
            StopRun: the folder cannot be written to.
        """
        taken = record / f"{record.stem}.xml"
        try:
            self.path_of(record.stem).rename(taken)
        except _PICKED_UP:
            return taken.exists()
        except OSError as error:
            raise self._unusable(error) from error
        return True

    def _begin(self, topic: str, token: str, name: str) -> Path:
        plain = re.sub(r"[^A-Za-z0-9-]+", "-", name)[:40].strip("-")
        batch = self._sent / f"{topic}_{self._clock():%Y%m%d-%H%M%S}_{plain}_{token}{OPEN}"
        batch.mkdir(mode=_OWNER_ONLY)
        return batch

    def _hand_over(self, batch: Path) -> Path:
        name, hidden = batch.stem, self.folder / f".{batch.stem}.part"
        if batch.suffix == OPEN:
            batch = batch.rename(batch.with_suffix(CLOSED))
        if batch.suffix == CLOSED:
            _write(batch / SEEN, "\n".join(self._known_results()).encode())
            _write(hidden, _assembled(name.partition("_")[0], sorted(batch.glob("*.xml"))))
            batch = batch.rename(batch.with_suffix(READY))
        if hidden.exists():
            hidden.rename(self.path_of(name))
            _settle(self.folder)
        batch.rename(batch.with_suffix(OUT))
        return self.path_of(name)

    def _unusable(self, error: OSError) -> StopRun:
        return StopRun(
            f"The folder {self.folder} cannot be written to: {error.strerror or error}.",
            "Check the setting xml_folder, the share and the rights on it.",
        )


def _check(topic: str, document: etree._Element) -> None:
    """Refuse a document that the element tree does not allow."""
    copied = etree.fromstring(etree.tostring(document))
    wrong = tree.violations(envelope(topic, [copied]))
    if wrong:
        problems = [Problem(field="xml", value="", message=message) for message in wrong]
        raise DocumentFailed(problems, "Shorten or correct the value in the settings or at its source.")


def _assembled(topic: str, parts: list[Path]) -> bytes:
    return serialised(envelope(topic, (etree.fromstring(part.read_bytes()) for part in parts)))


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is on the disk, whole or not at all."""
    begun = path.with_name(f"{path.name}.begun")
    with begun.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    begun.replace(path)


def _settle(folder: Path) -> None:
    """Let a rename be on the disk, where the system can do that for a folder."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _escaped(name: str) -> str:
    return re.sub(r"([\[\]*?])", r"[\1]", name)
