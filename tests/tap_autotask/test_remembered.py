from __future__ import annotations

import json
import logging
import re
import stat
import tracemalloc
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tap_autotask import remembered
from tap_autotask.remembered import KEPT, Remembered
from tests.tap_autotask.fake import ZONE, client_of, failure, is_zone

if TYPE_CHECKING:
    from pathlib import Path

    import requests

    from tests.tap_autotask.fake import Reply

NOON = "Mon, 02 Nov 2026 12:00:00 GMT"
CHARGE = {"id": 51, "name": "Kabel", "unitPrice": Decimal("12.40"), "unitQuantity": Decimal("0.0000007")}


def memory(
    path: Path | None, at: str = NOON, user: str = "api@demo-msp.example", minutes: int = 60, **zone: Any
) -> Any:
    """Return what a run at some time remembers."""

    def handler(request: requests.PreparedRequest) -> Reply:
        return (200, {"Date": at}, ZONE | zone) if is_zone(request) else failure(404)

    client, _, _ = client_of(handler)
    return Remembered(client, user, str(path) if path else None, minutes)


def written(path: Path, at: str = NOON) -> None:
    """Let a run remember a charge, a service, the roles and the terms."""
    run = memory(path, at)
    for entity in ("TicketCharges", "PaymentTerms", "Companies"):
        run.learn(entity, CHARGE)
    run.learn_whole("Roles", [{"id": 8, "hourlyRate": Decimal("95.0")}])
    run.learn_whole("PaymentTerms", [{"id": 1}])
    run.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "remembered.json"


def test_what_was_read_is_remembered_to_the_digit(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A later run has it without a call, and says so in one line with its age."""
    written(path)
    run = memory(path, "Mon, 02 Nov 2026 12:17:00 GMT")
    with caplog.at_level(logging.INFO, "tap-autotask.remembered"):
        assert run.rows("TicketCharges", {51, 52}) == {51: CHARGE}
        assert str(run.rows("TicketCharges", {51})[51]["unitPrice"]) == "12.40"
        assert run.whole("Roles") == [{"id": 8, "hourlyRate": Decimal("95.0")}]
        assert run.whole("Countries") == []
        run.close()
        run.close()
    assert [record.message for record in caplog.records] == [
        "2 related rows and lists were not read again but remembered from 17 to 17 minutes ago."
    ]


def test_what_people_repair_is_never_remembered(path: Path) -> None:
    """Terms and companies are not even written, and would not be used if they were."""
    written(path)
    assert "PaymentTerms" not in path.read_text()
    path.write_text(path.read_text().replace("TicketCharges", "Companies").replace("Roles", "BillingCodes"))
    run = memory(path)
    assert (run.rows("Companies", {51}), run.whole("BillingCodes")) == ({}, [])


@pytest.mark.parametrize(
    "at", ["Mon, 02 Nov 2026 13:00:01 GMT", "Mon, 02 Nov 2026 11:59:59 GMT", "Tue, 03 Nov 2026 12:00:00 GMT"]
)
def test_stale_rows_are_not_used(path: Path, at: str) -> None:
    """Neither what is older than the setting says, nor what comes from a future that a wrong clock made."""
    written(path)
    run = memory(path, at)
    assert (run.rows("TicketCharges", {51}), run.whole("Roles")) == ({}, [])
    assert memory(path, "Mon, 02 Nov 2026 13:00:00 GMT").rows("TicketCharges", {51})


def test_using_a_row_does_not_make_it_younger(path: Path) -> None:
    """What is remembered gets old, however often it is used, and what is too old leaves the file."""
    written(path)
    later = memory(path, "Mon, 02 Nov 2026 12:50:00 GMT")
    assert later.rows("TicketCharges", {51})
    later.learn("TicketCharges", CHARGE | {"id": 52})
    later.close()
    last = memory(path, "Mon, 02 Nov 2026 13:30:00 GMT")
    assert set(last.rows("TicketCharges", {51, 52})) == {52}
    last.learn("Contracts", {"id": 1})
    last.close()
    assert '"51"' not in path.read_text()


@pytest.mark.parametrize(
    "other", [{"user": "else@demo.example"}, {"ci": 7}, {"url": "https://webservices3.autotask.net/ATServicesRest"}]
)
def test_rows_of_another_tenant_or_user_are_not_used(
    path: Path, other: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """One user may see what another may not; the log says why, and the file is the other's from then on."""
    written(path)
    run = memory(path, **other)
    assert run.rows("TicketCharges", {51}) == {}
    assert "another Autotask or user" in caplog.text
    run.learn("Contracts", {"id": 1})
    run.close()
    assert memory(path, **other).rows("Contracts", {1})
    assert not memory(path).rows("TicketCharges", {51})


@pytest.mark.parametrize(
    "damage",
    [
        lambda good: good[:-20],
        lambda good: good.replace(b'"version":1', b'"version":2'),
        lambda good: good.replace(b'"rows":{', b'"rows":[', 1),
        lambda good: good[:40] + b"\0\0" + good[42:],
        lambda _: b"",
    ],
    ids=["cut off", "of a later version", "of another shape", "with NUL", "empty"],
)
def test_a_damaged_file_is_as_good_as_none(path: Path, damage: Any, caplog: pytest.LogCaptureFixture) -> None:
    """It is passed over with a line in the log, and replaced by what this run learns."""
    written(path)
    path.write_bytes(damage(path.read_bytes()))
    run = memory(path)
    assert run.rows("TicketCharges", {51}) == {}
    assert ("is not used" in caplog.text) == bool(path.stat().st_size)
    run.learn("TicketCharges", CHARGE)
    run.close()
    assert memory(path).rows("TicketCharges", {51}) == {51: CHARGE}


def test_a_damaged_row_is_as_good_as_none(path: Path) -> None:
    """What is no row, or no list, is not handed on."""
    written(path)
    text = path.read_text()
    row, rows = re.search(r'{"id":51[^}]*}', text), re.search(r'\[{"id":8[^]]*]', text)
    assert row
    assert rows
    path.write_text(text.replace(row[0], "17").replace(rows[0], '"none"'))
    run = memory(path)
    assert (run.rows("TicketCharges", {51}), run.whole("Roles")) == ({}, [])


def test_rows_are_remembered_as_they_were_read(path: Path) -> None:
    """What becomes of a row after it was read, such as columns that a catalog leaves out, is not remembered."""
    run = memory(path)
    row, roles = dict(CHARGE), [{"id": 8, "name": "Engineer"}]
    run.learn("TicketCharges", row)
    run.learn_whole("Roles", roles)
    del row["name"]
    del roles[0]["name"]
    run.close()
    later = memory(path)
    assert later.rows("TicketCharges", {51}) == {51: CHARGE}
    assert later.whole("Roles") == [{"id": 8, "name": "Engineer"}]


@pytest.mark.parametrize("content", ["version: 1\n", "{}", "\0\0\0", '{"remembered_by":"else"}'])
def test_a_file_of_something_else_stays_as_it_is(path: Path, content: str, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong path in the settings costs nobody a file."""
    path.write_text(content)
    run = memory(path)
    assert run.rows("TicketCharges", {51}) == {}
    run.learn("TicketCharges", CHARGE)
    run.close()
    assert path.read_text() == content
    assert "remember_file" in caplog.text
    assert list(path.parent.iterdir()) == [path]


def test_a_huge_file_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it is, it was not written by this tap."""
    written(path)
    monkeypatch.setattr(remembered, "MAX_FILE", 20)
    assert memory(path).rows("TicketCharges", {51}) == {}
    assert "larger than" in caplog.text


def test_a_file_that_cannot_be_written_holds_up_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Missing folders, a folder in its place: the log says so, and the run goes on."""
    for path in (tmp_path / "missing" / "too" / "file.json", tmp_path):
        run = memory(path)
        run.learn("TicketCharges", CHARGE)
        run.close()
    assert caplog.text.count("cannot be written") == 2


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    """A first run in a new project remembers too."""
    written(tmp_path / "new" / "file.json")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert memory(tmp_path / "new" / "file.json").rows("TicketCharges", {51})


def test_a_write_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new one comes into place at once or not at all, and nothing is left beside it."""
    written(path)
    before = path.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    run = memory(path)
    run.learn("TicketCharges", CHARGE | {"id": 52})
    run.close()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_only_the_owner_can_read_it(path: Path) -> None:
    """Also where the file was there before with other rights."""
    path.touch(mode=0o644)
    written(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(json.loads(path.read_text())) == {"remembered_by", "version", "of", "rows", "lists"}


def test_two_runs_at_once_keep_what_both_read(path: Path) -> None:
    """The later one adds to what the earlier one wrote meanwhile."""
    one, two = memory(path), memory(path)
    assert not one.rows("Contracts", {1})
    assert not two.rows("Contracts", {1})
    one.learn("Contracts", {"id": 1})
    two.learn("Contracts", {"id": 2})
    one.close()
    two.close()
    assert set(memory(path).rows("Contracts", {1, 2})) == {1, 2}


@pytest.mark.parametrize(("file", "minutes"), [(False, 60), (True, 0)])
def test_it_can_be_switched_off(path: Path, file: bool, minutes: int) -> None:  # noqa: FBT001
    """Without a file, or for no time at all, nothing is remembered and nothing is written."""
    written(path)
    before = path.read_bytes()
    run = memory(path if file else None, minutes=minutes)
    run.learn("TicketCharges", CHARGE | {"id": 52})
    run.learn_whole("Roles", [])
    run.close()
    assert (run.rows("TicketCharges", {51}), run.whole("Roles")) == ({}, [])
    assert path.read_bytes() == before


def test_the_newest_rows_are_remembered_and_the_file_stays_small(path: Path) -> None:
    """Of each entity a bounded number, over several runs, and no list that is no short one."""
    for first in (0, KEPT):
        run = memory(path)
        for number in range(first, first + KEPT + 10):
            run.learn("TicketCharges", {"id": number})
        run.learn_whole("Countries", [{"id": number} for number in range(KEPT + 1)])
        run.close()
    last = memory(path)
    kept = last.rows("TicketCharges", range(3 * KEPT))
    assert list(kept) == list(range(KEPT + 10, 2 * KEPT + 10))
    assert last.whole("Countries") == []


def test_memory_does_not_grow_with_what_is_read() -> None:
    """A run of many rows needs no more than one of few."""
    peaks = []
    for count in (KEPT, 10 * KEPT):
        run = memory(None)
        run._path = object()
        tracemalloc.start()
        for number in range(count):
            run.learn("TicketCharges", {"id": number, "description": "x" * 500})
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2
