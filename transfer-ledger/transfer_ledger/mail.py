"""The report by mail: as text, and as the same HTML that ``transfers report`` writes."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import smtplib
import ssl
import time
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Literal

import msgspec
import sqlalchemy as sa

from transfer_ledger.database import READING
from transfer_ledger.locks import acquire_within, lock_for
from transfer_ledger.report import model
from transfer_ledger.report.formats import headline, html, text
from transfer_ledger.schema import mails

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from transfer_ledger.report.model import Report
    from transfer_ledger.wording import Words

Policy = Literal["always", "problems", "daily"]
POLICIES: tuple[Policy, ...] = ("always", "problems", "daily")
"""Send after every run; only when something is to be done that was not told before; once a day."""
NOT_DUE = "not due"
"""What stands in the place of a policy where somebody looked and no mail was due."""
Security = Literal["starttls", "tls", "none"]

A_DAY = dt.timedelta(days=1)
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
TIMEOUT = 60
PATIENCE = 120
"""Seconds to wait until another mail is sent."""


class Unsendable(Exception):  # noqa: N818 - named by what it says
    """A mail could not be sent; the message says why, without a password."""


class Post(msgspec.Struct, kw_only=True, frozen=True):
    """How mail is sent, by whom and to whom."""

    host: str
    sender: str
    recipients: Sequence[str]
    port: int | None = None
    security: Security = "starttls"
    user: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    """Certificates to trust besides those of the machine, such as that of a mail server of one's own."""

    def send(self, message: EmailMessage) -> None:
        """Hand a message to the mail server.

        Raises:
            Unsendable: it would travel unprotected, or the server does not take it for every recipient.
        """
        if self.security == "none" and not _loopback(self.host):
            raise Unsendable(f"Mail to {self.host} is sent with TLS only: choose starttls or tls.")
        try:
            refused = self._send(message)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise Unsendable(f"{self.host} did not take the mail: {_reason(error)}") from None
        if refused:
            raise Unsendable(f"{self.host} did not take the mail for {', '.join(refused)}.")

    def _send(self, message: EmailMessage) -> Sequence[str]:
        context = ssl.create_default_context()
        if self.ca_file is not None:
            context.load_verify_locations(self.ca_file)
        port = self.port or PORTS[self.security]
        made = (
            smtplib.SMTP_SSL(self.host, port, timeout=TIMEOUT, context=context)
            if self.security == "tls"
            else smtplib.SMTP(self.host, port, timeout=TIMEOUT)
        )
        with made as server:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password or "")
            return list(server.send_message(message, self.sender, list(self.recipients)))


class Last(msgspec.Struct, frozen=True):
    """The mail that was sent last under a policy."""

    at: dt.datetime
    digest: str


def last(engine: Engine, policy: Policy) -> Last | None:
    """Return the last mail of a policy, None before the first."""
    query = sa.select(mails.c.at, mails.c.digest).where(mails.c.policy == policy).order_by(mails.c.id.desc()).limit(1)
    with engine.connect().execution_options(**READING) as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else Last(*row)


def looked_at(engine: Engine) -> dt.datetime | None:
    """Return when a mail was sent last, or found not to be due; None before the first."""
    with engine.connect().execution_options(**READING) as connection:
        latest: dt.datetime | None = connection.execute(sa.select(sa.func.max(mails.c.at))).scalar_one()
    return latest


def due(report: Report, policy: Policy, before: Last | None) -> bool:
    """Return whether a mail is to be sent."""
    if policy == "daily":
        return before is None or before.at.astimezone().date() < report.made_at.astimezone().date()
    if policy == "problems":
        told = before is not None and before.digest == report.digest
        return bool(report.failed_runs) or report.failed_before or not (report.well or told)
    return True


def compose(report: Report, words: Words, post: Post) -> EmailMessage:
    """Return the mail: the report as text, and as the HTML that the file would be, to the byte."""
    message = EmailMessage()
    message["Subject"] = f"Autotask – Exact: {headline(report, words)}"  # noqa: RUF001
    message["From"] = post.sender
    message["To"] = ", ".join(post.recipients)
    message["Date"] = format_datetime(report.made_at)
    message["Message-ID"] = f"<{_identity(report, words, post)}@{post.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text(report, words).decode(), cte="quoted-printable")
    # Base64 keeps every byte, line ends too.
    message.add_alternative(
        html(report, words), maintype="text", subtype="html", cte="base64", params={"charset": "utf-8"}
    )
    return message


def _identity(report: Report, words: Words, post: Post) -> str:
    """Return what is the same for two mails that tell the same to the same people.

    After a lost answer the mail goes again; many a mail server keeps one of those with one Message-ID.
    """
    rows = [(row.id, row.standing, row.updated_at) for row in report.rows]
    ran = [(row.run.id, row.end) for row in report.runs]
    told = (report.since, report.exit_code, rows, ran, words.language, list(post.recipients))
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]


@contextmanager
def alone(engine: Engine, wait: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Let one mail of a ledger be sent at a time: what the first told the next need not tell again.

    Raises:
        Unsendable: another is being sent, for long.
    """
    lock = lock_for(engine, "mail", "all")
    if not acquire_within(lock, PATIENCE, wait=wait):
        raise Unsendable(f"Another `transfers mail` is at work on this ledger; this one waited {PATIENCE} seconds.")
    try:
        yield
    finally:
        lock.release()


def mail(
    engine: Engine,
    clock: Callable[[], dt.datetime],
    words: Words,
    post: Post,
    policy: Policy,
    *,
    exit_code: int | None = None,
    page_url: str | None = None,
) -> Report | None:
    """Send what happened since the last mail, when it is due; return what was sent. To be called ``alone``.

    A mail that was sent and could not be written down is sent again, under the same Message-ID where it tells the same.

    Raises:
        Unsendable: the mail server did not take it; the next mail tells all of it.
    """
    before = last(engine, policy)
    since = clock() - A_DAY if before is None else before.at
    report = model.read(
        engine, clock, words, since, looked_at=looked_at(engine), exit_code=exit_code, page_url=page_url
    )
    sent = due(report, policy, before)
    if sent:
        post.send(compose(report, words, post))
    with engine.begin() as connection:
        row = {"at": report.made_at, "policy": policy if sent else NOT_DUE, "digest": report.digest}
        connection.execute(sa.insert(mails).values(row))
    return report if sent else None


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "name or password is wrong"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"it refuses {', '.join(error.recipients)}"
    if isinstance(error, UnicodeError):
        return "the name, the password or an address holds a sign that it cannot be sent"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    return str(error) or type(error).__name__
