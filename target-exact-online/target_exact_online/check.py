"""What a dry run finds beside the documents themselves: rights, financial years, numbers that are taken, today's calls.

Which periods are closed is nowhere to be read in Exact's API; a closed one is told when Exact refuses a document.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

import yaml

from tap_exact_online import odata
from tap_exact_online.auth import REFRESH_TOKEN_DAYS
from tap_exact_online.exceptions import Forbidden, NotFound
from target_exact_online.faults import INCLUSIVE, SALES_JOURNAL, rate_of
from target_exact_online.forms import FORMS, Form, number_of
from target_exact_online.master_data import (
    ACCOUNTS,
    COST_CENTERS,
    COST_UNITS,
    JOURNALS,
    PAYMENT_CONDITIONS,
    VAT_CODES,
    MasterLists,
    Resource,
)
from target_exact_online.payloads import wanted_number
from target_exact_online.preflight import HEADER_CODES, LINE_CODES, NEEDED
from target_exact_online.translation import reading
from transfer_ledger.documents import Problem, SalesInvoice
from transfer_ledger.rehearsal import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_exact_online.client import Client
    from transfer_ledger.documents import Document
    from transfer_ledger.ledger import MasterRow

_CHOICES: dict[str, Resource] = {
    "lines.vat_code": VAT_CODES,
    "payment_condition": PAYMENT_CONDITIONS,
    "journal": JOURNALS,
    "lines.cost_center": COST_CENTERS,
    "lines.cost_unit": COST_UNITS,
}
"""Fields for which a person can choose from a short list of Exact's."""


class Examination:
    """Takes in the documents of a dry run, and asks in the end what none of them tells by itself.

    Where there are no documents at all, the rights for the forms of the setting ``adopt`` are looked into.
    """

    def __init__(self, client: Client, lists: MasterLists, adopt: Iterable[str]) -> None:
        self._client = client
        self._lists = lists
        self._days: Counter[dt.date] = Counter()
        self._adopt = frozenset(adopt)
        self._others = False
        self._forms: set[str] = set()
        self._used: set[Resource] = set()
        self._numbers: defaultdict[tuple[str, str | None], dict[int, str]] = defaultdict(dict)

    def regard(self, document: Document) -> None:
        """Take in a document."""
        if not isinstance(document, SalesInvoice):
            self._others = True
            return
        if document.voided or document.skip:
            return
        self._forms.add(document.form)
        self._used |= {each for field, each in HEADER_CODES[document.form].items() if getattr(document, field)}
        for field, resource in LINE_CODES[document.form].items():
            if resource not in self._used and any(getattr(line, field) for line in document.lines):
                self._used.add(resource)
        if document.invoice_date is not None:
            self._days[document.invoice_date] += 1
        if document.keep_number and document.number.isdecimal() and (number := wanted_number(document)):
            self._numbers[document.form, document.journal][number] = document.reference

    def findings(self, calls: int, left: int | None) -> Iterator[Finding]:
        """Yield what would fail.

        Args:
            calls: How many the documents would take.
            left: How many are left today; None when Exact does not say.
        """
        with reading():
            self._lists.division()
            lacking = list(self._rights())
        yield from lacking
        if lacking:
            return
        with reading():
            found = [*self._years(), *self._taken()]
        yield from found
        if left is not None and calls > left:
            yield Finding(
                problem=Problem(
                    field="quota",
                    value=str(calls),
                    message=f"{calls:,} calls are needed and {left:,} are left today; what does not fit stays open",
                ),
                advice="Nothing is lost: the next days' runs go on. A larger quota is agreed with Exact.",
            )

    def facts(self) -> list[str]:
        """Return what was seen and is well."""
        with reading():
            division = self._lists.division()
            tokens = self._client.sign_in.store.read()
        facts = [f"administration {self._client.division}: {division.name}"]
        if tokens is not None and tokens.issued_at:
            issued = dt.datetime.fromtimestamp(tokens.issued_at, dt.UTC)
            ends = issued + dt.timedelta(days=REFRESH_TOKEN_DAYS)
            facts.append(f"sign-in renewed on {issued:%Y-%m-%d}; without a run before {ends:%Y-%m-%d} it is lost")
        return facts

    def choices(self, problem: Problem) -> list[str]:
        """Return Exact's codes for a problem, as ``code name``; of VAT codes those with the rate that is asked for."""
        resource = _CHOICES.get(problem.field)
        if resource is None or not problem.paste:
            return []
        with reading():
            self._lists.refresh([resource])
        rows = [row for row in self._lists.every(resource) if _fits(resource, row, _asked_rate(problem.paste))]
        return [f"{row.code} {row.data.get('Description') or ''}".strip() for row in rows]

    def _rights(self) -> Iterator[Finding]:
        """Read one row of what the documents need and this run did not read yet; harmless where the right is there."""
        names = self._forms if self._others or self._forms else self._adopt
        forms = [form for form in FORMS.values() if form.name in names]
        for form in forms:
            yield from self._readable(form.resource, form.key, f"{form.key} eq {odata.literal(UUID(int=0))}")
        needed = {resource for form in forms for resource in _needed(form)} | self._used
        for resource in sorted(needed - self._lists.refreshed, key=lambda each: each.name):
            yield from self._readable(resource.path, "ID", resource.probe)

    def _readable(self, resource: str, key: str, where: str = "") -> Iterator[Finding]:
        try:
            for _ in self._client.read(resource, select=(key,), where=where, top=1):
                break
        except (Forbidden, NotFound) as error:
            yield Finding(
                problem=Problem(field="rights", value=resource, message=str(error)),
                advice="Give the user who consented the right to it in Exact Online, or extend the licence.",
            )

    def _years(self) -> Iterator[Finding]:
        if not self._days:
            return
        rows = list(self._client.read("financial/FinancialPeriods", select=("StartDate", "EndDate")))
        periods = [(odata.calendar_date(row["StartDate"]), odata.calendar_date(row["EndDate"])) for row in rows]
        lost: Counter[int] = Counter()
        for day, documents in self._days.items():
            if not any(start and end and start <= day <= end for start, end in periods):
                lost[day.year] += documents
        for year, documents in sorted(lost.items()):
            message = f"Exact Online has no financial period for {documents:,} invoice dates in {year}"
            yield Finding(
                problem=Problem(field="invoice_date", value=str(year), message=message),
                advice=f"Create the periods of {year} in Exact Online.",
            )

    def _taken(self) -> Iterator[Finding]:
        """Yield the numbers that are to be kept and that other documents have already."""
        for (name, journal), wanted in self._numbers.items():
            form = FORMS[name]  # type: ignore[index]  # the documents' forms are the keys
            others = [row for row in self._numbered(form, journal, wanted) if _other(row, form, wanted)]
            if others:
                taken = ", ".join(f"{number_of(form, row)} ({row['YourRef'] or 'no reference'})" for row in others[:10])
                message = f"{len(others):,} numbers that are to be kept are taken in Exact Online: {taken}"
                yield Finding(
                    problem=Problem(field="keep_number", value=journal or name, message=message, setting="keep_number"),
                    advice="Let Exact Online number them (`keep_number: false`), or use a journal of their own.",
                )

    def _numbered(self, form: Form, journal: str | None, wanted: Iterable[int]) -> list[dict[str, Any]]:
        numbers = sorted(wanted)
        where = f"{form.number} ge {numbers[0]} and {form.number} le {numbers[-1]}"
        if journal and form.name == "sales_entry":
            where += f" and Journal eq {odata.literal(journal)}"
        return list(self._client.read(form.resource, select=(form.key, form.number, "YourRef"), where=where))


def _needed(form: Form) -> set[Resource]:
    """Return the lists without which no document of a form can go over."""
    return {ACCOUNTS, VAT_CODES, *HEADER_CODES[form.name].values(), LINE_CODES[form.name][NEEDED[form.name]]}


def _other(row: dict[str, Any], form: Form, wanted: dict[int, str]) -> bool:
    """Whether a document in Exact has a number that another of ours is to keep."""
    reference = wanted.get(int(row[form.number]))
    return reference is not None and (row["YourRef"] or "").strip() != reference.strip()


def _asked_rate(paste: str) -> Any:
    """Return the percentage that a missing row asks for."""
    rows: Sequence[Any] = yaml.safe_load(paste)
    return rows[0].get("rate") if isinstance(rows, list) else None


def _fits(resource: Resource, row: MasterRow, rate: Any) -> bool:
    """Whether a row of Exact can be what is to be chosen."""
    if row.data.get("IsBlocked"):
        return False
    if resource is JOURNALS:
        return bool(row.data["Type"] == SALES_JOURNAL)
    if resource is not VAT_CODES:
        return True
    sold = row.data["VATTransactionType"] in (None, "B", "S") and row.data["Type"] != INCLUSIVE
    return sold and (rate is None or rate_of(row) * 100 == rate)
