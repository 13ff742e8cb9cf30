from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import filelock
import pytest

from tap_exact_online import token_store
from tap_exact_online.exceptions import SignInFailed
from tap_exact_online.token_store import Tokens, TokenStore
from tests.tap_exact_online.fake import NOON

if TYPE_CHECKING:
    from pathlib import Path

PAIR = Tokens(refresh_token="refresh-1", access_token="access-1", issued_at=NOON, renew_from=NOON + 570.25, seeds=["a"])


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A pair comes back with all that is known about it, in a file for the owner alone."""
    store = TokenStore(tmp_path / "deep" / "tokens.json", "client")
    with store.locked():
        assert store.read() is None
        store.write(PAIR)
    assert store.read() == PAIR
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert [path.name for path in store.path.parent.iterdir() if path.suffix == ".json"] == ["tokens.json"]


def test_clients_share_a_file(tmp_path: Path) -> None:
    """Each client has its own entry, and writing one leaves the other as it is."""
    one, two = (TokenStore(tmp_path / "tokens.json", name) for name in ("one", "two"))
    other = replace(PAIR, access_token="access-2")
    with one.locked():
        one.write(PAIR)
    with two.locked():
        two.write(other)
    two.note_error("crm/Accounts", NOON)
    assert (one.read(), two.read()) == (PAIR, other)
    assert one.errors() == {}


def test_errors_are_kept_for_an_hour(tmp_path: Path) -> None:
    """Errors of earlier runs count, as they do for Exact, and are forgotten when it forgets them."""
    path = tmp_path / "tokens.json"
    TokenStore(path, "client").note_error("crm/Accounts", NOON)
    assert TokenStore(path, "client").note_error("crm/Accounts", NOON + 1) == {"crm/Accounts": [NOON, NOON + 1]}
    assert TokenStore(path, "client").note_error("vat/VATCodes", NOON + 7200) == {"vat/VATCodes": [NOON + 7200]}


def test_a_store_that_others_can_read_is_closed(tmp_path: Path) -> None:
    """A file copied with loose permissions is made the owner's alone when it is read."""
    store = TokenStore(tmp_path / "tokens.json", "client")
    with store.locked():
        store.write(PAIR)
    store.path.chmod(0o644)
    assert store.read() == PAIR
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"\x00", b"[]", b'{"clients": 1}', b"access-token-in-plain-text"])
def test_a_damaged_store_is_named_and_not_overwritten(tmp_path: Path, content: bytes) -> None:
    """What cannot be read is left for a person to look at, and nothing of it is shown."""
    store = TokenStore(tmp_path / "tokens.json", "client")
    store.path.write_bytes(content)
    with pytest.raises(SignInFailed, match=r"tokens\.json is not a token store") as raised, store.locked():
        store.write(PAIR)
    assert "access" not in str(raised.value)
    assert store.path.read_bytes() == content


def test_a_write_that_fails_leaves_the_old_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full, the message names the file, the old content stands and no half file is left."""
    store = TokenStore(tmp_path / "tokens.json", "client")
    with store.locked():
        store.write(PAIR)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SignInFailed, match="No space left"), store.locked():
        store.write(replace(PAIR, access_token="access-2"))
    assert store.read() == PAIR
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tokens.json", "tokens.json.lock"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A store in an impossible place says which setting to change."""
    (tmp_path / "file").write_text("")
    store = TokenStore(tmp_path / "file" / "tokens.json", "client")
    with pytest.raises(SignInFailed, match="token_file"), store.locked():
        pass


def test_a_link_to_the_store_stays_a_link(tmp_path: Path) -> None:
    """A store reached through a symbolic link is replaced where it lies."""
    (tmp_path / "real.json").write_bytes(b'{"version":1,"clients":{}}')
    (tmp_path / "tokens.json").symlink_to(tmp_path / "real.json")
    store = TokenStore(tmp_path / "tokens.json", "client")
    with store.locked():
        store.write(PAIR)
    assert (tmp_path / "tokens.json").is_symlink()
    assert "access-1" in (tmp_path / "real.json").read_text()


def test_a_store_held_too_long_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that hangs with the lock does not make the others wait for ever."""
    monkeypatch.setattr(token_store, "LOCK_SECONDS", 0.01)
    store = TokenStore(tmp_path / "tokens.json", "client")
    with (
        filelock.FileLock(f"{store.path}.lock", is_singleton=False),
        pytest.raises(SignInFailed, match=r"tokens\.json\.lock"),
        store.locked(),
    ):
        pass


def test_the_file_can_be_read_by_people(tmp_path: Path) -> None:
    """The file says which client each entry is of."""
    store = TokenStore(tmp_path / "tokens.json", "{client} at https://start.exactonline.nl")
    with store.locked():
        store.write(PAIR)
    assert list(json.loads(store.path.read_text())["clients"]) == ["{client} at https://start.exactonline.nl"]
