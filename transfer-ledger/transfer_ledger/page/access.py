"""Who may see the page and who may act on it: passwords, sessions, forgery, throttling."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import threading
import tomllib
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Literal

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from pathlib import Path

Role = Literal["reader", "operator"]
"""A reader sees all there is; an operator also acts on it."""

SESSION = dt.timedelta(hours=12)
TRIES = 5
"""Wrong passwords in a row, from one address or for one name, after which it takes a pause."""
PAUSE = dt.timedelta(minutes=15)
OTHERS_MAY_NOT = 0o077
LONGEST_NAME = 60

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())
"""Checked when the name is unknown, so that it takes as long as a wrong password."""


class User(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A person who may sign in."""

    role: Role
    password: str
    """Argon2 hash."""

    @property
    def stamp(self) -> str:
        """Changes with the password, so that a new one ends the old sessions."""
        return hashlib.sha256(self.password.encode()).hexdigest()[:16]


class Visitor(msgspec.Struct, kw_only=True, frozen=True):
    """Who is looking."""

    name: str
    role: Role

    @property
    def acts(self) -> bool:
        """Whether this person may act."""
        return self.role == "operator"


class UsersFile(msgspec.Struct, kw_only=True):
    """What a users file holds."""

    users: dict[str, User] = {}


def read_users(path: Path) -> dict[str, User]:
    """Return the users in a file.

    Raises:
        StopRun: it cannot be read, others can read it too, or something else stands in it.
    """
    try:
        if path.stat().st_mode & OTHERS_MAY_NOT:
            raise StopRun(f"Others than its owner may read {path}.", f"chmod 600 {path}")
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), UsersFile)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StopRun(f"The users file {path} cannot be read: {reason}", "`transfers user NAME` makes one.") from None
    return found.users


def hashed(password: str) -> str:
    """Return the Argon2 hash of a password."""
    return _hasher.hash(password)


class Throttle:
    """Counts passwords that were tried and not right, by address and by name."""

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self.clock = clock
        self._tried: dict[str, deque[dt.datetime]] = defaultdict(deque)
        self._lock = threading.Lock()

    def admit(self, *keys: str) -> dt.timedelta | None:
        """Take in a try; return how long these have to wait, None when they may try.

        It counts before the password is looked at: of many at the same moment no more are let in than one by one.
        """
        with self._lock:
            for key in list(self._tried):
                self._forget(key)
            waits = [self._tried[key][0] + PAUSE for key in keys if len(self._tried.get(key, ())) >= TRIES]
            if waits:
                return max(waits) - self.clock()
            for key in keys:
                self._tried[key].append(self.clock())
        return None

    def right(self, *keys: str) -> None:
        """Forget what was tried before."""
        with self._lock:
            for key in keys:
                self._tried.pop(key, None)

    def _forget(self, key: str) -> None:
        tries, now = self._tried[key], self.clock()
        while tries and now - tries[0] >= PAUSE:
            tries.popleft()
        if not tries:
            del self._tried[key]


class Access:
    """Knows who a session belongs to.

    Without a users file everybody who reaches the page is ``local``, an operator: it is then served to this machine
    only.
    """

    def __init__(self, users: Path | None, local: str, clock: Callable[[], dt.datetime]) -> None:
        self.path = users
        self.local = local
        self.clock = clock
        self.throttle = Throttle(clock)
        self._ended: dict[str, dt.datetime] = {}
        self._one_by_one = threading.Semaphore(2)

    @property
    def open(self) -> bool:
        """Whether nobody has to sign in."""
        return self.path is None

    def visitor(self, session: MutableMapping[str, object]) -> Visitor | None:
        """Return who a session belongs to, None when somebody has to sign in."""
        if self.path is None:
            return Visitor(name=self.local, role="operator")
        name, since = session.get("user"), session.get("since")
        if not isinstance(name, str) or not isinstance(since, float):
            return None
        user = read_users(self.path).get(name)
        if user is None or user.stamp != session.get("stamp"):
            return None
        if self.clock().timestamp() - since > SESSION.total_seconds() or session.get("id") in self._ended:
            return None
        return Visitor(name=name, role=user.role)

    def sign_in(self, session: MutableMapping[str, object], name: str, password: str, address: str) -> bool:
        """Check a password and let the session belong to its owner; return whether it was right.

        Takes as long for a name that is not known as for one that is.
        """
        assert self.path is not None
        user = read_users(self.path).get(name)
        if not self._right(user.password if user else _NOBODY, password) or user is None:
            return False
        self.throttle.right(*tried_by(name, address))
        kept = {key: session[key] for key in ("language",) if key in session}
        session.clear()
        session.update(kept | {"user": name, "stamp": user.stamp, "since": self.clock().timestamp()})
        session["id"] = secrets.token_urlsafe(16)
        return True

    def sign_out(self, session: MutableMapping[str, object]) -> None:
        """End a session: a copy of its cookie opens nothing any more."""
        now = self.clock()
        self._ended = {key: at for key, at in self._ended.items() if now - at <= SESSION}
        if isinstance(session.get("id"), str):
            self._ended[str(session["id"])] = now
        session.clear()

    def _right(self, kept: str, password: str) -> bool:
        with self._one_by_one:  # each check takes 64 MB
            try:
                return _hasher.verify(kept, password)
            except (VerificationError, InvalidHashError):
                return False


def tried_by(name: str, address: str) -> tuple[str, str]:
    """Return what tries are counted by; names are no longer than any that is known."""
    return f"address {address}", f"name {name[:LONGEST_NAME]}"


def token(session: MutableMapping[str, object]) -> str:
    """Return what a form must bring back, so that no other site can send it."""
    if not isinstance(session.get("token"), str):
        session["token"] = secrets.token_urlsafe(24)
    return str(session["token"])


def brings(session: MutableMapping[str, object], brought: str) -> bool:
    """Return whether a form brought back the token of its session."""
    return isinstance(session.get("token"), str) and hmac.compare_digest(
        str(session["token"]).encode(), brought.encode()
    )
