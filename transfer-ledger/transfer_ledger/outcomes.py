"""What became of an offered document, and the rules that follow from how its transfer ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from transfer_ledger.exceptions import Awaited, DocumentFailed, LedgerError, Rejected, StopRun, Taken, Unanswered
from transfer_ledger.schema import SETTLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transfer_ledger.documents import Problem
    from transfer_ledger.transfers import Transfer

VOIDED = "voided"
"""The field of the problem that a transferred document was voided."""

IN_DOUBT = ("unknown", "sent")
"""States in which it may be in the receiving system already."""

_STATE_AFTER: tuple[tuple[type[Exception], str, str], ...] = (
    (StopRun, "pending", "pending"),
    (Unanswered, "unknown", "pending"),
    (Awaited, "sent", "pending"),
    (DocumentFailed, "failed", "failed"),
    (Exception, "unknown", "failed"),
)
"""What was raised; the state it leaves when a write was under way; the state it leaves otherwise."""


class Outcome(msgspec.Struct, kw_only=True, frozen=True):
    """What became of one offered document."""

    state: str
    """Its state in the ledger now."""
    result: str
    """What it counts as: a state, or ``adopted``, ``agreed`` (the receiver held all of it), ``present`` (settled
    before), ``waiting`` (until all documents are known), ``busy`` (another run has it)."""
    reason: str = ""
    advice: str = ""
    problems: Sequence[Problem] = ()
    attention: bool = False
    """This run found something about a transferred document that a person must look at."""
    stop: StopRun | None = None
    """Nothing more can be sent; to be raised once this outcome is noted."""

    @property
    def settled(self) -> bool:
        """Return whether no further run is needed."""
        return self.state in SETTLED


def outcome_of(transfer: Transfer, result: str, *, attention: bool = False, stop: StopRun | None = None) -> Outcome:
    """Return the outcome of a transfer as it stands."""
    return Outcome(
        state=transfer.state,
        result=result,
        reason=transfer.reason,
        advice=transfer.advice,
        problems=tuple(transfer.problems),
        attention=attention,
        stop=stop,
    )


def present(transfer: Transfer) -> Outcome:
    """Return the outcome of a document that was settled before: nothing to do, nothing to say."""
    return Outcome(state=transfer.state, result="present")


def busy(taken: Taken) -> Outcome:
    """Return the outcome of a document that another run is working on."""
    return Outcome(state="sending", result="busy", reason=taken.message, advice=taken.advice)


def state_after(error: Exception, state: str) -> str:
    """Return the state a transfer is left in by an error that was raised in this state.

    What is unknown or handed over stays so: only an answer to the question whether it arrived changes that.
    """
    if state in IN_DOUBT and not isinstance(error, Rejected):
        return state
    for kind, writing, otherwise in _STATE_AFTER:
        if isinstance(error, kind):
            return writing if state == "sending" else otherwise
    raise error


def explain(transfer: Transfer, error: Exception) -> None:
    """Note on a transfer why it was left as it is, and what to do about it."""
    if isinstance(error, LedgerError):
        transfer.reason, transfer.advice = error.message, error.advice
    else:
        # The text of an unforeseen error may hold anything, so it goes to the log of the run and not into the ledger.
        transfer.reason = f"Unexpected {type(error).__name__}; the log of the run has the details."
        transfer.advice = "Report it with that log."
    transfer.problems = list(error.problems) if isinstance(error, DocumentFailed) else []
    if transfer.state in IN_DOUBT and not isinstance(error, (Unanswered, Awaited)):
        transfer.reason = f"An earlier write may have arrived. {transfer.reason}"


def attention_advice(problems: Sequence[Problem]) -> str:
    """Return what a person does about the problems of a transferred document."""
    own = dict.fromkeys(problem.advice for problem in problems if problem.advice)
    if own:
        return " ".join(own)
    if any(problem.field == VOIDED for problem in problems):
        return "Credit it in the receiving system, or let when_voided be credit."
    return "Correct it in the receiving system; it is not sent again." if problems else ""


def settings_advice(problems: Sequence[Problem]) -> str:
    """Return which settings would have supplied what is missing."""
    settings = dict.fromkeys(problem.setting for problem in problems if problem.setting)
    return f"See the setting {', '.join(settings)}." if settings else ""
