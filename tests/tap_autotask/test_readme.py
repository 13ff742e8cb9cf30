from __future__ import annotations

from pathlib import Path

from tap_autotask.settings import SETTINGS
from tap_autotask.streams import AppendedStream, AutotaskStream, MarkedStream
from tap_autotask.tap import TapAutotask
from tests.settings_table import assert_in

README = Path(__file__).parents[2] / "tap-autotask" / "README.md"
WAYS = {AppendedStream: "by id", MarkedStream: "changes", AutotaskStream: "whole"}


def streams_table() -> str:
    tap = TapAutotask(config={"read_metadata": False}, validate_config=False)
    rows = []
    for stream in tap.streams.values():
        assert isinstance(stream, AutotaskStream)
        way = next(way for kind, way in WAYS.items() if isinstance(stream, kind))
        key = f"`{stream.replication_key}`" if stream.replication_key else ""
        rows.append(f"| `{stream.name}` | {stream.entity.name} | {way} | {key} |")
    return "\n".join(["| stream | entity | read | bookmark |", "|---|---|---|---|", *rows, ""])


def test_the_readme_lists_the_streams() -> None:
    """Each stream is there with its entity, its way of reading and its bookmark (`make settings` writes it)."""
    assert_in(README, streams_table(), "streams")


def test_every_setting_says_what_it_is_for() -> None:
    """Each setting has a sentence, and what is secret is marked so that Meltano and the SDK hide it."""
    properties = SETTINGS.to_dict()["properties"]
    assert all(setting["description"].endswith((".", "}")) for setting in properties.values())
    assert [name for name, setting in properties.items() if setting.get("secret")] == ["secret", "integration_code"]
