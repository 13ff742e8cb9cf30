from __future__ import annotations

import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from transfer_ledger import migrations, schema
from transfer_ledger.database import open_engine
from transfer_ledger.exceptions import StopRun

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_migrations_make_the_schema(url: str) -> None:
    """The migrations, run one after the other, make exactly the tables that the code uses."""
    engine = open_engine(url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    engine.dispose()
    assert differences == []


def test_every_migration_is_listed_in_order() -> None:
    """The versions the code knows are those of the migration scripts, oldest first."""
    config = Config()
    config.set_main_option("script_location", next(iter(migrations.__path__)))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == migrations.VERSIONS


def test_every_table_and_column_says_what_it_means() -> None:
    """No table and no column is without a comment."""
    silent = [
        f"{table.name}.{column.name}"
        for table in schema.metadata.tables.values()
        for column in table.columns
        if not (table.comment and column.comment)
    ]
    assert silent == []


def test_postgresql_carries_the_comments(new_postgres: Callable[[], str]) -> None:
    """In PostgreSQL a person finds the meaning of a column in the database itself."""
    engine = open_engine(new_postgres())
    columns = {column["name"]: column["comment"] for column in sa.inspect(engine).get_columns("transfers")}
    engine.dispose()
    assert columns["offered_as"] == schema.transfers.c.offered_as.comment


def test_newer_ledger_is_refused_untouched(url: str) -> None:
    """A ledger made by a newer version is left alone, with a message that names both versions."""
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(StopRun, match="has structure 0999; this version knows up to") as refused:
        open_engine(url)
    assert "Update transfer-ledger" in refused.value.advice
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == "0999"
        known = {"version": migrations.VERSIONS[-1]}
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :version"), known)
    engine.dispose()


def test_failed_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that breaks off takes its version and all it made back with it, and can be run again."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    execute: Any = sa.engine.Connection.execute

    def break_off(self: sa.engine.Connection, statement: Any, *rest: Any, **more: Any) -> Any:
        if isinstance(statement, sa.schema.CreateTable) and statement.element.name == "found":
            raise KeyboardInterrupt
        return execute(self, statement, *rest, **more)

    with monkeypatch.context() as broken:
        broken.setattr(sa.engine.Connection, "execute", break_off)
        with pytest.raises(KeyboardInterrupt):
            open_engine(url)
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
    open_engine(url).dispose()


def test_two_processes_may_make_one_ledger(tmp_path: Path) -> None:
    """Two processes that open a new ledger at once both find it whole."""
    code = "import sys; from transfer_ledger.database import open_engine; open_engine(sys.argv[1])"
    command = [sys.executable, "-c", code, f"sqlite:///{tmp_path / 'ledger.db'}"]
    processes = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]


def test_sqlite_keeps_what_is_committed(new_sqlite: Callable[[], str]) -> None:
    """SQLite is opened so that a commit survives a loss of power and readers do not block writers."""
    engine = open_engine(new_sqlite())
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000, "foreign_keys": 1}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "not a plain file"),
        ("sqlite:///:memory:", "not a plain file"),
        ("sqlite:///file:ledger?mode=memory&uri=true", "not a plain file"),
        ("user:hunter2@host", "not a database URL"),
        ("postgresql://user:hunter2@host:notaport/db", "not a database URL"),
        ("postgresql://user:hunter2@host/db", "No module named 'psycopg2'"),
        ("nosuch://user:hunter2@host/db", "cannot be opened"),
        ("postgresql+psycopg://user:hunter2@127.0.0.1:1/db", "cannot be opened"),
        ("sqlite:////nowhere/to/be/found.db", "cannot be created: No such file or directory"),
    ],
)
def test_unusable_url_is_explained_without_its_password(url: str, said: str) -> None:
    """A ledger URL that cannot be used stops the run with the reason, and never shows a password."""
    with pytest.raises(StopRun, match=said) as refused:
        open_engine(url)
    assert refused.value.advice
    assert "hunter2" not in f"{refused.value.message} {refused.value.advice}"


def test_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    """A file that holds something else is refused, and keeps its content."""
    path = tmp_path / "ledger.db"
    path.write_text("These are my holiday pictures." * 100)
    with pytest.raises(StopRun, match="file is not a database"):
        open_engine(f"sqlite:///{path}")
    assert path.read_text().startswith("These are")


def test_absent_ledger_is_not_made_for_a_reader(tmp_path: Path) -> None:
    """Whoever only reads is told that there is no ledger, and none appears."""
    path = tmp_path / "ledger.db"
    with pytest.raises(StopRun, match="There is no ledger at"):
        open_engine(f"sqlite:///{path}", create=False)
    assert not path.exists()
