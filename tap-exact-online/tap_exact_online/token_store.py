"""One file with the tokens of all clients, shared by tap and target and every process on the machine.

Exact Online replaces the refresh token at each use and accepts the old one no more: whoever loses the new one needs a
person to consent again (picqer/exact-php-client#300, #644). Hence one file, one lock, and no use of a token before it
is safely on disk.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import msgspec

from tap_exact_online.exceptions import SignInFailed
from tap_exact_online.limits import recent

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = 1
LOCK_SECONDS = 300.0
"""Longer than a renewal takes with all its waits."""
_OWNER_ONLY = 0o600


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """A token pair. Times are seconds since 1970 by Exact's clock."""

    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    issued_at: float = 0.0
    expires_at: float = 0.0
    renew_from: float = 0.0
    """Exact refuses an earlier renewal and counts it as an error."""
    dead: str = ""
    """Why the refresh token is not to be tried again; empty while it lives."""
    seeds: list[str] = field(default_factory=list, repr=False)
    """Digests of the configured refresh tokens that were taken over before."""
    clock_difference: float = 0.0
    """Exact's clock minus the local one, for a process that has no answer yet."""


@dataclass(frozen=True)
class _Entry:
    tokens: Tokens | None = None
    errors: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class _File:
    version: int = VERSION
    clients: dict[str, _Entry] = field(default_factory=dict)


class TokenStore:
    """The entry of one client in the file at ``path``.

    Raises ``SignInFailed``, which names the file, when it cannot be read, locked or written.
    """

    def __init__(self, path: Path, client: str) -> None:
        self.path = Path(os.path.realpath(path.expanduser()))
        self._client = client
        self._lock = filelock.FileLock(f"{self.path}.lock", timeout=LOCK_SECONDS, mode=_OWNER_ONLY)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process out between reading and writing."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire()
        except filelock.Timeout as error:
            raise SignInFailed(
                f"another process holds {self.path}.lock for {LOCK_SECONDS:.0f} s: end the one that hangs, run again"
            ) from error
        except OSError as error:
            raise self._unusable(error) from error
        try:
            yield
        finally:
            self._lock.release()

    def read(self) -> Tokens | None:
        """Return the tokens, or None when there are none yet."""
        return self._entry().tokens

    def write(self, tokens: Tokens) -> None:
        """Put the tokens on disk before returning; hold the lock."""
        self._write(replace(self._entry(), tokens=tokens))

    def errors(self) -> dict[str, list[float]]:
        """Return the server times of errors by endpoint, which Exact counts per key."""
        return self._entry().errors

    def note_error(self, endpoint: str, at: float) -> dict[str, list[float]]:
        """Add an error, forget those that Exact no longer counts, and return what remains."""
        with self.locked():
            entry = self._entry()
            errors = {**entry.errors, endpoint: [*entry.errors.get(endpoint, []), at]}
            kept = {name: times for name in errors if (times := recent(errors[name], at))}
            self._write(replace(entry, errors=kept))
        return kept

    def _entry(self) -> _Entry:
        return self._file().clients.get(self._client, _Entry())

    def _file(self) -> _File:
        try:
            content = self.path.read_bytes()
            if self.path.stat().st_mode & 0o077:
                self.path.chmod(_OWNER_ONLY)
        except FileNotFoundError:
            return _File()
        except OSError as error:
            raise self._unusable(error) from error
        try:
            return msgspec.json.decode(content, type=_File)
        except ValueError:
            raise SignInFailed(
                f"{self.path} is not a token store: move it away and consent again with `tap-exact-online-login`"
            ) from None

    def _write(self, entry: _Entry) -> None:
        file = self._file()
        content: Any = replace(file, clients={**file.clients, self._client: entry})
        try:
            _replace_durably(self.path, msgspec.json.format(msgspec.json.encode(content), indent=2))
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> SignInFailed:
        return SignInFailed(
            f"the token store {self.path} cannot be used ({error.strerror or error}): "
            "set `token_file` to a file that this user can write"
        )


def _replace_durably(path: Path, content: bytes) -> None:
    """Write beside the file, flush to disk, put in place, flush the directory: a crash leaves the old or the new."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if os.name == "posix":
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
