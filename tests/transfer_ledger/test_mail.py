"""The report by mail, to a mail server on this machine."""

from __future__ import annotations

import datetime as dt
import shutil
import ssl
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from sandbox.demo import free_port
from tests.transfer_ledger.inbox import SMTP, AuthResult, Controller, Envelope, Inbox, LoginPassword, Session, port_of
from tests.transfer_ledger.remote import Remote, bury, invoice, missing_vat_code, protocol_for
from tests.transfer_ledger.test_page_reading import HOSTILE
from transfer_ledger import mail
from transfer_ledger.cli import main
from transfer_ledger.cli.mail import command
from transfer_ledger.documents import Partner
from transfer_ledger.ledger import Ledger
from transfer_ledger.locks import lock_for
from transfer_ledger.mail import Post, Unsendable
from transfer_ledger.report import model
from transfer_ledger.report.formats import html, text
from transfer_ledger.wording import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.transfer_ledger.conftest import Clock

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PASSWORD = "the-mail-password"


def _checked(_: SMTP, __: Session, ___: Envelope, ____: str, data: object) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for this machine that nobody signed, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    paths = str(folder / "cert.pem"), str(folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return paths


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox, certificate: tuple[str, str]) -> Iterator[Controller]:
    """A mail server that wants TLS and a password."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    made = Controller(
        inbox,
        "127.0.0.1",
        free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=_checked,
    )
    made.start()
    yield made
    made.stop()


@pytest.fixture
def post(server: Controller, certificate: tuple[str, str], tmp_path: Path) -> Post:
    ca_file = tmp_path / "ca.pem"
    shutil.copy(certificate[0], ca_file)
    return Post(
        host="127.0.0.1",
        port=port_of(server),
        sender="link@msp.example",
        recipients=["anna@msp.example", "bert@msp.example"],
        user="link",
        password=PASSWORD,
        ca_file=ca_file,
    )


@pytest.fixture
def filled(new_sqlite: Callable[[], str], clock: Clock) -> Iterator[Ledger]:
    ledger = Ledger.open(new_sqlite(), clock)
    protocol = protocol_for(ledger, Remote())
    protocol.offer(invoice(1))
    protocol.offer(invoice(2, problems=[missing_vat_code()]))
    ledger.runs.finish(protocol.run, {"transferred": 1, "failed": 1}, 1)
    yield ledger
    ledger.close()


def send(ledger: Ledger, clock: Clock, post: Post, policy: mail.Policy = "always", **more: Any) -> bool:
    with mail.alone(ledger.engine, lambda _: time.sleep(0.05)):
        return mail.mail(ledger.engine, clock, Words("nl"), post, policy, **more) is not None


def test_mail_holds_the_report_to_the_byte(filled: Ledger, clock: Clock, post: Post, inbox: Inbox) -> None:
    """The HTML of the mail is the file that the report is, the text beside it too; subject and recipients are right."""
    assert send(filled, clock, post, page_url="https://log.example")
    (message,) = inbox.received
    assert message["subject"] == "Autotask – Exact: 1 document overgezet, 1 niet"  # noqa: RUF001
    assert message["to"] == "anna@msp.example, bert@msp.example"
    since = clock() - dt.timedelta(days=1)
    report = model.read(filled.engine, clock, Words("nl"), since, page_url="https://log.example")
    parts = {part.get_content_type(): part for part in message.iter_parts()}
    assert parts["text/html"].get_payload(decode=True) == html(report, Words("nl"))
    plain = parts["text/plain"].get_content()
    assert plain.replace("\r\n", "\n").encode() == text(report, Words("nl"))
    assert "https://log.example/documents/2" in plain
    assert PASSWORD not in message.as_string()


def test_next_mail_begins_where_the_last_one_ended(filled: Ledger, clock: Clock, post: Post, inbox: Inbox) -> None:
    """What was told as gone over is not told again; what is still open is."""
    for _ in range(2):
        clock.move(3600)
        send(filled, clock, post)
    assert inbox.received[1]["subject"] == "Autotask – Exact: 0 documenten overgezet, 1 niet"  # noqa: RUF001


def test_only_problems_that_are_new_are_mailed(filled: Ledger, clock: Clock, post: Post) -> None:
    """The same open invoice is told once; another one, or a run that was killed, is told again."""
    assert send(filled, clock, post, "problems")
    clock.move(3600)
    assert not send(filled, clock, post, "problems")
    protocol = protocol_for(filled, Remote())
    protocol.offer(invoice(2, problems=[missing_vat_code()]))
    assert not send(filled, clock, post, "problems")
    protocol.offer(invoice(3, problems=[missing_vat_code()]))
    assert send(filled, clock, post, "problems")
    clock.move(3600)
    assert send(filled, clock, post, "problems", exit_code=1)
    filled.runs.begin("1234567", "target-fake")
    bury(filled)
    assert send(filled, clock, post, "problems")


def test_failed_job_is_mailed_whatever_was_open_before(filled: Ledger, clock: Clock, post: Post) -> None:
    """A job that fails before it can write anything down is told, though a run after the last mail ended badly too."""
    assert send(filled, clock, post, "problems", exit_code=1)
    clock.move(3600)
    protocol = protocol_for(filled, Remote())
    protocol.offer(invoice(2, problems=[missing_vat_code()]))
    filled.runs.finish(protocol.run, {"failed": 1}, 1)
    assert not send(filled, clock, post, "problems", exit_code=1)
    clock.move(3600)
    assert send(filled, clock, post, "problems", exit_code=1)


def test_daily_mail_of_several_jobs_at_once_is_one(filled: Ledger, clock: Clock, post: Post, inbox: Inbox) -> None:
    """When the jobs of a night end together, the digest of the day comes once."""
    with ThreadPoolExecutor(4) as pool:
        tries = [pool.submit(send, filled, clock, post, "daily") for _ in range(4)]
        assert sorted(each.result() for each in tries) == [False, False, False, True]
    assert len(inbox.received) == 1


def test_mail_that_another_call_keeps_waiting_is_told_so(filled: Ledger, clock: Clock, post: Post) -> None:
    """A call that hangs at the mail server does not hold up the others for ever, and nothing is lost."""
    lock = lock_for(filled.engine, "mail", "all")
    assert lock.acquire()
    with (
        pytest.raises(Unsendable, match="Another `transfers mail` is at work"),
        mail.alone(filled.engine, lambda _: None),
    ):
        raise AssertionError
    lock.release()
    assert send(filled, clock, post)


def test_mail_whose_answer_was_lost_comes_again_as_the_same(
    filled: Ledger, clock: Clock, post: Post, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not known whether it arrived, so it goes again, and mail programs can tell that it is the same."""
    assert send(filled, clock, post)
    clock.move(60)
    protocol_for(filled, Remote()).offer(invoice(3, problems=[missing_vat_code()]))
    take = Inbox.handle_DATA

    async def forget(self: Inbox, server: SMTP, session: Session, envelope: Envelope) -> str:
        await take(self, server, session, envelope)
        cast("Any", server).transport.abort()
        return "250 OK"

    with monkeypatch.context() as patch:
        patch.setattr(Inbox, "handle_DATA", forget)
        with pytest.raises(Unsendable, match="did not take the mail"):
            send(filled, clock, post)
    clock.move(60)
    assert send(filled, clock, post)
    clock.move(60)
    assert send(filled, clock, post)
    first, lost, again, news = (message["Message-ID"] for message in inbox.received)
    assert lost == again
    assert len({first, lost, news}) == 3


def test_daily_mail_goes_by_the_days_of_this_machine(
    filled: Ledger, clock: Clock, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One a day where the machine stands, also on the days of 23 and of 25 hours."""
    monkeypatch.setenv("TZ", "Europe/Amsterdam")
    time.tzset()
    try:
        for month, day in ((3, 28), (10, 24)):  # the clocks change in the night after
            clock.now = dt.datetime(2026, month, day, 0, 30).astimezone()
            sent = []
            for _ in range(3 * 24):  # every hour of three days, or one less or more
                sent += [clock.now.astimezone().date()] * send(filled, clock, post, "daily")
                clock.move(3600)
            assert sent[:3] == [dt.date(2026, month, day + plus) for plus in range(3)]
            assert len(sent) == len(set(sent))
    finally:
        monkeypatch.undo()
        time.tzset()


def test_daily_mail_comes_once_a_day(filled: Ledger, clock: Clock, post: Post) -> None:
    """However often a schedule calls it, a day has one digest."""
    assert send(filled, clock, post, "daily")
    clock.move(3600)
    assert not send(filled, clock, post, "daily")
    clock.move(86_400)
    assert send(filled, clock, post, "daily")


def test_mail_that_was_not_taken_is_told_again(filled: Ledger, clock: Clock, post: Post, inbox: Inbox) -> None:
    """A refused recipient, a wrong password and an absent server are named, and the next mail tells all of it."""
    for wrong, said in (
        ({"password": "wrong-password"}, "name or password is wrong"),
        ({"password": "wrong-password-é"}, "holds a sign"),
        ({"recipients": ["nobody@msp.example"]}, "it refuses nobody@msp.example"),
        ({"recipients": ["anna@msp.example", "nobody@msp.example"]}, "for nobody@msp.example"),
        ({"port": 1}, "refused"),
        ({"ca_file": None}, "certificate is not trusted"),
        ({"security": "tls"}, "did not take the mail"),
        ({"security": "none", "host": "mail.example"}, "with TLS only"),
    ):
        with pytest.raises(Unsendable, match=said) as refused:
            send(filled, clock, replace(post, **wrong))
        assert "wrong-password" not in str(refused.value)
        assert PASSWORD not in str(refused.value)
    assert mail.last(filled.engine, "always") is None
    inbox.received.clear()
    assert send(filled, clock, post)
    assert "1 document overgezet" in inbox.received[0]["subject"]


@pytest.mark.parametrize("odd", HOSTILE)
def test_hostile_names_make_no_header(
    new_sqlite: Callable[[], str], clock: Clock, post: Post, inbox: Inbox, odd: str
) -> None:
    """A name with line ends adds no header and no recipient, and stands in no subject."""
    ledger = Ledger.open(new_sqlite(), clock)
    protocol_for(ledger, Remote()).offer(invoice(1, problems=[missing_vat_code()], customer=Partner(id="7", name=odd)))
    send(ledger, clock, post)
    (message,) = inbox.received
    assert message["subject"] == "Autotask – Exact: 0 documenten overgezet, 1 niet"  # noqa: RUF001
    assert "set-cookie" not in message
    assert len(message["to"].addresses) == 2
    ledger.close()


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)//", "log.example", "https://", "https://x/\nBcc: y", "http://[x", "//x"]
)
def test_links_of_a_mail_lead_to_the_web_only(filled: Ledger, url: str) -> None:
    """An address of the page that no browser may follow is refused before anything is sent."""
    ledger_url = filled.engine.url.render_as_string(hide_password=False)
    post = ["--to", "a@msp.example", "--from", "b@msp.example", "--smtp-host", "127.0.0.1"]
    for name in ("report", "mail"):
        said = CliRunner().invoke(main, [name, "--ledger", ledger_url, "--page-url", url, *(post * (name == "mail"))])
        assert said.exit_code == 2
        assert "is no web address" in said.output


def test_command_takes_the_password_from_the_environment_only(
    filled: Ledger, post: Post, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no option for the password, so none shows in a list of processes."""
    url = filled.engine.url.render_as_string(hide_password=False)
    arguments = ["mail", "--ledger", url, "--from", post.sender, "--to", "anna@msp.example bert@msp.example"]
    where = [
        "--smtp-host",
        post.host,
        "--smtp-port",
        str(post.port),
        "--smtp-user",
        "link",
        "--ca-file",
        str(post.ca_file),
    ]
    assert "password" not in " ".join(option for each in command.params for option in each.opts)
    refused = CliRunner().invoke(main, [*arguments, *where])
    assert "name or password is wrong" in refused.output
    monkeypatch.setenv("TRANSFERS_SMTP_PASSWORD", PASSWORD)
    result = CliRunner().invoke(main, [*arguments, *where])
    assert result.output == "Mailed to anna@msp.example, bert@msp.example.\n"
    assert len(inbox.received) == 1
    wrong = CliRunner().invoke(main, ["mail", "--ledger", url, "--from", "x", "--to", "a@b", "--smtp-host", "h"])
    assert "'x' is no e-mail address" in wrong.output
