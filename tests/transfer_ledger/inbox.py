"""A mail server on this machine that keeps what arrives."""

from __future__ import annotations

import email
import email.policy
import warnings
from typing import TYPE_CHECKING, Any, cast

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # aiosmtpd uses parts of asyncio that are being replaced
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

if TYPE_CHECKING:
    from email.message import EmailMessage

__all__ = ["SMTP", "AuthResult", "Controller", "Envelope", "Inbox", "LoginPassword", "Session", "port_of"]


class Inbox:
    """Keeps the mails that arrive; those for ``nobody`` it refuses."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: Any) -> str:  # noqa: N802
        """Take a recipient."""
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.received.append(message)
        return "250 OK"


def port_of(server: Controller) -> int:
    """Return the port on which a server listens."""
    return int(cast("Any", server.server).sockets[0].getsockname()[1])
