"""The pages to read: how things stand, what is to be done, documents, runs. Each is a plain function of its request."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from transfer_ledger import receivables
from transfer_ledger.page import documents as documents_page
from transfer_ledger.page.answers import LARGEST_NUMBER, Pages, answer, number_of
from transfer_ledger.page.charts import Chart, stacked
from transfer_ledger.report import documents as lists
from transfer_ledger.report import figures, problems, trail
from transfer_ledger.report import runs as run_lists
from transfer_ledger.wording.names import AGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from transfer_ledger.wording import Words

TOLD_FIRST = 5
"""Causes and runs that stand on the first page."""

CAUSES = 25
"""Causes on one page."""

LONGEST_RUN = 200
"""Characters of the key of a run that are looked for."""


def overview(request: Request) -> Response:
    """Show how things stand."""
    pages: Pages = request.app.state.pages
    words, now = pages.words(request), pages.clock()
    since = now - dt.timedelta(days=figures.DAYS)
    ran = run_lists.read_since(pages.engine, pages.clock, since)
    groups = problems.read_groups(pages.engine, words)
    return answer(
        request,
        "overview.html",
        last=run_lists.read_page(pages.engine, pages.clock).rows[:TOLD_FIRST],
        told=[problems.Told(group=group, members=[]) for group in groups[:TOLD_FIRST]],
        more=max(0, len(groups) - TOLD_FIRST),
        charts=list(filter(None, _charts(pages, ran, words))),
    )


def to_do(request: Request) -> Response:
    """Show what is open or waits for a person, by cause."""
    pages: Pages = request.app.state.pages
    groups = problems.read_groups(pages.engine, pages.words(request))
    last = max(0, len(groups) - 1) // CAUSES * CAUSES  # what was on a page beyond it may be settled by now
    first = min(number_of(request, "from") or 0, last)
    return answer(
        request,
        "to_do.html",
        told=problems.with_members(pages.engine, groups[first : first + CAUSES]),
        before=None if not first else max(0, first - CAUSES),
        after=first + CAUSES if len(groups) > first + CAUSES else None,
    )


def documents(request: Request) -> Response:
    """Show documents, newest first, as they are chosen."""
    pages: Pages = request.app.state.pages
    asked = request.query_params
    fields = {name: asked.get(name, "")[:200] for name in lists.Chosen.__struct_fields__}
    chosen = lists.Chosen(**fields)
    counts = lists.count(pages.engine)
    before, after = number_of(request, "before"), number_of(request, "after")
    page = lists.read_page(pages.engine, chosen, before=before, after=after)
    if not page.rows and (before or after):
        page = lists.read_page(pages.engine, chosen)
    return answer(
        request,
        "documents.html",
        chosen=chosen,
        page=page,
        kinds=sorted({kind for _, kind, _ in counts}),
        administrations=sorted({key for key, _, _ in counts}),
        too_many_words=len(chosen.words) > lists.MOST_WORDS,
    )


def document(request: Request) -> Response:
    """Show one document."""
    pages: Pages = request.app.state.pages
    number = min(request.path_params["transfer_id"], LARGEST_NUMBER)
    view = documents_page.read(pages.engine, number, pages.words(request))
    if view is None:
        raise HTTPException(404)
    return answer(request, "document.html", view=view)


def runs(request: Request) -> Response:
    """Show runs, newest first."""
    pages: Pages = request.app.state.pages
    before = request.query_params.get("before", "").replace("\0", "")[:LONGEST_RUN]
    page = run_lists.read_page(pages.engine, pages.clock, before or None)
    if not page.rows:
        page = run_lists.read_page(pages.engine, pages.clock)
    return answer(request, "runs.html", page=page)


def run(request: Request) -> Response:
    """Show what happened in one run."""
    pages: Pages = request.app.state.pages
    found = run_lists.read_run(pages.engine, pages.clock, request.path_params["run_id"].replace("\0", ""))
    if found is None:
        raise HTTPException(404)
    after = number_of(request, "after") or 0
    steps = run_lists.read_steps(pages.engine, found.run.id, after) or run_lists.read_steps(pages.engine, found.run.id)
    more = steps[lists.PAGE - 1].id if len(steps) > lists.PAGE else None
    return answer(request, "run.html", found=found, steps=steps[: lists.PAGE], more=more)


def actions(request: Request) -> Response:
    """Show who did what, newest first."""
    pages: Pages = request.app.state.pages
    rows, older = trail.read_page(pages.engine, number_of(request, "before"))
    if not rows:
        rows, older = trail.read_page(pages.engine)
    return answer(request, "actions.html", rows=rows, older=older)


def _charts(pages: Pages, ran: list[run_lists.RunRow], words: Words) -> Iterator[Chart | None]:
    now = pages.clock()
    today = now.astimezone().date()
    yield _days(ran, now, words)
    months = figures.by_month(pages.engine, figures.INVOICES, today)
    # Amounts of two currencies are never added up: each has its own chart.
    for currency in sorted({currency for month in months for currency in (*month.over, *month.waiting)}):
        yield _amounts(months, currency, words)
    aged = receivables.ages(receivables.receivables(pages.engine, open_only=True), today)
    for currency in dict.fromkeys(age.currency for age in aged):
        yield _ages([age for age in aged if age.currency == currency], currency, words)


def _ages(aged: list[receivables.Age], currency: str, words: Words) -> Chart | None:
    labels = [words(AGES[age.label]) for age in aged]
    return stacked(
        words("Not yet paid, by days overdue, {currency}", currency=currency),
        [words("Days overdue"), words("Not yet paid"), words("Invoices")],
        [(label, (float(age.open_amount),)) for label, age in zip(labels, aged, strict=True)],
        [
            (label, (words.amount(age.open_amount, currency), words.number(age.invoices)))
            for label, age in zip(labels, aged, strict=True)
        ],
        words.amount(max(age.open_amount for age in aged), currency),
    )


def _days(ran: list[run_lists.RunRow], now: dt.datetime, words: Words) -> Chart | None:
    days = figures.by_day(ran, now)
    return stacked(
        words("Gone over and left open, by day"),
        [words("Day"), words("Gone over"), words("Left open at the end of the day")],
        [(f"{day.day.day}-{day.day.month}", (day.over, day.left)) for day in days],
        [(words.date(day.day), (words.number(day.over), words.number(day.left))) for day in reversed(days)],
        words.number(max(day.over + day.left for day in days)),
    )


def _amounts(months: list[figures.Month], currency: str, words: Words) -> Chart | None:
    pairs = [(month.over.get(currency, figures.ZERO), month.waiting.get(currency, figures.ZERO)) for month in months]
    return stacked(
        words("Invoices by month, {currency} with VAT", currency=currency),
        [words("Month"), words("Gone over"), words("To do")],
        [(words.month(month.first), tuple(map(float, pair))) for month, pair in zip(months, pairs, strict=True)],
        [
            (words.month(month.first), [words.amount(amount, currency) for amount in pair])
            for month, pair in reversed(list(zip(months, pairs, strict=True)))
        ],
        words.amount(max(sum(pair, figures.ZERO) for pair in pairs), currency),
    )
