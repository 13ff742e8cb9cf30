"""``transfers``: the ledger, for people at a terminal. Each command is a module, loaded when it is called."""

from __future__ import annotations

from importlib import import_module

import click
from typing_extensions import override

COMMANDS = {
    "log": "transfer_ledger.cli.log:log",
    "check": "transfer_ledger.cli.check:check",
    "init": "transfer_ledger.cli.init:init",
    "reconcile": "transfer_ledger.cli.reconcile:reconcile_command",
    "explain": "transfer_ledger.cli.explain:explain",
    "confirm": "transfer_ledger.cli.confirm:command",
    "receivables": "transfer_ledger.cli.receivables:command",
    "links": "transfer_ledger.cli.links:links",
    "report": "transfer_ledger.cli.report:command",
    "mail": "transfer_ledger.cli.mail:command",
    "serve": "transfer_ledger.cli.serve:serve",
    "user": "transfer_ledger.cli.user:user",
}
"""Name of a command to where it is."""


class Commands(click.Group):
    """A group whose commands are imported only when they are asked for."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="transfer-ledger")
def main() -> None:
    """Look at the ledger of transfers and decide what is open in it."""
