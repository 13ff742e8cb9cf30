"""The page in a browser: readable by everybody, at every width, in light and dark, without JavaScript."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from tests.chromium import DESKTOP, PHONE, chromium
from tests.transfer_ledger.page_server import serving
from tests.transfer_ledger.remote import Remote, invoice, missing_vat_code, protocol_for, row
from tests.transfer_ledger.test_page_access import PASSWORD, written
from tests.transfer_ledger.test_page_reading import HOSTILE, paths
from transfer_ledger import people
from transfer_ledger.documents import Partner
from transfer_ledger.ledger import Ledger
from transfer_ledger.page import access
from transfer_ledger.report import model
from transfer_ledger.report.formats import html
from transfer_ledger.wording import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.transfer_ledger.conftest import Clock


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def filled(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    """A ledger with a document of each standing, hostile names among them, and decisions."""
    path = tmp_path / "ledger.db"
    path.write_bytes(sqlite_template.read_bytes())
    ledger, remote = Ledger.open(f"sqlite:///{path}", clock), Remote()
    protocol = protocol_for(ledger, remote)
    protocol.offer(invoice(1, invoice_date=dt.date(2026, 10, 31), rules={"journal": "invoices.journal[1]"}))
    for number, odd in enumerate(HOSTILE, start=10):
        protocol.offer(invoice(number, customer=Partner(id="7", name=odd), problems=[missing_vat_code()]))
    protocol.offer(invoice(3, voided=True))
    remote.script.append("drop")
    protocol.offer(invoice(4))
    remote.cents_off += 1
    protocol.offer(invoice(5))
    seen = row(ledger, invoice(10))
    people.dismiss(ledger, people.Person("anna"), seen, "Booked by hand")
    ledger.runs.finish(protocol.run, {"transferred": 2, "failed": 8, "unknown": 1, "skipped": 1}, 1, calls=12)
    yield ledger
    ledger.close()


@pytest.fixture
def origin(filled: Ledger, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(access, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    users = written(tmp_path / "users.toml", anna="operator")
    with ExitStack() as stack:
        yield stack.enter_context(serving(filled.engine, clock, users=users))


def signed_in(browser: Browser, origin: str, **options: Any) -> Page:
    page = browser.new_context(base_url=origin, **options).new_page()
    page.goto("/")
    page.locator("input[name=name]").fill("anna")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button").click()
    return page


def violations(page: Page) -> list[tuple[str, Any]]:
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("viewport", "locale"), [(DESKTOP, "en"), (PHONE, "nl-NL")], ids=["desktop", "phone"])
def test_axe_finds_nothing(
    browser: Browser, origin: str, filled: Ledger, scheme: Any, viewport: Any, locale: str
) -> None:
    """No page breaks a rule of WCAG that axe-core knows, is wider than the window, or loads from elsewhere."""
    page = signed_in(browser, origin, color_scheme=scheme, viewport=viewport, locale=locale)
    strangers: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(origin) else strangers.append(request.url))
    for path in (*paths(filled), "/actions", "/documents?search=nobody", "/nowhere"):
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.context.clear_cookies()
    page.goto("/")
    assert violations(page) == []
    assert strangers == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_report(browser: Browser, filled: Ledger, clock: Clock, scheme: Any) -> None:
    """The file that is mailed is as readable as the page."""
    report = model.read(filled.engine, clock, Words("nl"), clock() - dt.timedelta(days=1), page_url="https://x.example")
    page = browser.new_context(color_scheme=scheme, viewport=PHONE).new_page()  # type: ignore[arg-type]
    page.set_content(html(report, Words("nl")).decode())
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


def test_all_of_it_works_without_javascript(browser: Browser, origin: str) -> None:
    """Reading, searching, paging, the numbers of a chart, and deciding need no script."""
    page = signed_in(browser, origin, java_script_enabled=False, locale="en")
    page.locator("figure summary").first.click()
    assert page.locator("figure table").first.is_visible()
    page.get_by_role("link", name="Documents", exact=True).click()
    page.get_by_label("Search by number").fill("2026-0005")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="2026-0005").click()
    page.get_by_role("button", name="Settle").click()
    assert page.locator(".lead .badge").inner_text() == "Gone over"
    page.context.close()


def test_keyboard_is_enough(browser: Browser, origin: str) -> None:
    """The first key leads past the navigation, and what has the focus can be seen."""
    page = signed_in(browser, origin, locale="en")
    page.goto("/to-do")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.context.close()


def test_hostile_names_run_nothing(browser: Browser, origin: str, filled: Ledger) -> None:
    """No dialogue opens and no script error is told, whatever stands in the names."""
    page = signed_in(browser, origin)
    events: list[str] = []
    page.on("dialog", lambda dialog: events.append(dialog.message))
    page.on("pageerror", lambda error: events.append(str(error)))
    for path in paths(filled):
        page.goto(path)
    assert events == []
    page.context.close()
