"""What a run says about itself: progress while it works, a summary at its end, an honest exit code."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_ledger.outcomes import Outcome

LISTED = 25
"""Documents that are named in a summary; the rest is counted."""

WORDS = {
    "transferred": "transferred",
    "adopted": "adopted (already there under our reference)",
    "agreed": "already the same on both sides",
    "present": "settled before",
    "skipped": "skipped",
    "failed": "failed",
    "unknown": "outcome unknown",
    "sent": "handed over, not confirmed yet",
    "pending": "not sent",
    "busy": "left to another run",
}
"""What each result is called, in the order in which they are told."""

REHEARSED = WORDS | {
    "transferred": "would be transferred",
    "adopted": "would be adopted (already there under our reference)",
    "skipped": "would be skipped",
    "failed": "would fail",
}
"""What it is called in a dry run."""


class Tally(msgspec.Struct, kw_only=True):
    """What became of the documents offered so far."""

    counts: Counter[str] = msgspec.field(default_factory=Counter)
    expected: int | None = None
    """How many the tap announced."""
    opened: int = 0
    attention: int = 0
    listed: list[str] = msgspec.field(default_factory=list)
    rehearsed: bool = False
    """Whether it is a dry run, in which nothing is written."""

    @property
    def words(self) -> dict[str, str]:
        """What results are called."""
        return REHEARSED if self.rehearsed else WORDS

    @property
    def offered(self) -> int:
        """Return how many documents were offered."""
        return self.counts.total()

    def add(self, label: str, outcome: Outcome, expected: int | None) -> None:
        """Take in one outcome; ``label`` is what people call the document."""
        self.counts[outcome.result] += 1
        self.expected = expected if expected is not None else self.expected
        self.opened += not outcome.settled
        self.attention += outcome.attention
        if (outcome.attention or not outcome.settled) and len(self.listed) < LISTED:
            word = "transferred, but" if outcome.attention else self.words[outcome.result]
            self.listed.append(printable(f"{label}: {word}: {sentences(outcome.reason, outcome.advice)}"))

    def exit_code(self, *, allow_open: bool) -> int:
        """Return 0 when every offered document is settled without a question left, else 1 unless that is allowed."""
        return int(bool(self.opened or self.attention) and not allow_open)


def progress_line(tally: Tally, facts: Sequence[str]) -> str:
    """Return how far the run is, in one line."""
    of = "" if tally.expected is None else f" of {max(tally.expected, tally.offered):,}"
    opened = [f"{tally.opened:,} open"] if tally.opened else []
    return "; ".join([f"{tally.offered:,}{of} documents done", *opened, *facts])


def summary_lines(tally: Tally, administration: str, facts: Sequence[str]) -> list[str]:
    """Return what became of all documents, with reason and advice for each that is open or needs a person."""
    told = ", ".join(f"{tally.counts[result]:,} {word}" for result, word in tally.words.items() if tally.counts[result])
    lines = [f"Offered to administration {administration}: {tally.offered:,} documents; {told or 'nothing to do'}."]
    if tally.rehearsed:
        return [f"Dry run, nothing was written. {lines[0]}", *facts]
    lines += [f"  {line}" for line in tally.listed]
    unlisted = tally.opened + tally.attention - len(tally.listed)
    if unlisted > 0:
        lines.append(f"  and {unlisted:,} more; `transfers log --state open` lists them all.")
    if tally.opened:
        lines.append(f"Open, and offered again on the next run: {tally.opened:,}.")
    if tally.attention:
        lines.append(f"Transferred, but waiting for a person: {tally.attention:,}; `transfers log --state attention`.")
    return [*lines, *facts]


def sentences(*texts: str | None) -> str:
    """Return texts as sentences behind each other."""
    return " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in texts if text)


def printable(text: str) -> str:
    """Return text in one line, with control characters spelled out, so that data cannot forge or garble a line."""
    shown = (character if character.isprintable() else _escaped(character) for character in text)
    return "".join(shown)


def _escaped(character: str) -> str:
    return " " if character.isspace() else character.encode("unicode_escape").decode()
