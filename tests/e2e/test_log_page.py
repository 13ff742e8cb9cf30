"""A day of the finance department: a run fails in part, a mail comes, its link explains, what is mended goes over.

``SCREENSHOTS=1`` renews the pictures in ``docs/screenshots``.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from sandbox.demo import ROOT, free_port
from tests.chromium import DESKTOP, PHONE, chromium
from tests.e2e.project import JOB, mapping_config
from tests.pipeline.running import jobs
from tests.transfer_ledger.inbox import Controller, Inbox, port_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.e2e.project import Project

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PICTURES = ROOT / "docs" / "screenshots"
TERM = "Na afspraak"


@contextmanager
def mail_server() -> Iterator[tuple[Inbox, int]]:
    inbox = Inbox()
    server = Controller(inbox, "127.0.0.1", free_port())
    server.start()
    try:
        yield inbox, port_of(server)
    finally:
        server.stop()


def serve(project: Project) -> str:
    """Start the page as a program and wait for it."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    process = project.start("transfers", "serve", "--port", str(port), "--language", "nl")
    for _ in range(300):
        assert process.poll() is None, process.communicate()[0]
        try:
            httpx.get(origin).raise_for_status()
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return origin
    raise AssertionError("the page did not come up")


def html_of(message: EmailMessage) -> str:
    (part,) = (part for part in message.iter_parts() if part.get_content_type() == "text/html")
    payload: Any = part.get_payload(decode=True)
    return bytes(payload).decode()


def picture(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png")


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return PICTURES if os.environ.get("SCREENSHOTS") else tmp_path


def test_from_the_mail_to_the_books(project: Project, browser: Browser, pictures: Path) -> None:
    """From the mail to the document, from its explanation to the setting, from the button to Exact, once."""
    job = jobs(project.sandbox, project.folder)
    code = job.run(JOB)
    assert code == 1
    origin = serve(project)
    with mail_server() as (inbox, port):
        where = ["--smtp-host", "127.0.0.1", "--smtp-port", str(port), "--smtp-security", "none"]
        whom = ["--from", "koppeling@msp.example", "--to", "boekhouding@msp.example"]
        said = project.run(
            *("transfers", "mail", *where, *whom, "--language", "nl"),
            *("--page-url", origin, "--exit-code", str(code), "--when", "problems"),
        )
    assert "Mailed to boekhouding@msp.example." in said.stdout
    (message,) = inbox.received
    assert re.search(r"overgezet, \d+ niet", message["subject"])

    page = browser.new_context(viewport={"width": 1000, "height": 900}, locale="nl-NL").new_page()
    page.set_content(html_of(message))
    picture(page, pictures, "mail")
    card = page.locator(".card", has=page.locator("h3", has_text=TERM))
    number = card.locator("li a").first.inner_text()
    card.locator("li a").first.click()
    page.wait_for_url(f"{origin}/documents/*")
    assert page.locator("h1").inner_text() == number
    assert page.locator(".cause h2").inner_text() == f"Geen betalingsconditie voor betalingstermijn {TERM}"
    picture(page, pictures, "document-failed")
    assert number not in {row["YourRef"] for row in project.booked()}

    page.get_by_role("button", name="Opnieuw verzenden").click()
    assert "Wacht" in page.locator(".lead").inner_text()
    job.more["invoices-to-exact"] = {"invoices": {"payment_conditions": _conditions_with_term()}}
    job.run(JOB)
    page.reload()
    assert "Overgezet" in page.locator(".lead").inner_text()
    assert [row["YourRef"] for row in project.booked()].count(number) == 1
    picture(page, pictures, "document-over")
    page.goto("/actions" if page.url == "about:blank" else f"{origin}/actions")
    assert number in page.locator("main").inner_text()
    _look_around(page, origin, pictures)
    page.context.close()
    _look_around_by_phone(browser, origin, pictures)


def _conditions_with_term() -> list[dict[str, str]]:
    return [
        *mapping_config("invoices-to-exact")["invoices"]["payment_conditions"],
        {"payment_term": TERM, "code": "30"},
    ]


def _look_around(page: Page, origin: str, pictures: Path) -> None:
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.goto(f"{origin}/")
    assert page.locator("figure").count() >= 2
    picture(page, pictures, "overview")


def _look_around_by_phone(browser: Browser, origin: str, pictures: Path) -> None:
    page = browser.new_context(viewport=PHONE, locale="nl-NL", color_scheme="dark").new_page()  # type: ignore[arg-type]
    page.goto(f"{origin}/to-do")
    assert page.locator("h1").inner_text() == "Te doen"
    picture(page, pictures, "to-do-phone-dark")
    page.context.close()
