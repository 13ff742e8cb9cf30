"""Answers: a template filled in the language of the visitor, and what is said when there is none."""

from __future__ import annotations

import logging
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

from transfer_ledger.exceptions import StopRun
from transfer_ledger.page.access import token
from transfer_ledger.report.documents import by_standing, count
from transfer_ledger.report.templates import environment
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
        for name in self.templates.list_templates():
            self.templates.get_template(name)  # compiled before the first visitor comes
        for known in LANGUAGES:
            Words(known).explain("")

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
        waiting=counts.total() - counts["transferred"] - counts["skipped"],
        token=token(request.session),
        **values,
    )
    return HTMLResponse(text, status)


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


def _accepted(header: str) -> list[str]:
    """Return the languages a browser asks for; they stand in order of preference, as browsers send them."""
    return [part.partition(";")[0].strip().partition("-")[0].lower() for part in header.split(",")]
