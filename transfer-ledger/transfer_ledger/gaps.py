"""What a rehearsal found, by what one change would solve: each gap with its documents, amounts and what to paste."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from transfer_ledger.rehearsal import Finding, Question, Rehearsed
from transfer_ledger.summary import REHEARSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from transfer_ledger.documents import Problem
    from transfer_ledger.rehearsal import Line

EXAMPLES = 3
_PLACE = re.compile(r"\[\d+\]")
_LINES = re.compile(r" \(billing item [^)]*\)$")
_OWN = ("totals.", "reference", "record", "keep_number", "invoice_date", "lines.amount", "lines.vat_amount", "source.")
"""Fields whose value is the document's own, so that documents with the same trouble have different values."""


class Gap(msgspec.Struct, kw_only=True):
    """One thing to change, and what it would solve."""

    title: str
    field: str
    """Without the number of a line."""
    setting: str | None
    advice: str
    paste: str | None
    """What to add to the setting, as YAML; ``?`` where a person has to choose."""
    values: list[str]
    """Codes or facts that are concerned."""
    choices: list[str]
    """What the receiving system has to choose from."""
    documents: int = 0
    alone: int = 0
    """How many of them would be transferred once this is changed, with nothing else wrong."""
    amounts: dict[str, Decimal] = {}
    """By currency, VAT included."""
    examples: list[str] = []


class Report(msgspec.Struct, kw_only=True):
    """What one rehearsal of one target says."""

    target: str
    administration: str
    documents: int
    outcomes: dict[str, int]
    """Word for what would become of documents, and how many there are."""
    findings: list[Gap]
    """What concerns no single document."""
    gaps: list[Gap]
    """The one that holds up most documents first."""
    facts: list[str]
    complete: bool
    """Whether the rehearsal came to its end."""

    @property
    def clean(self) -> bool:
        """Return whether everything would be transferred."""
        return self.complete and not self.findings and not self.gaps


def report_of(lines: Iterable[Line]) -> Report:
    """Return what the lines of one rehearsal say; of documents that would go over only the number is kept."""
    counts, failing, findings, end = Counter[str](), list[Rehearsed](), list[Finding](), None
    for line in lines:
        if isinstance(line, Rehearsed):
            counts[line.result] += 1
            failing += [line] if line.attention or not line.settled else []
        elif isinstance(line, Finding):
            findings.append(line)
        else:
            end = line
    return Report(
        target=end.target if end else "",
        administration=end.administration if end else "",
        documents=counts.total(),
        outcomes={word: counts[name] for name, word in REHEARSED.items() if counts[name]},
        findings=[_found(finding) for finding in findings],
        gaps=gaps_of(failing),
        facts=end.facts if end else [],
        complete=end is not None,
    )


def gaps_of(documents: Iterable[Rehearsed]) -> list[Gap]:
    """Return the gaps for which documents would stay behind, or would need a person; most documents first."""
    gaps: dict[tuple[Any, ...], Gap] = {}
    for document in documents:
        if document.settled and not document.attention:
            continue
        problems = document.problems or [_unforeseen(document)]
        keys = {_key(problem): problem for problem in problems}
        for key, problem in keys.items():
            gap = gaps.setdefault(key, _gap(problem, document))
            _add(gap, document, [each for each in problems if _key(each) == key], alone=len(keys) == 1)
    return sorted(gaps.values(), key=lambda gap: (-gap.documents, gap.title))


def _key(problem: Problem) -> tuple[Any, ...]:
    field = _PLACE.sub("", problem.field)
    if problem.paste:
        return field, problem.setting, problem.paste
    if field.startswith(_OWN):
        return field, problem.setting
    return field, _LINES.sub("", problem.message)


def _gap(problem: Question, document: Rehearsed) -> Gap:
    return Gap(
        title=_LINES.sub("", problem.message),
        field=_PLACE.sub("", problem.field),
        setting=problem.setting,
        advice=problem.advice or ("" if problem.setting else document.advice),
        paste=problem.paste,
        values=[],
        choices=list(problem.choices),
    )


def _add(gap: Gap, document: Rehearsed, problems: Iterable[Problem], *, alone: bool) -> None:
    """Count a document with a gap; ``amounts`` and ``examples`` are the gap's own."""
    gap.documents += 1
    gap.alone += alone
    gap.values = list(dict.fromkeys([*gap.values, *(problem.value for problem in problems if problem.value)]))
    currency, gross = _amount(document)
    if currency:
        gap.amounts = gap.amounts | {currency: gap.amounts.get(currency, Decimal(0)) + gross}
    if len(gap.examples) < EXAMPLES:
        gap.examples = [*gap.examples, document.label]


def _amount(document: Rehearsed) -> tuple[str, Decimal]:
    totals = document.document.get("totals")
    return (document.document["currency"], Decimal(str(totals["gross"]))) if totals else ("", Decimal(0))


def _unforeseen(document: Rehearsed) -> Question:
    """Return the reason of a document as a problem, where it is none of its fields."""
    return Question(field=document.result, value="", message=document.reason or document.result)


def _found(finding: Finding) -> Gap:
    problem = finding.problem
    return Gap(
        title=problem.message,
        field=problem.field,
        setting=problem.setting,
        advice=problem.advice or finding.advice,
        paste=problem.paste,
        values=[problem.value] if problem.value else [],
        choices=[],
    )


def text(report: Report, mapping: str = "") -> Iterator[str]:
    """Yield a report for a terminal, a line each.

    Args:
        report: What is told.
        mapping: Name of the mapping in ``meltano.yml`` whose tables the mapper used.
    """
    told = ", ".join(f"{number:,} {word}" for word, number in report.outcomes.items()) or "nothing to transfer"
    yield f"{report.target} to {report.administration or 'no administration'}: {report.documents:,} documents; {told}"
    if not report.complete:
        yield "The rehearsal did not come to its end: there may be more than stands here."
    yield from (f"  {fact}" for fact in report.facts)
    for number, gap in enumerate((*report.findings, *report.gaps), 1):
        yield ""
        yield from _told(number, gap, mapping)
    if report.clean:
        yield "Nothing is in the way."


def _told(number: int, gap: Gap, mapping: str) -> Iterator[str]:
    more = f" (and {len(gap.values) - 1:,} more: {_few(gap.values[1:])})" if len(gap.values) > 1 else ""
    yield f"{number}. {gap.title}{more}"
    if gap.documents:
        noun = "document" if gap.documents == 1 else "documents"
        amounts = ", ".join(f"{currency} {amount:,f}" for currency, amount in gap.amounts.items())
        alone = "" if gap.alone == gap.documents else f"; {gap.alone:,} of them have nothing else"
        yield f"   {gap.documents:,} {noun}{f', {amounts}' if amounts else ''}{alone}; for example {gap.examples[0]}"
    if gap.advice:
        yield f"   {gap.advice}"
    if gap.paste:
        yield f"   Paste {place_of(gap, mapping)}:"
        yield from (f"     {line}" for line in gap.paste.splitlines())
    if gap.choices:
        yield f"   Choose from: {'; '.join(gap.choices)}"


def place_of(gap: Gap, mapping: str) -> str:
    """Return where in ``meltano.yml`` something is to be pasted."""
    setting = gap.setting or gap.field
    if "." not in setting:
        return "into the config of the target"
    return f"above the other rows of {setting}" + (f", in the mapping {mapping}" if mapping else "")


def _few(values: Sequence[str]) -> str:
    shown = ", ".join(values[:10])
    return f"{shown} …" if len(values) > 10 else shown  # noqa: PLR2004 - fits a line or two
