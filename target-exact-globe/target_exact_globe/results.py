"""What Globe's importer wrote about a file: which documents it took in, which it refused and why.

A file of messages is written when something was rejected (vendor help, XML server settings); what its name and texts
are is not documented. The shape is that of the vendor's schema: ``Messages/Message[@type]`` with ``Topic/DataKey``,
``Date`` and ``Description``. What the types mean is a setting, with the meaning they have in Exact Online.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import Rejected
from transfer_ledger.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

ACKNOWLEDGED = ".ok"
"""Behind the name of a file: somebody, or the job that imported it, says that all of it was taken in."""
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


class Message(NamedTuple):
    """One message of the importer."""

    type: int
    keys: tuple[str, ...]
    """What names the document: texts of the data keys."""
    codes: tuple[str, ...]
    """What Globe calls it: codes of the data keys."""
    text: str
    topic: str = ""

    def concerns(self, reference: str, topic: str) -> bool:
        """Tell whether the message is about the document of a topic with this reference."""
        if self.topic and self.topic.lower() != topic.lower():
            return False
        if any((*self.keys, *self.codes)):
            return reference in (*self.keys, *self.codes)
        return re.search(rf"(?<![\w-]){re.escape(reference)}(?![\w-])", self.text) is not None


class Types(NamedTuple):
    """What the types of messages mean."""

    rejected: Collection[int]
    accepted: Collection[int]


def messages(content: bytes) -> list[Message]:
    """Return the messages of a result file; none when it is no such file."""
    try:
        root = etree.fromstring(content, _PARSER)
    except etree.XMLSyntaxError:
        return []
    return [_message(element) for element in root.iter("Message")]


def _message(element: etree._Element) -> Message:
    keys = list(element.iterfind("Topic/DataKey"))
    kind = element.get("type") or ""
    return Message(
        type=int(kind) if re.fullmatch(r"-?\d{1,9}", kind) else -1,
        keys=tuple((key.text or "").strip() for key in keys),
        codes=tuple((key.get("code") or "").strip() for key in keys),
        text=" ".join((element.findtext("Description") or "").split()),
        topic=topic.get("code", "") if (topic := element.find("Topic")) is not None else "",
    )


class Results:
    """The result files in a folder, each read once, and the acknowledgements beside the files.

    Args:
        folder: the importer's "Error files directory" as it is seen from here; None: there is none.
        types: what the types of messages mean.
    """

    def __init__(self, folder: Path | None, types: Types) -> None:
        self._folder = folder
        self._types = types
        self._read: dict[str, list[Message]] = {}
        self._said: dict[Path, dict[str, str]] = {}

    def names(self) -> Iterator[str]:
        """Yield the names of the result files there are."""
        if self._folder is not None and self._folder.is_dir():
            yield from (path.name for path in sorted(self._folder.glob("*.xml")))

    def told(self, reference: str, topic: str, since: Collection[str]) -> Receipt | None:
        """Return the receipt of a document that the importer says it took in; None when it says nothing of it.

        Args:
            reference: of the document.
            topic: of its file.
            since: names of the result files that were there before it was handed over.

        Raises:
            Rejected: the importer says that it refused it.
        """
        found = [message for message in self._messages(since) if message.concerns(reference, topic)]
        refused = [message.text for message in found if message.type in self._types.rejected]
        if refused:
            texts = [f"Exact Globe refused it: {text}" for text in refused]
            problems = [Problem(field="exact_globe", value=reference, message=text) for text in texts]
            advice = "Correct it in the settings, at its source or in Globe; it is sent again on the next run."
            raise Rejected(problems, advice)
        accepted = next((message for message in found if message.type in self._types.accepted), None)
        return None if accepted is None else _receipt(reference, accepted.codes)

    def acknowledged(self, reference: str, path: Path) -> Receipt | None:
        """Return the receipt of a document whose file was acknowledged; None while it was not.

        The acknowledgement may be empty, or tell a number per line: reference, tab, number.
        """
        said = path.with_name(path.name + ACKNOWLEDGED)
        if said not in self._said and said.is_file():
            self._said[said] = dict(_pairs(said.read_text(encoding="utf-8-sig", errors="replace")))
        return _receipt(reference, (self._said[said].get(reference, ""),)) if said in self._said else None

    def _messages(self, since: Collection[str]) -> Iterator[Message]:
        for name in self.names():
            if name not in since:
                if name not in self._read and self._folder is not None:
                    self._read[name] = messages((self._folder / name).read_bytes())
                yield from self._read[name]


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        reference, tab, number = line.partition("\t")
        if tab:
            yield reference.strip(), number.strip()


def _receipt(reference: str, codes: Sequence[str]) -> Receipt:
    number = next((code for code in codes if code and code != reference), None)
    return Receipt(id=number or reference, number=number)
