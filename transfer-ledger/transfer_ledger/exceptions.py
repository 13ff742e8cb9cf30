"""What can go wrong between the ledger and a receiving system, sorted by what to do about it.

::

    LedgerError
    ├── StopRun            stop the run; what was not sent stays open
    ├── Unanswered         the outcome of this write is unknown; ask before writing again
    ├── Awaited            handed over; ask until the receiving system has said what became of it
    ├── Taken              another run is at work on this document; leave it to that one
    └── DocumentFailed     this document only; the next one goes on
        ├── Ambiguous      several candidates; a person chooses
        └── Rejected       refused after it was handed over; it may be handed over again
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_ledger.documents import Problem

__all__ = ["Ambiguous", "Awaited", "DocumentFailed", "LedgerError", "Rejected", "StopRun", "Taken", "Unanswered"]


class LedgerError(Exception):
    """What the others have in common: a message that names the thing, and what to do next."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class StopRun(LedgerError):  # noqa: N818 - named by what to do
    """Nothing more can be sent in this run: quota used up, sign-in lost, access blocked, ledger locked.

    Raised from a write, it says that the write was not carried out.
    """


class Unanswered(LedgerError):  # noqa: N818 - named by what is known
    """The answer to a write never came, or cannot be read: it may have been carried out or not."""


class Awaited(LedgerError):  # noqa: N818 - named by what is known
    """The document was handed over, in a file for instance, and what became of it is told later.

    It is not written again until it is decided: found, confirmed, or ``Rejected``.
    """


class Taken(LedgerError):  # noqa: N818 - named by what is known
    """Another run changed this document's row in the ledger: whatever this run had in mind is off."""


class DocumentFailed(LedgerError):  # noqa: N818 - named by what it concerns
    """This document cannot be transferred as it is; nothing was written for it.

    ``problems`` may say more than one thing at once. Without a message of its own, the problems are the message.
    """

    def __init__(self, problems: Sequence[Problem], advice: str = "", message: str = "") -> None:
        super().__init__(message or "; ".join(problem.message for problem in problems), advice)
        self.problems = list(problems)


class Rejected(DocumentFailed):
    """The receiving system says that it did not take in what was handed over: nothing of it is there."""


class Ambiguous(DocumentFailed):
    """More than one thing in the receiving system could be this document. ``candidates`` are for people to read."""

    def __init__(
        self, problems: Sequence[Problem], advice: str = "", message: str = "", candidates: Sequence[str] = ()
    ) -> None:
        super().__init__(problems, advice, message)
        self.candidates = list(candidates)
