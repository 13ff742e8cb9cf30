"""NTLM over HTTP: a handshake in three requests, after which the connection is somebody (MS-NTHT, MS-NLMP).

Users are kept where pyspnego's acceptor looks for them, in the file that ``NTLM_USER_FILE`` names; it exists for the
moment of a step alone.
"""

from __future__ import annotations

import base64
import binascii
import os
import struct
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import spnego
from spnego.exceptions import SpnegoError
from starlette.responses import Response

from sandbox.wire import CONNECTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Scope

    from sandbox.exact_globe.switches import Switches

SCHEMES = {"ntlm": "NTLM", "negotiate": "Negotiate"}
"""What the services offer (Exact.Entity.EG WSDL, policy)."""
SIGNATURE = b"NTLMSSP\x00"
AUTHENTICATE = 3
BROKEN = (SpnegoError, ValueError, LookupError, struct.error, NotImplementedError)
"""What a token that is none makes pyspnego raise."""


@dataclass
class Handshake:
    """Where a connection stands."""

    gate: Gate
    context: Any = None
    user: str | None = None


class Gate:
    """Lets connections in.

    Args:
        switches: Who may sign in.
    """

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._failures: dict[str, int] = {}

    def admit(self, scope: Scope) -> str | Response:
        """Return the user of a request, or the answer that asks for the next step of the handshake."""
        state = self._state(scope)
        scheme, token = _authorization(scope)
        if scheme is not None:
            return self._step(state, scheme, token)
        if state.user is not None and self._switches.sign_in == "connection":
            return state.user
        return _challenge(*SCHEMES.values())

    def _state(self, scope: Scope) -> Handshake:
        connection: dict[str, Any] = scope[CONNECTION]
        state = connection.get("exact_globe")
        if not isinstance(state, Handshake) or state.gate is not self:
            state = connection["exact_globe"] = Handshake(self)
        return state

    def _step(self, state: Handshake, scheme: str, token: bytes) -> str | Response:
        """Take one message of the client."""
        is_last = _message_type(token) == AUTHENTICATE
        name = _user_name(token) if is_last else ""
        if not is_last:
            state.context, state.user = None, None
        if self._is_locked(name):
            return _challenge(*SCHEMES.values())
        challenged = state.context is not None
        try:
            with self._users():
                state.context = state.context or spnego.server(protocol=scheme.lower())
                answer = state.context.step(token)
        except BROKEN:
            state.context = None
            self._failures[name] = self._failures.get(name, 0) + (is_last and challenged)
            return _challenge(*SCHEMES.values())
        if not state.context.complete:
            return _challenge(f"{scheme} {base64.b64encode(answer or b'').decode()}")
        state.user = str(state.context.client_principal).rpartition("\\")[2].lower()
        state.context = None
        self._failures.pop(name, None)
        return state.user

    def _is_locked(self, name: str) -> bool:
        limit = self._switches.lock_out
        return limit > 0 and self._failures.get(name, 0) >= limit

    @contextmanager
    def _users(self) -> Iterator[None]:
        """Let the acceptor see the users, with their domain and without."""
        own = self._switches
        names = [(domain, name) for name in (own.username, own.stranger) for domain in (own.domain, "")]
        lines = "".join(f"{domain}:{name}:{own.password}\n" for domain, name in names)
        before = os.environ.get("NTLM_USER_FILE")
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".ntlm") as file:
            file.write(lines)
            file.flush()
            os.environ["NTLM_USER_FILE"] = file.name
            try:
                yield
            finally:
                _restore("NTLM_USER_FILE", before)


def _restore(name: str, value: str | None) -> None:
    if value is None:
        del os.environ[name]
    else:
        os.environ[name] = value


def _challenge(*offers: str) -> Response:
    response = Response(status_code=401)
    for offer in offers:
        response.headers.append("www-authenticate", offer)
    return response


def _authorization(scope: Scope) -> tuple[str | None, bytes]:
    """Return scheme and token of a request; None: it has none that is known here."""
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"").decode("latin-1")
    scheme, _, token = header.partition(" ")
    if scheme.lower() not in SCHEMES:
        return None, b""
    try:
        return SCHEMES[scheme.lower()], base64.b64decode(token, validate=True)
    except binascii.Error:
        return SCHEMES[scheme.lower()], b""


def _message_type(token: bytes) -> int:
    start = token.find(SIGNATURE)
    end = start + len(SIGNATURE)
    return int.from_bytes(token[end : end + 4], "little") if start >= 0 else 0


def _user_name(token: bytes) -> str:
    """Return the name in an AUTHENTICATE message, in small letters (MS-NLMP 2.2.1.3)."""
    message = token[token.find(SIGNATURE) :]
    if len(message) < 44:
        return ""
    length, offset = struct.unpack_from("<HxxI", message, 36)
    return message[offset : offset + length].decode("utf-16-le", "replace").lower()
