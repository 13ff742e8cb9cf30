"""What people do on the page."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from tests.transfer_ledger.page_server import Browser, serving
from tests.transfer_ledger.remote import Remote, invoice, missing_vat_code, protocol_for, row
from tests.transfer_ledger.test_page_access import sign_in, written
from tests.transfer_ledger.test_page_reading import HOSTILE, text
from transfer_ledger.ledger import Ledger
from transfer_ledger.page import access
from transfer_ledger.people import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.transfer_ledger.conftest import Clock


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with little work: the tests wait for no attacker."""
    monkeypatch.setattr(access, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def filled(new_sqlite: Callable[[], str], clock: Clock) -> Iterator[Ledger]:
    """A ledger with one failed invoice, number 1."""
    ledger = Ledger.open(new_sqlite(), clock)
    protocol_for(ledger, Remote()).offer(invoice(problems=[missing_vat_code()]))
    yield ledger
    ledger.close()


@pytest.fixture
def visit(filled: Ledger, tmp_path: Path, clock: Clock) -> Iterator[Callable[[str], Browser]]:
    """Opens a browser for somebody who signed in."""
    users = written(tmp_path / "users.toml", anna="operator", bert="reader")
    with ExitStack() as stack:
        origin = stack.enter_context(serving(filled.engine, clock, users=users))

        def open_for(name: str) -> Browser:
            browser = stack.enter_context(Browser(base_url=origin, headers={"accept-language": "en"}))
            assert sign_in(browser, name).status_code == 303
            return browser

        yield open_for


def version(ledger: Ledger) -> str:
    return str(row(ledger, invoice()).version)


def test_operator_dismisses_and_retries(visit: Callable[[str], Browser], filled: Ledger) -> None:
    """Each button does what it says, leads back to the document, and stands in the trail with name and reason."""
    anna = visit("anna")
    answer = anna.submit("/documents/1/dismiss", "/documents/1", version=version(filled), detail="Booked by hand")
    assert (answer.status_code, answer.headers["location"]) == (303, "/documents/1")
    said = text(anna.get("/documents/1"))
    assert "Left out" in said
    assert "Put aside by a person anna Booked by hand" in said
    anna.submit("/documents/1/retry", "/documents/1", version=version(filled))
    assert "Waiting to be sent again" in text(anna.get("/documents/1"))
    said = text(anna.get("/actions"))
    assert "anna Asked to be sent again 2026-0001" in said
    assert "anna Put aside by a person 2026-0001 Booked by hand" in said
    assert "anna Signed in" in said


def test_reader_sees_and_does_not_act(visit: Callable[[str], Browser], filled: Ledger) -> None:
    """A reader has no buttons, and a form sent all the same changes nothing and is written down."""
    bert = visit("bert")
    assert "What you can do" not in text(bert.get("/documents/1"))
    for action in DECISIONS:
        answer = bert.submit(f"/documents/1/{action}", "/", version=version(filled), detail="x")
        assert answer.status_code == 403
        assert "You may read here" in answer.text
    assert row(filled, invoice()).state == "failed"
    assert "bert Send again: refused" in text(bert.get("/actions"))


def test_nothing_is_done_without_the_token(visit: Callable[[str], Browser], filled: Ledger) -> None:
    """A form that another site sends, or that is older than the session, changes nothing."""
    anna, other = visit("anna"), visit("anna")
    for token in ("", "x", other.form_token("/")):
        for action in DECISIONS:
            fields = {"token": token, "version": version(filled), "detail": "x"}
            assert anna.post(f"/documents/1/{action}", data=fields).status_code == 403
    assert row(filled, invoice()).version == 1


def test_nothing_is_done_without_the_password(visit: Callable[[str], Browser], filled: Ledger) -> None:
    """Whoever did not sign in, or signed out, is turned away before anything is looked at."""
    anna = visit("anna")
    token = anna.form_token("/")
    anna.submit("/sign-out", "/")
    for action in DECISIONS:
        fields = {"token": token, "version": version(filled), "detail": "x"}
        assert anna.post(f"/documents/1/{action}", data=fields).status_code == 403
    assert row(filled, invoice()).version == 1


@pytest.mark.parametrize("odd", ["", "0", "2", "-1", "x", "9" * 40])
def test_stale_form_is_told_so(visit: Callable[[str], Browser], filled: Ledger, odd: str) -> None:
    """A decision about another state of the document than the present one is refused, with what to do."""
    answer = visit("anna").submit("/documents/1/retry", "/documents/1", version=odd)
    assert answer.status_code == 409
    assert "It changed since you looked at it. Look again." in answer.text
    assert row(filled, invoice()).state == "failed"


def test_what_cannot_be_done_is_told_so(visit: Callable[[str], Browser], filled: Ledger) -> None:
    """A decision that does not fit, one without its reason, and one that does not exist are refused."""
    anna = visit("anna")
    for action, said in (("settle", "cannot be done with it"), ("dismiss", "Say why")):
        answer = anna.submit(f"/documents/1/{action}", "/documents/1", version=version(filled))
        assert answer.status_code == 409
        assert said in answer.text
    assert anna.submit("/documents/1/erase", "/documents/1", version="1").status_code == 404
    assert anna.submit("/documents/7/retry", "/documents/1", version="1").status_code == 409
    assert row(filled, invoice()).version == 1


@pytest.mark.parametrize("odd", HOSTILE)
def test_hostile_reason_is_text(visit: Callable[[str], Browser], filled: Ledger, odd: str) -> None:
    """Whatever a person gives as the reason is kept and shown as text."""
    anna = visit("anna")
    anna.submit("/documents/1/dismiss", "/documents/1", version=version(filled), detail=odd)
    assert row(filled, invoice()).state == "skipped"
    for path in ("/documents/1", "/actions", "/documents"):
        answer = anna.get(path)
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert "<img" not in answer.text
        assert "\0" not in answer.text


def test_sign_ins_stand_in_the_trail(visit: Callable[[str], Browser]) -> None:
    """Wrong passwords are written down with the name that was tried, and never the password."""
    anna = visit("anna")
    other = Browser(base_url=anna.base_url)
    sign_in(other, "<b>carl</b>", "my secret password")
    other.close()
    answer = anna.get("/actions")
    assert "<b>carl</b> Wrong password" in text(answer)
    assert "my secret password" not in answer.text
