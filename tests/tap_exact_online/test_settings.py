from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from tap_exact_online.expansion import additions
from tap_exact_online.login import main
from tap_exact_online.settings import CONNECTION_SETTINGS
from tap_exact_online.tap import TapExactOnline
from tests.settings_table import assert_in

README = Path(__file__).parents[2] / "tap-exact-online" / "README.md"


def test_secrets_are_marked() -> None:
    """Meltano and the SDK hide what the schema calls secret."""
    properties = CONNECTION_SETTINGS.to_dict()["properties"]
    assert [name for name, setting in properties.items() if setting.get("secret")] == ["client_secret", "refresh_token"]


def test_readme_names_the_options_of_the_command() -> None:
    """Each option of the command is explained, beside those of the app itself."""
    text, shown = README.read_text(), CliRunner().invoke(main, ["--help"]).output
    for option in ("--paste", "--redirect-uri", "--refresh", "--api-url", "--token-file"):
        assert f"`{option}`" in text
        assert option in shown


def test_readme_lists_the_streams() -> None:
    """The table in the README is that of the tap's streams, with the endpoint and the way each is followed."""
    tap = TapExactOnline(config={"division": 1, "client_id": "c", "client_secret": "s"})
    ways = {"Timestamp": "by rowversion", "Modified": "by date of change", None: "whole"}
    rows = [
        f"| `{name}` | {each.endpoint.resource} | {ways[each.replication_key]} |"  # type: ignore[attr-defined]
        for name, each in tap.streams.items()
    ]
    assert_in(README, "\n".join(["| stream | endpoint | read |", "|---|---|---|", *rows, ""]), "streams")


def test_readme_names_what_expanded_accounts_adds() -> None:
    """Each addition is explained, and can be left out by its name."""
    text = README.read_text()
    assert all(f"`{name}`" in text for name in additions())
