from __future__ import annotations

import pytest
from click.testing import CliRunner

from transfer_ledger.cli import main


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--month", "2026-10", "--from", "2026-10-01"],
        ["--from", "2026-10-01"],
        ["--from", "2026-10-02", "--until", "2026-10-01"],
        ["--month", "2026-13"],
    ],
)
def test_the_days_must_be_said_once(arguments: list[str]) -> None:
    """Without a period, with two, half of one or one that ends before it begins, nothing is read."""
    result = CliRunner().invoke(main, ["reconcile", *arguments])
    assert result.exit_code == 2
    assert "--month" in result.output
