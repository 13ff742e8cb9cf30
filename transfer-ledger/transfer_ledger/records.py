"""What became of each record that is loaded as it came, and what is said about all of them at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

UNCHECKED = "written, but not read back"
SHOWN = 60
"""Characters of a value that messages show."""
WORDS = ("created", "updated", "unchanged", UNCHECKED, "failed")


class RecordFailed(Exception):  # noqa: N818 - named by what is to be done: go on with the next record
    """This record cannot be written as it is, or was not kept as it was sent; the next one goes on."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))


class Unfit(Exception):  # noqa: N818 - named by what the value is
    """A value that a field does not take; the message says why, and goes after the value."""


class Outcome(NamedTuple):
    """What became of one record: one of ``WORDS``, and for a failure why."""

    label: str
    result: str
    reason: str = ""


def shown(value: Any) -> str:
    """Return a value as messages have it: text in quotes, nothing endless."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def is_empty(value: Any) -> bool:
    """Return whether a field with this value holds nothing: null and empty text are the same."""
    return value is None or value == ""


class Tally:
    """What became of all records of a run, by stream."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, stream: str, outcome: Outcome) -> None:
        """Take in one outcome."""
        self._counts[stream][outcome.result] += 1

    def count(self, result: str) -> int:
        """Return how many records of all streams came to a result."""
        return sum(counts[result] for counts in self._counts.values())

    def lines(self, calls: str) -> list[str]:
        """Return the summary, a line for each stream, then how many calls it cost; nothing when there was no record."""
        told = []
        for stream, counts in self._counts.items():
            parts = ", ".join(f"{counts[word]:,} {word}" for word in WORDS if counts[word])
            number = counts.total()
            told.append(f"{stream}: {number:,} record{'s' * (number != 1)}; {parts}.")
        if failed := self.count("failed"):
            told.append(
                f"Failed: {failed:,}, each with its reason above. The state goes on: offer them again yourself."
            )
        return [*told, f"{calls}."] if told else []
