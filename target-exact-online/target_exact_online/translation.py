"""Errors of the Exact Online client, in the terms of the ledger."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tap_exact_online import exceptions
from target_exact_online.advice import advice_on
from transfer_ledger.documents import Problem
from transfer_ledger.exceptions import DocumentFailed, StopRun, Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def writing() -> Iterator[None]:
    """Tell errors of a write: refused, unknown, or the end of the run."""
    try:
        yield
    except exceptions.Refused as error:
        message = f"Exact Online refused it: {error}"
        problem = Problem(field="exact_online", value=str(error.status or ""), message=message)
        raise DocumentFailed([problem], advice_on(error.text or str(error)), message) from error
    except exceptions.Unanswered as error:
        raise Unanswered(str(error)) from error
    except exceptions.StopRun as error:
        raise StopRun(str(error)) from error


@contextmanager
def reading() -> Iterator[None]:
    """Tell errors of a read: without what it would say, nothing can be sent."""
    try:
        yield
    except exceptions.ExactOnlineError as error:
        raise StopRun(str(error)) from error
