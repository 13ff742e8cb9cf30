"""A dry run: the protocol as it is, over a ledger that forgets, with steps that say what they would send.

So a document meets the same questions, checks and comparisons as in a real run, and nothing is written: not at the
receiving system, and no transfer, link or baseline in the ledger. Kept copies of master data are brought up to date.
"""

from __future__ import annotations

import itertools
import logging
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec
from typing_extensions import override

from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import LedgerError, StopRun
from transfer_ledger.ledger import Ledger, utc_now
from transfer_ledger.receipts import Found, Receipt
from transfer_ledger.runs import Run
from transfer_ledger.summary import printable, sentences
from transfer_ledger.transfers import without_bytes

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Engine

    from transfer_ledger.documents import Document
    from transfer_ledger.ledger import Author, Link
    from transfer_ledger.outcomes import Outcome
    from transfer_ledger.protocol import Hooks
    from transfer_ledger.receipts import Receipts, Step
    from transfer_ledger.transfers import Transfer
    from transfer_ledger.updating import Change, UpdateHooks

logger = logging.getLogger(__name__)
_encode = msgspec.json.Encoder(decimal_format="number").encode
OWNER_ONLY = 0o600
STOPPED = "run"
"""The field of the finding that says why a dry run broke off."""
SHOWN = 200
"""Characters of a value that the log shows; the file holds all of it."""


class Write(msgspec.Struct, kw_only=True):
    """One write that a real run would have done."""

    step: str
    fields: dict[str, Any]
    """What would be sent, by the receiving system's names; ``lines[0].Item`` for what is nested."""


class Question(Problem, kw_only=True):
    """A problem, and what the receiving system has for it."""

    choices: list[str] = msgspec.field(default_factory=list)
    """Codes with their names, for a person to choose from."""


class Rehearsed(msgspec.Struct, kw_only=True, tag="document"):
    """What would become of one document."""

    kind: str
    label: str
    source: dict[str, Any]
    result: str
    """As ``summary.WORDS`` has it, such as ``transferred`` or ``failed``."""
    settled: bool
    reason: str = ""
    advice: str = ""
    attention: bool = False
    problems: list[Question] = []
    writes: list[Write] = []
    document: dict[str, Any] = {}
    """As the mapper made it, without the bytes of attachments; empty when the record was no document."""


class Finding(msgspec.Struct, kw_only=True, tag="finding"):
    """Something that would fail whatever the document."""

    problem: Problem
    advice: str = ""


class Ended(msgspec.Struct, kw_only=True, tag="end"):
    """The last line of a dry run that came to its end."""

    target: str
    administration: str
    counts: dict[str, int]
    facts: list[str] = []
    """What else was seen and is well, such as when the sign-in was renewed."""


Line = Rehearsed | Finding | Ended
_decode = msgspec.json.Decoder(Line, float_hook=Decimal).decode


def lines_of(file: Iterable[bytes]) -> Iterator[Line]:
    """Yield what a dry run wrote to its file."""
    return (_decode(line) for line in file)


NEW = "rehearsed-"
"""How the keys begin that stand for what a real run would create."""


class ForgetfulLedger(Ledger):
    """A ledger that is read and not written, kept copies of master data aside."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime] = utc_now) -> None:
        super().__init__(engine, clock)
        self._held: dict[tuple[str, str], dict[str, list[Found]]] = {}
        self._adopted: defaultdict[str, set[str]] = defaultdict(set)

    @override
    def save(self, transfer: Transfer, run: Author, **_: Any) -> None:
        transfer.version += 1
        if transfer.receipt is not None and not transfer.receipt.id.startswith(NEW):
            self._adopted[transfer.key.kind].add(transfer.receipt.id)

    @override
    def save_link(self, administration: str, link: Link) -> None:
        pass

    @override
    def owned(self, administration: str, kind: str, receipt_ids: Collection[str]) -> set[str]:
        return super().owned(administration, kind, receipt_ids) | self._adopted[kind].intersection(receipt_ids)

    @override
    def save_baseline(self, administration: str, kind: str, documents: Iterable[Found]) -> int:
        held: defaultdict[str, list[Found]] = defaultdict(list)
        for document in documents:
            held[document.reference.strip()].append(document)
        self._held[administration, kind] = dict(held)
        return sum(map(len, held.values()))

    @override
    def found(self, administration: str, kind: str, reference: str) -> list[Found]:
        held = self._held.get((administration, kind))
        return super().found(administration, kind, reference) if held is None else held.get(reference.strip(), [])


class Rehearsal:
    """Takes down what one dry run would write.

    Args:
        target: Name of the target.
        administration: What it would write to.
        path: Takes the lines, readable by its owner only; None: only the log tells.
        now: The present moment.
    """

    def __init__(self, target: str, administration: str, path: str | None, now: dt.datetime) -> None:
        self.target = target
        self.administration = administration
        self.run = _no_run(target, administration, now)
        self.taken_down = 0
        """How many writes a real run would have done so far."""
        self._writes: list[Write] = []
        self._ids = (f"{NEW}{number}" for number in itertools.count(1))
        self._file = None if path is None else _opened(Path(path))

    def write(self, step: str, fields: Mapping[str, Any]) -> Receipt:
        """Take down a write, and return what stands for its receipt."""
        self.taken_down += 1
        self._writes.append(Write(step=step, fields=dict(flattened(fields))))
        return Receipt(id=next(self._ids))

    def taken(self) -> list[Write]:
        """Return what was taken down since the last look."""
        writes, self._writes = self._writes, []
        return writes

    def tell(self, told: Rehearsed, document: Document | None, words: Mapping[str, str]) -> None:
        """Tell what would become of the document in hand."""
        told.writes = self.taken()
        if document is not None:
            told.document = msgspec.to_builtins(without_bytes(document), builtin_types=(Decimal,))
        logger.info("%s", printable(f"{told.label}: {words[told.result]}"))
        for write in told.writes:
            for name, value in write.fields.items():
                logger.info("    %s", printable(f"{write.step}: {name} = {_short(value)}"))
        if told.reason:
            logger.info("    %s", printable(sentences(told.reason, told.advice)))
        self.put(told)

    def find(self, problem: Problem, advice: str = "") -> None:
        """Tell what would fail whatever the document."""
        logger.warning("%s", printable(sentences(problem.message, advice)))
        self.put(Finding(problem=problem, advice=advice))

    def put(self, line: Line) -> None:
        """Write a line to the file."""
        if self._file is not None:
            self._file.write(_encode(line) + b"\n")
            self._file.flush()

    def end(self, counts: Mapping[str, int], facts: Sequence[str]) -> None:
        """Write the last line."""
        ended = Ended(target=self.target, administration=self.administration, counts=dict(counts), facts=list(facts))
        self.put(ended)
        if self._file is not None:
            self._file.close()
            self._file = None


class RehearsedSteps:
    """The hooks of a sink whose steps say what they would send instead of sending it."""

    def __init__(self, hooks: Hooks, rehearsal: Rehearsal) -> None:
        self._hooks = hooks
        self._rehearsal = rehearsal
        self.prepare = hooks.prepare
        self.scan = hooks.scan
        self.web_url = hooks.web_url

    def steps(self, document: Any, prepared: Any) -> Sequence[Step]:
        """Return the steps in order; their questions are asked, their writes are taken down."""
        steps = self._hooks.steps(document, prepared)
        return [msgspec.structs.replace(step, write=self._told(step)) for step in steps]

    def _told(self, step: Step) -> Callable[[Receipts], Receipt]:
        return lambda done: self._rehearsal.write(step.name, step.shows(done) if step.shows else {})


class RehearsedChange:
    """The hooks of a sink whose changes are told instead of made."""

    def __init__(self, hooks: UpdateHooks, rehearsal: Rehearsal) -> None:
        self._hooks = hooks
        self._rehearsal = rehearsal

    def change(self, document: Any) -> Change:
        """Return the change; its write is taken down."""
        change = self._hooks.change(document)
        if change.write is None:
            return change

        def told() -> None:
            self._rehearsal.write("change", {"changes": change.says})

        return msgspec.structs.replace(change, write=told)


def examined(work: Iterable[Finding], rehearsal: Rehearsal) -> None:
    """Tell each finding; what cannot be looked into is one too."""
    try:
        for finding in work:
            rehearsal.find(finding.problem, finding.advice)
    except LedgerError as error:
        rehearsal.find(Problem(field="administration", value="", message=error.message), error.advice)
    except Exception as error:
        logger.exception("What concerns no single document could not be looked into.")
        message = f"Unexpected {type(error).__name__} while looking into what concerns no single document"
        rehearsal.find(Problem(field="administration", value="", message=message), "Report it with the log.")


def flattened(fields: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what is nested by its path, such as ``SalesInvoiceLines[0].Item``."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from flattened(value, f"{path}{name}.")
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            for number, item in enumerate(value):
                yield from flattened(item, f"{path}{name}[{number}].")
        else:
            yield f"{path}{name}", value


def told_of(
    kind: str, label: str, source: Any, outcome: Outcome, choices: Callable[[Problem], Sequence[str]]
) -> Rehearsed:
    """Return what is to be told of a document, as far as its outcome says it."""
    return Rehearsed(
        kind=kind,
        label=label,
        source=msgspec.to_builtins(source),
        result=outcome.result,
        settled=outcome.settled,
        reason=outcome.reason,
        advice=outcome.advice,
        attention=outcome.attention,
        problems=[
            Question(**msgspec.structs.asdict(problem), choices=list(choices(problem))) for problem in outcome.problems
        ],
    )


def _short(value: Any) -> str:
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"


def _opened(path: Path) -> IO[bytes]:
    """Open the file anew.

    Raises:
        StopRun: it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    except OSError as error:
        raise StopRun(f"The file {path} of the dry run cannot be written: {error.strerror}.", "Name another.") from None
    return os.fdopen(descriptor, "wb")


def _no_run(target: str, administration: str, now: dt.datetime) -> Run:
    """Return what stands for the run in the protocol; the ledger never sees it."""
    return Run(
        id="dry-run",
        administration=administration,
        target=target,
        host="",
        pid=0,
        process_started=0.0,
        started_at=now,
        heartbeat_at=now,
    )
