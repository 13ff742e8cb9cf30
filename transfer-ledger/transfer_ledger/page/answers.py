"""Answers: a template filled in the language of the visitor, and what is said when there is none."""

from __future__ import annotations

import logging
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from transfer_ledger.database import READING
from transfer_ledger.exceptions import StopRun
from transfer_ledger.page.access import token
from transfer_ledger.report.documents import by_standing, count
from transfer_ledger.report.figures import INVOICES, by_month
from transfer_ledger.report.problems import read_groups
from transfer_ledger.report.templates import environment
from transfer_ledger.schema import links
from transfer_ledger.summary import printable, sentences
from transfer_ledger.wording import LANGUAGES, Words

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    import jinja2
    from sqlalchemy import Engine
    from starlette.requests import Request

    from transfer_ledger.causes import Language

LARGEST_NUMBER = 2**31 - 1
"""Of a transfer: an INTEGER of PostgreSQL."""

logger = logging.getLogger(__name__)


class Pages:
    """The templates and what they are filled from."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime], language: Language) -> None:
        self.engine = engine
        self.clock = clock
        self.language = language

    def warm(self) -> None:
        """Do once what the first visitor would wait for: compile the templates, explain the messages there are."""
        for name in self.templates.list_templates():
            self.templates.get_template(name)
        try:
            for known in LANGUAGES:
                read_groups(self.engine, Words(known))
            by_month(self.engine, INVOICES, self.clock().date())
        except SQLAlchemyError as error:
            logger.warning("The ledger cannot be read: %s", getattr(error, "orig", error))

    @cached_property
    def templates(self) -> jinja2.Environment:
        """The templates; whatever comes from outside is escaped."""
        return environment(Path(__file__).with_name("templates"))

    def words(self, request: Request) -> Words:
        """Return the language a visitor chose, or the browser asks for, or that of the settings."""
        chosen = request.session.get("language")
        for wanted in (chosen, *_accepted(request.headers.get("accept-language", ""))):
            for known in LANGUAGES:
                if wanted == known:
                    return Words(known)
        return Words(self.language)


def answer(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Return a page."""
    pages: Pages = request.app.state.pages
    visitor = request.state.visitor
    words = pages.words(request)
    counts = by_standing(count(pages.engine)) if visitor is not None else Counter()
    text = pages.templates.get_template(template).render(
        t=words,
        request=request,
        path=request.url.path,
        visitor=visitor,
        signed_in=visitor is not None and not request.app.state.access.open,
        counts=counts,
        pairs_waiting=0 if visitor is None else _pairs(pages.engine),
        waiting=counts.total() - counts["transferred"] - counts["skipped"],
        token=token(request.session),
        **values,
    )
    return HTMLResponse(text, status)


def _pairs(engine: Engine) -> int:
    """Return how many pairs of a company and an account wait for a person."""
    query = sa.select(sa.func.count()).select_from(links).where(links.c.state == "proposed")
    with engine.connect().execution_options(**READING) as connection:
        return int(connection.execute(query).scalar_one())


def see_other(path: str) -> Response:
    """Return the way to another page, after something was done."""
    return RedirectResponse(path, 303)


def not_found(request: Request, _: Exception) -> Response:
    """Say that there is no such page."""
    return _plain(request, 404, "There is no such page.")


def unreadable(request: Request, error: Exception) -> Response:
    """Say that the ledger, or the users file, cannot be read."""
    reason = sentences(error.message, error.advice) if isinstance(error, StopRun) else getattr(error, "orig", error)
    logger.error("The page %s could not be shown: %s", printable(request.url.path), reason)
    return _plain(request, 503, "This cannot be shown at the moment. Try again in a minute.")


def broken(request: Request, _: Exception) -> Response:
    """Say that something is wrong with this program; the server logs what."""
    return _plain(request, 500, "Something went wrong here. The log of the server has the details.")


def _plain(request: Request, status: int, english: str) -> Response:
    pages: Pages = request.app.state.pages
    words = pages.words(request) if "session" in request.scope else Words(pages.language)
    text = pages.templates.get_template("plain.html").render(t=words, said=words(english), status=status)
    return HTMLResponse(text, status)


def number_of(request: Request, name: str) -> int | None:
    """Return the number that an address gives, None for anything else."""
    text = request.query_params.get(name, "")
    return min(int(text), LARGEST_NUMBER) if text.isascii() and text.isdigit() and len(text) < len("1" * 12) else None


def _accepted(header: str) -> list[str]:
    """Return the languages a browser asks for; they stand in order of preference, as browsers send them."""
    return [part.partition(";")[0].strip().partition("-")[0].lower() for part in header.split(",")]
