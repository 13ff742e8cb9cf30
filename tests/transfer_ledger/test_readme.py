"""The README says what the code says. `make settings` renews it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from click import Argument, Context, Group
from click.testing import CliRunner

from transfer_ledger.cli import main
from transfer_ledger.schema import EVENTS, STATES, markdown
from transfer_ledger.settings import LEDGER_SETTINGS

README = Path(__file__).parents[2] / "transfer-ledger" / "README.md"


def two_columns(name: str, rows: dict[str, str]) -> str:
    return "\n".join([f"| {name} | meaning |", "|---|---|", *(f"| `{key}` | {text} |" for key, text in rows.items())])


def settings() -> str:
    properties = LEDGER_SETTINGS.to_dict()["properties"]
    rows = {
        name: said["description"] + (f" Default: `{said['default']}`." if "default" in said else "")
        for name, said in properties.items()
    }
    return two_columns("setting", rows)


BLOCKS = {
    "states": two_columns("state", STATES),
    "settings": settings(),
    "tables": markdown(),
    "events": two_columns("event", EVENTS),
}


def renewed(text: str) -> str:
    for name, block in BLOCKS.items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = between.sub(lambda found, block=block: f"{found[1]}\n{block}\n\n{found[2]}", text)  # type: ignore[misc]
    return text


def test_tables_of_the_readme_are_those_of_the_code() -> None:
    """States, settings, events and tables in the README are those of the code."""
    text = README.read_text()
    if os.environ.get("WRITE_SETTINGS"):
        README.write_text(renewed(text))
    assert README.read_text() == renewed(text)


def test_every_command_and_option_is_in_the_readme() -> None:
    """Each command of the command line interface, and each of its options, stands in the README."""
    text = README.read_text()
    assert isinstance(main, Group)
    context = Context(main)
    names = main.list_commands(context)
    assert names
    for name in names:
        command = main.get_command(context, name)
        assert command is not None
        assert f"transfers {name}" in text
        commands = command.commands.values() if isinstance(command, Group) else [command]
        for parameter in (parameter for each in commands for parameter in each.params):
            assert isinstance(parameter, Argument) or parameter.opts[0] in text
        if isinstance(command, Group):
            assert all(f"transfers {name} {each}" in text for each in command.commands)


def test_commands_of_the_readme_run(tmp_path: Path) -> None:
    """Each command line in the README is one that the program understands."""
    lines = [
        line.partition("#")[0].split() for line in README.read_text().splitlines() if line.startswith("transfers ")
    ]
    for words in lines:
        result = CliRunner().invoke(main, words[1:], env={"TRANSFERS_LEDGER_URL": f"sqlite:///{tmp_path / 'none.db'}"})
        assert "There is no ledger" in result.output, words
    assert len(lines) == 29
