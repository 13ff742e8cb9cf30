from __future__ import annotations

import io
import json
import logging
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from target_exact_online.settings import SETTINGS
from target_exact_online.target import TargetExactOnline
from tests.target_exact_online.papers import SECRETS, invoice, singer

if TYPE_CHECKING:
    import pytest

    from tests.target_exact_online.papers import Office

HAND_MADE = Path(__file__).with_name("hand_made.singer")


def run(target: TargetExactOnline, text: bytes) -> int:
    """Run a target and return its exit code."""
    try:
        target.listen(io.BytesIO(text))  # type: ignore[arg-type]
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_documents_of_other_taps_are_written(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """A Singer file made by hand, from another source system, is written like any other."""
    target = TargetExactOnline(config=office.settings)
    assert run(target, HAND_MADE.read_bytes()) == 0
    (row,) = office.held()
    assert (row["YourRef"], str(row["AmountFC"])) == ("W-5", "3.99")
    state = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert state["bookmarks"]["orders"]["replication_key_value"] == 5


def test_other_streams_are_refused_by_name(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Records that are no documents stop the run with the name of the stream and what to do."""
    text = singer([]).replace(b"sales_invoices", b"expanded_invoices")
    assert run(TargetExactOnline(config=office.settings), text) == 1
    assert "put the mapper between" in caplog.text


def test_nothing_secret_is_shown(office: Office, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """In a run full of trouble no log line, state or file but the store holds a secret or a token."""
    office.sandbox.fault(system="exact_online", method="POST", path="oauth2/token", kind="error", status=500, body="")
    office.sandbox.fault(system="exact_online", method="POST", path="SalesInvoices", kind="drop_after_commit")
    office.sandbox.fault(system="exact_online", method="POST", path="SalesInvoices", nth=3, kind="error", status=400)
    office.sandbox.fault(system="exact_online", method="POST", path="SalesInvoices", nth=4, kind="error", status=403)
    with caplog.at_level(logging.DEBUG):
        office.run(invoice(), invoice(2), invoice(3), invoice(4), invoice(5, code="K999"))
    tokens = json.loads((tmp_path / "tokens.json").read_text())
    held = [entry["tokens"][name] for entry in tokens["clients"].values() for name in ("access_token", "refresh_token")]
    files = [path.read_bytes() for path in tmp_path.iterdir() if path.name != "tokens.json"]
    for secret in (*SECRETS, *held):
        assert secret not in caplog.text
        assert secret not in json.dumps(office.state)
        assert not [content for content in files if secret.encode() in content]


def test_a_dead_sign_in_stops_with_what_to_do(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """Without a working refresh token nothing is sent, and the message says how to consent again."""
    assert office.run(invoice(), refresh_token="stale") == 1
    assert "tap-exact-online-login" in caplog.text
    assert office.held() == []


def test_an_address_that_cannot_be_is_named(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A wrong `api_url` ends the run with a sentence, not with a traceback."""
    assert office.run(invoice(), api_url="http://start.exactonline.nl") == 1
    assert "`api_url` is 'http://start.exactonline.nl'" in caplog.text
    assert "Traceback" not in caplog.text


def test_missing_rights_stop_with_exacts_reason(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """A part of Exact that the user may not see ends the run with Exact's own reason."""
    office.reset(forbidden={"salesinvoice/SalesInvoices": "LicenseExpired"})
    assert office.run(invoice(), adopt=[]) == 1
    assert "LicenseExpired" in caplog.text


def test_a_signal_ends_a_wait(office: Office) -> None:
    """A target that waits for the next minute ends at once when it is asked to, and the next run goes on."""
    office.reset(limits=True, minute_limit=12)
    papers = [invoice(number) for number in range(1, 21)]
    with subprocess.Popen(
        [sys.executable, "-m", "target_exact_online", "--config", _file(office)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(singer(papers))
        process.stdin.flush()
        _until(lambda: len(office.held()) > 0)
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM, err.decode()
    assert time.monotonic() - began < 10
    assert b"sales_invoices" not in out
    office.reset()
    assert office.run(*papers[:2], adopt=[]) in (0, 1)


def test_the_command_line_names_itself() -> None:
    """`--about` describes the target with all its settings."""
    about = CliRunner().invoke(TargetExactOnline.cli, ["--about", "--format=json"])
    of_the_sdk = {"stream_maps", "stream_map_config"}
    own = set(SETTINGS.to_dict()["properties"])
    assert set(json.loads(about.stdout)["settings"]["properties"]) == own | of_the_sdk


def test_a_forecast_that_fits(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    """At the first document it is said whether today's calls suffice, and at the end how many were used."""
    office.reset(limits=True)
    document = invoice()
    document.source.offered = 400
    with caplog.at_level(logging.INFO):
        office.run(document)
    assert "400 documents offered need up to 400 calls, 4,9" in caplog.text
    assert "calls left today" in caplog.text


def _file(office: Office) -> str:
    path = office.folder / "config.json"
    path.write_text(json.dumps(office.settings))
    return str(path)


def _until(condition: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
