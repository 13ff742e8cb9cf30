"""Who may see the page."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result
from starlette.routing import Route

from tests.transfer_ledger.page_server import Browser, serving
from tests.transfer_ledger.remote import Remote, invoice, protocol_for
from transfer_ledger.cli import main
from transfer_ledger.ledger import Ledger
from transfer_ledger.page import access
from transfer_ledger.page.app import routes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.transfer_ledger.conftest import Clock

PASSWORD = "correct horse battery"
SECRET = "Bakkerij"


def written(path: Path, **users: str) -> Path:
    text = [
        f'[users."{name}"]\nrole = "{role}"\npassword = "{access.hashed(PASSWORD)}"\n' for name, role in users.items()
    ]
    path.write_text("\n".join(text))
    path.chmod(0o600)
    return path


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with little work: the tests wait for no attacker."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(access, "_hasher", quick)


@pytest.fixture
def users(tmp_path: Path) -> Path:
    return written(tmp_path / "users.toml", anna="operator", bert="reader")


@pytest.fixture
def filled(new_sqlite: Callable[[], str], clock: Clock) -> Iterator[Ledger]:
    ledger = Ledger.open(new_sqlite(), clock)
    protocol_for(ledger, Remote()).offer(invoice(1))
    yield ledger
    ledger.close()


@pytest.fixture
def visit(filled: Ledger, users: Path, clock: Clock) -> Iterator[Callable[[], Browser]]:
    """Opens browsers, each with cookies of its own, on a page that wants a password."""
    with ExitStack() as stack:
        origin = stack.enter_context(serving(filled.engine, clock, users=users))
        yield lambda: stack.enter_context(Browser(base_url=origin, headers={"accept-language": "en"}))


def sign_in(browser: Browser, name: str = "anna", password: str = PASSWORD, **more: str) -> httpx.Response:
    return browser.submit("/sign-in", name=name, password=password, **more)


def addresses() -> list[tuple[str, str]]:
    found = []
    for route in routes():
        if isinstance(route, Route):
            path = route.path.replace("{transfer_id:int}", "1").replace("{run_id}", "x").replace("{action}", "retry")
            found += [(method, path) for method in sorted(route.methods or ())]
    return found


def test_nothing_is_shown_without_the_password(visit: Callable[[], Browser]) -> None:
    """Every address leads to the sign-in, and no word of a document leaves before that."""
    browser = visit()
    for method, path in addresses():
        answer = browser.request(method, path)
        assert SECRET not in answer.text
        assert answer.status_code in {303, 403} or path == "/sign-in", (method, path)
        if answer.status_code == 303 and method == "GET":
            assert answer.headers["location"].startswith("/sign-in")


def test_password_opens_the_page_that_was_asked_for(visit: Callable[[], Browser]) -> None:
    """After the password the visitor is where the link of the mail led, and sees it."""
    browser = visit()
    answer = browser.get("/documents/1?x=1")
    assert answer.headers["location"] == "/sign-in?next=%2Fdocuments%2F1%3Fx%3D1"
    answer = sign_in(browser, next="/documents/1?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/documents/1?x=1")
    assert SECRET in browser.get("/documents/1").text
    assert "Signed in as anna" in browser.get("/").text


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/\tx\n"])
def test_sign_in_leads_nowhere_else(visit: Callable[[], Browser], where: str) -> None:
    """A link to the sign-in that would lead to another site leads to the first page."""
    assert sign_in(visit(), next=where).headers["location"] == "/"


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("anna\0", PASSWORD)]
)
def test_wrong_password_opens_nothing(visit: Callable[[], Browser], name: str, password: str) -> None:
    """A wrong name and a wrong password get the same answer."""
    browser = visit()
    answer = sign_in(browser, name, password)
    assert answer.status_code == 403
    assert "Name or password is wrong." in answer.text
    assert browser.get("/").status_code == 303


def test_sign_in_cannot_be_forged(visit: Callable[[], Browser]) -> None:
    """A form without the token of its session, or with another's, signs nobody in."""
    browser, other = visit(), visit()
    for token in ("", "x", other.form_token("/sign-in")):
        answer = browser.post("/sign-in", data={"name": "anna", "password": PASSWORD, "token": token})
        assert answer.status_code == 403
    assert browser.get("/").status_code == 303


def test_too_many_wrong_passwords_take_a_pause(visit: Callable[[], Browser], clock: Clock) -> None:
    """After five wrong ones even the right one waits, and a quarter of an hour later it opens."""
    browser = visit()
    for _ in range(access.TRIES):
        assert sign_in(browser, "anna", "wrong").status_code == 403
    answer = sign_in(browser)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 901
    clock.move(access.PAUSE.total_seconds())
    assert sign_in(browser).status_code == 303


def test_many_passwords_at_once_are_as_few_as_one_by_one(
    visit: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of forty tries at the same moment five are looked at: the pause cannot be outrun."""
    looked, right = [], access.Access._right

    def slowly(self: access.Access, kept: str, password: str) -> bool:
        looked.append(password)
        begun.wait(0.5)
        return right(self, kept, password)

    begun = threading.Event()
    monkeypatch.setattr(access.Access, "_right", slowly)
    browser = visit()
    form = {"name": "anna", "token": browser.form_token("/sign-in")}
    with ThreadPoolExecutor(40) as pool:
        tries = [pool.submit(browser.post, "/sign-in", data=form | {"password": f"guess {n}"}) for n in range(40)]
        begun.set()
        answers = [each.result().status_code for each in tries]
    assert sorted(answers) == [403] * access.TRIES + [429] * (40 - access.TRIES)
    assert len(looked) == access.TRIES


def test_a_copied_cookie_ends_with_the_sign_out(visit: Callable[[], Browser]) -> None:
    """Whoever kept a cookie from before the sign-out sees nothing with it, and other sessions go on."""
    browser, other = visit(), visit()
    sign_in(browser)
    sign_in(other)
    copied = dict(browser.cookies)
    assert httpx.get(f"{browser.base_url}", cookies=copied).status_code == 200
    browser.submit("/sign-out", page="/")
    assert httpx.get(f"{browser.base_url}", cookies=copied).status_code == 303
    assert other.get("/").status_code == 200


def test_a_cookie_from_before_the_sign_in_stays_outside(visit: Callable[[], Browser]) -> None:
    """A session that somebody else prepared, its token included, is not the one that is signed in."""
    browser = visit()
    prepared = browser.form_token("/sign-in")
    planted = dict(browser.cookies)
    sign_in(browser)
    assert browser.form_token("/") != prepared
    assert httpx.get(f"{browser.base_url}", cookies=planted).status_code == 303


def test_session_ends(visit: Callable[[], Browser], users: Path, clock: Clock) -> None:
    """It ends with the sign-out, with a new password, with the person's removal, and after half a day."""
    browser = visit()
    sign_in(browser)
    browser.submit("/sign-out", page="/")
    assert browser.get("/").status_code == 303
    sign_in(browser)
    written(users, anna="operator")
    assert browser.get("/").status_code == 303
    sign_in(browser)
    written(users, bert="reader")
    assert browser.get("/").status_code == 303
    sign_in(browser, "bert")
    assert browser.get("/").status_code == 200
    clock.move(access.SESSION.total_seconds() + 1)
    assert browser.get("/").status_code == 303


def test_cookie_is_kept_from_others(filled: Ledger, users: Path, clock: Clock) -> None:
    """No script and no other site gets the cookie; where browsers come by https it never travels otherwise."""
    for secure in (False, True):
        with serving(filled.engine, clock, users=users, secure=secure) as origin:
            answer = httpx.get(f"{origin}/sign-in")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert ("secure" in cookie) is secure
        assert cookie.startswith("__host-transfers=") is secure
        assert ("strict-transport-security" in answer.headers) is secure


def test_forged_session_opens_nothing(visit: Callable[[], Browser]) -> None:
    """A cookie that was changed is worth as much as none."""
    browser = visit()
    sign_in(browser)
    name, value = next(iter(browser.cookies.items()))
    forged = value[:-3] + ("aaa" if value[-3:] != "aaa" else "bbb")
    answer = httpx.get(f"{browser.base_url}", cookies={name: forged})
    assert answer.status_code == 303


def test_large_bodies_are_turned_away(visit: Callable[[], Browser]) -> None:
    """A form no person fills in is not even read."""
    browser = visit()
    assert browser.post("/sign-in", data={"name": "x" * 70_000}).status_code == 413
    assert browser.post("/sign-in", content=iter([b"x"])).status_code == 413


def test_users_file_is_for_its_owner_only(visit: Callable[[], Browser], users: Path) -> None:
    """A users file that others can read lets nobody in."""
    browser = visit()
    sign_in(browser)
    users.chmod(0o644)
    answer = browser.get("/")
    assert answer.status_code == 503
    assert str(users) not in answer.text


def call(*arguments: str, **options: str) -> Result:
    return CliRunner().invoke(main, list(arguments), **options)  # type: ignore[arg-type]


def test_user_command_writes_hashes_only(tmp_path: Path) -> None:
    """A password is asked for, never shown or kept; its owner alone can read the file; a person can be taken out."""
    path = tmp_path / "users.toml"
    twice = f"{PASSWORD}\n{PASSWORD}\n"
    made = call("user", "anna", "--users", str(path), "--role", "operator", input=twice)
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output + path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert call("user", "bert", "--users", str(path), input=twice).exit_code == 0
    assert {name: user.role for name, user in access.read_users(path).items()} == {"anna": "operator", "bert": "reader"}
    assert call("user", "anna", "--users", str(path), "--remove").exit_code == 0
    assert set(access.read_users(path)) == {"bert"}
    assert "at least 12" in call("user", "carl", "--users", str(path), input="short\nshort\n").output
    assert "letters" in call("user", 'x"]', "--users", str(path), input=twice).output
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "::"], "only with a password"),
        (["--host", "192.168.1.5"], "only with a password"),
        (["--behind-tls-proxy"], "only with a password"),
        (["--host", "::", "--users", "USERS"], "only by https"),
        (["--host", "::", "--users", "USERS", "--tls-certificate", "USERS"], "belong together"),
        (["--host", "::", "--users", "USERS", "--behind-tls-proxy"], "Give --page-url"),
        (["--host", "::", "--users", "USERS", "--behind-tls-proxy", "--page-url", "http://x"], "Give --page-url"),
        (["--page-url", "log.example"], "is no web address"),
        (["--users", "EMPTY"], "Nobody stands in"),
        (["--users", "OPEN"], "Others than its owner may read"),
    ],
)
def test_other_machines_see_nothing_without_password_and_tls(
    users: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    """On any address but this machine's own, the page starts only with users, TLS, and the name it goes by."""
    empty, open_to_all = tmp_path / "empty.toml", tmp_path / "open.toml"
    empty.touch(0o600)
    open_to_all.write_text("")
    open_to_all.chmod(0o644)
    names = {"USERS": str(users), "EMPTY": str(empty), "OPEN": str(open_to_all)}
    result = call("serve", *(names.get(word, word) for word in arguments))
    assert result.exit_code != 0
    assert said in " ".join(result.output.split())


def test_session_is_half_a_day() -> None:
    """Nobody has to sign in twice on a working day."""
    assert dt.timedelta(hours=8) < access.SESSION < dt.timedelta(days=1)
