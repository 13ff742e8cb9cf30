"""``transfers user``: who may sign in on the page."""

from __future__ import annotations

import re
from pathlib import Path

import click

from transfer_ledger.cli.options import refusal
from transfer_ledger.exceptions import StopRun
from transfer_ledger.report.files import write_atomically

SHORTEST = 12
NAME = re.compile(r"[A-Za-z0-9._@-]{1,60}")


@click.command()
@click.argument("name")
@click.option(
    "--users", type=click.Path(path_type=Path, dir_okay=False), envvar="TRANSFERS_USERS", show_envvar=True,
    default=Path("transfers-users.toml"), show_default=True, help="File to write; readable by its owner only.",
)  # fmt: skip
@click.option("--role", type=click.Choice(["reader", "operator"]), default="reader", show_default=True,
              help="A reader sees all there is; an operator also acts on it.")  # fmt: skip
@click.option("--remove", is_flag=True, help="Take this person out.")
def user(name: str, users: Path, role: str, *, remove: bool) -> None:
    """Give someone a password for the page, or a new one; the password is asked for."""
    try:
        from transfer_ledger.page.access import User, hashed, read_users  # noqa: PLC0415
    except ImportError as error:
        raise click.ClickException(f"{error}. Install transfer-ledger[page].") from None
    if not NAME.fullmatch(name):
        raise click.UsageError("A name has letters, digits and . _ @ - only, at most 60.")
    try:
        known = read_users(users) if users.exists() else {}
    except StopRun as error:
        raise refusal(error) from None
    if remove:
        if known.pop(name, None) is None:
            raise click.ClickException(f"{name} does not stand in {users}.")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        if len(password) < SHORTEST:
            raise click.ClickException(f"A password has at least {SHORTEST} characters.")
        known[name] = User(role=role, password=hashed(password))  # type: ignore[arg-type] # click checked it
    lines = (f'[users."{who}"]\nrole = "{one.role}"\npassword = "{one.password}"\n' for who, one in known.items())
    write_atomically(users, "\n".join(lines).encode())
    click.echo(f"{name} was {'taken out of' if remove else 'written to'} {users}.")
