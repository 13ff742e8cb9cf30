"""Which company is which account, decided on the page."""

from __future__ import annotations

import platform
from contextlib import ExitStack
from typing import TYPE_CHECKING

import psutil
import pytest
from argon2 import PasswordHasher

from tests.transfer_ledger.page_server import Browser, serving
from tests.transfer_ledger.receiver import account
from tests.transfer_ledger.test_cli_links import Office
from tests.transfer_ledger.test_page_access import sign_in, written
from tests.transfer_ledger.test_page_reading import parsed, text
from transfer_ledger.ledger import Ledger
from transfer_ledger.page import access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.transfer_ledger.conftest import Clock


@pytest.fixture
def office(new_sqlite: Callable[[], str]) -> Office:
    """Three companies of which the first two have an account under other codes."""
    office = Office(new_sqlite())
    for number in (0, 1):
        office.receiver.put(account(number, code=f"9900{number}"), f"old-{number}")
    office.run(0, 1, 2)
    return office


@pytest.fixture
def visit(
    office: Office, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Browser]]:
    """Opens a browser for somebody who signed in."""
    monkeypatch.setattr(access, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    users = written(tmp_path / "users.toml", anna="operator", bert="reader")
    ledger = Ledger.open(office.url, clock)
    with ExitStack() as stack:
        origin = stack.enter_context(serving(ledger.engine, clock, users=users))

        def open_for(name: str) -> Browser:
            browser = stack.enter_context(Browser(base_url=origin, headers={"accept-language": "en"}))
            assert sign_in(browser, name).status_code == 303
            return browser

        yield open_for
    ledger.close()


def fields(browser: Browser, code: str) -> dict[str, str]:
    """Return what the form of a pair sends, by the code of its account."""
    tree = parsed(browser.get("/links"))
    (section,) = (each for each in tree.xpath("//section[@aria-label]") if code in each.text_content())
    return {each.get("name"): each.get("value") for each in section.xpath(".//input")}


def test_pair_that_is_confirmed_is_used_by_the_next_run(office: Office, visit: Callable[[str], Browser]) -> None:
    """A pair shows both sides and why; what is decided holds for the next run and stands in the trail."""
    anna = visit("anna")
    said = text(anna.get("/links"))
    assert "Bakkerij Van Vliet B.V. D00001" in said
    assert "99001" in said
    answer = anna.post("/links/confirm", data=fields(anna, "99001"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/links")
    answer = anna.post("/links/reject", data=fields(anna, "99000"))
    assert answer.status_code == 303
    assert "Nothing waits here" in text(anna.get("/links"))
    assert "anna Said to be the same" in text(anna.get("/actions"))
    assert office.run(0, 1) == {"0": "transferred", "1": "transferred"}
    assert len(office.receiver.rows) == 4  # the rejected company got an account of its own


def test_what_is_said_at_a_terminal_is_shown_on_the_page(office: Office, visit: Callable[[str], Browser]) -> None:
    """Decisions by command stand between those of the page, in Dutch too, with name and pair."""
    office.say("create", "D00000")
    office.say("confirm", "D00001", "99001")
    office.say("end", "D00001")
    anna, machine = visit("anna"), f"{psutil.Process().username()}@{platform.node()}"
    said = text(anna.get("/actions"))
    assert f"{machine} Said to be the same D00001 Bakkerij Van Vliet B.V. \N{EN DASH} 99001" in said
    dutch = text(anna.get("/actions", headers={"accept-language": "nl"}))
    assert f"{machine} Mag aan de andere kant worden aangemaakt D00000 Bakkerij De Korenaar B.V." in dutch
    assert f"{machine} Koppeling beëindigd D00001" in dutch


def test_a_refused_pair_stands_in_the_trail_once(office: Office, visit: Callable[[str], Browser]) -> None:
    """What could not be carried out is written down as refused, with the pair and why, and not as done."""
    anna = visit("anna")
    wanted = fields(anna, "99001")
    assert anna.post("/links/confirm", data=wanted | {"receiver_id": "nobody"}).status_code == 409
    said = text(anna.get("/actions"))
    assert "They are the same: refused 1 \N{EN DASH} nobody" in said
    assert "There is no account nobody" in said
    assert "Said to be the same" not in said
    assert office.say("list", "--state", "proposed")


def test_what_speaks_for_a_pair_is_told_in_dutch(visit: Callable[[str], Browser]) -> None:
    """The reasons why two are alike stand in the reader's language."""
    said = text(visit("anna").get("/links", headers={"accept-language": "nl"}))
    assert "zelfde naam" in said
    assert "same name" not in said


def test_a_page_of_pairs_beyond_the_end_is_the_first(visit: Callable[[str], Browser]) -> None:
    """Whoever goes on after the last pair of a page is not told that nothing waits."""
    assert "They are the same" in text(visit("anna").get("/links?from=50"))


def test_pair_is_decided_by_operators_with_their_own_form_only(office: Office, visit: Callable[[str], Browser]) -> None:
    """A reader, a forged form, a verdict that is none, and a pair that is not there decide nothing."""
    anna, bert = visit("anna"), visit("bert")
    assert "They are the same" not in text(bert.get("/links"))
    wanted = fields(anna, "99001")
    assert bert.post("/links/confirm", data=wanted | {"token": bert.form_token("/")}).status_code == 403
    assert anna.post("/links/confirm", data=wanted | {"token": ""}).status_code == 403
    assert anna.post("/links/erase", data=wanted).status_code == 404
    assert anna.post("/links/confirm", data=wanted | {"receiver_id": "nobody"}).status_code == 409
    assert anna.post("/links/confirm", data=wanted | {"administration": "x' or 1=1"}).status_code == 409
    assert len(office.say("list", "--state", "proposed").splitlines()) >= 4
    assert "by a person" not in office.say("list")
