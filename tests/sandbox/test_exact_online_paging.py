"""Pages of the Exact Online half, walked over rows of any shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.exact_online import query
from sandbox.exact_online.catalogue import resource
from sandbox.exact_online.paging import Walk
from sandbox.exact_online.sources import Source
from sandbox.exact_online.switches import Switches
from sandbox.store import Table

if TYPE_CHECKING:
    from sandbox.store import Row

ITEMS = resource("logistics/Items")
SWITCHES = Switches(mandatory_filter=False, mandatory_select=False)
ROWS = st.lists(
    st.tuples(st.sampled_from([None, "A", "b", "é'"]), st.none() | st.integers(0, 2)), min_size=0, max_size=150
)
ORDERS = ["", "Code", "Code desc", "SecurityLevel desc, Code asc", "ID", "ID desc"]


def source(values: list[tuple[str | None, int | None]]) -> Source:
    """Return items with codes and security levels, in the order of their guids."""
    table = Table("ID")
    for number, (code, level) in enumerate(values):
        table.put({"ID": f"10000000-0000-4000-8000-{number:012x}", "Code": code, "SecurityLevel": level})
    return Source(table.get, table.after, table.find, lambda _stamp: table.after(None), frozenset({"ID", "Code"}))


def walk(rows: Source, text: str) -> Walk:
    """Return the walk of a query string."""
    return Walk(rows, ITEMS, query.read(text, ITEMS, SWITCHES), lambda name: lambda row: row.get(name))


def all_pages(rows: Source, text: str) -> tuple[list[Row], list[int]]:
    """Follow the links to the end; return the rows and the sizes of the pages."""
    found: list[Row] = []
    sizes = []
    asked: str | None = text
    while asked is not None:
        page = walk(rows, asked).page()
        found += page.rows
        sizes.append(len(page.rows))
        asked = None
        if page.position is not None:
            link = query.read(text, ITEMS, SWITCHES).next_link("http://x", page.position, page.top)
            asked = link.partition("?")[2]
    return found, sizes


@given(ROWS, st.sampled_from(ORDERS))
def test_every_row_stands_on_one_page(values: list[tuple[str | None, int | None]], order: str) -> None:
    """Whatever the order, ties and nulls, the pages together hold every row once, and all but the last are full."""
    rows = source(values)
    found, sizes = all_pages(rows, f"$orderby={order}" if order else "")
    assert sorted(row["ID"] for row in found) == [row["ID"] for row in rows.after(None)]
    assert set(sizes[:-1]) <= {60}
    assert sizes[-1] > 0 or not values


@given(ROWS, st.sampled_from(ORDERS), st.integers(0, 150))
def test_top_is_what_is_wanted_in_all(values: list[tuple[str | None, int | None]], order: str, top: int) -> None:
    """Of a $top beyond the page, the links carry the remainder."""
    everything, _ = all_pages(source(values), f"$orderby={order}" if order else "")
    some, _ = all_pages(source(values), f"$top={top}" + (f"&$orderby={order}" if order else ""))
    assert some == everything[:top]


@given(ROWS)
def test_rows_are_sorted(values: list[tuple[str | None, int | None]]) -> None:
    """Null comes first, a descending column the other way round, equal rows by guid."""

    def place(row: Row) -> tuple[Any, ...]:
        level, code = row.get("SecurityLevel"), row.get("Code")
        return (level is None, -(level or 0), code is not None, code or "", row["ID"])

    found, _ = all_pages(source(values), "$orderby=SecurityLevel desc, Code")
    assert found == sorted(source(values).after(None), key=place)


@given(ROWS, st.integers(0, 100))
def test_skip_leaves_out_the_first(values: list[tuple[str | None, int | None]], skip: int) -> None:
    """A $skip counts once, not again on every page."""
    everything, _ = all_pages(source(values), "")
    rest, _ = all_pages(source(values), f"$skip={skip}")
    assert rest == everything[skip:]


@given(ROWS, st.sampled_from(["A", "é'", "x"]))
def test_an_index_finds_what_a_search_finds(values: list[tuple[str | None, int | None]], code: str) -> None:
    """A lookup by an indexed column gives the rows that a search gives, and their number."""
    quoted = code.replace("'", "''")
    by_index = f"$filter=Code eq '{quoted}'"
    by_search = f"$filter=trim(Code) eq '{quoted}'"
    assert all_pages(source(values), by_index)[0] == all_pages(source(values), by_search)[0]
    assert walk(source(values), by_index).count() == sum(row[0] == code for row in values)
