from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tap_autotask import reading
from tap_autotask.exceptions import StopRun
from tap_autotask.reading import Choice, Reading, open_keys, queries
from tests.tap_autotask.fake import client_of
from tests.tap_autotask.tables import Tables

IDS = st.sets(st.integers(0, 30))
GOOD = {"op": "eq", "field": "good", "value": True}
NEW = [{"op": "gt", "field": "id", "value": 20}, {"op": "eq", "field": "voided", "value": True}]


def within(*ids: int) -> dict[str, Any]:
    return {"op": "in", "field": "id", "value": list(ids)}


@pytest.mark.parametrize(
    ("choice", "folded"),
    [
        (Choice(()), []),
        (Choice((), [GOOD]), [GOOD]),
        (Choice({1}), []),
        (Choice({1}, [GOOD]), [{"op": "or", "items": [within(1), GOOD]}]),
        (Choice((), [GOOD], changed=NEW), [GOOD, {"op": "or", "items": NEW}]),
        (Choice((), [], {4}, NEW[:1]), [{"op": "or", "items": [within(4), NEW[0]]}]),
        (Choice((), [GOOD], {4}), [GOOD]),
        (
            Choice({2, 1}, [GOOD], {4, 3}, NEW),
            [
                {
                    "op": "or",
                    "items": [
                        within(1, 2),
                        {"op": "and", "items": [GOOD, {"op": "or", "items": [within(3, 4), *NEW]}]},
                    ],
                }
            ],
        ),
    ],
)
def test_one_query_says_it_all(choice: Choice, folded: list[dict[str, Any]]) -> None:
    """What is asked for need not meet anything; what was touched meets what all have to; the rest changed as well."""
    assert queries(choice) == (folded, [])


class Case(NamedTuple):
    """Rows by their ids, what they are, which of them are chosen, and the sizes of a page and of a query."""

    rows: set[int]
    good: set[int]
    voided: set[int]
    known: set[int]
    asked: set[int]
    touched: set[int]
    page: int
    room: int


CASES = st.builds(Case, IDS, IDS, IDS, IDS, IDS, IDS, st.integers(1, 9), st.integers(1, 9))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=CASES)
def test_every_chosen_row_comes_once(monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    """Whatever the size of a page and the number of ids in a query; and what is missing is known by its id."""
    monkeypatch.setattr(reading, "MAX_IN", case.room)
    rows = [{"id": n, "good": n in case.good, "voided": n in case.voided} for n in case.rows]
    client, _, _ = client_of(Tables(Invoices=rows), page_size=case.page)
    choice = Choice(case.asked, [GOOD], case.touched, NEW)
    found = Reading(client, "Invoices", choice, lambda row: row["id"] in case.known)
    ids = [row["id"] for row in found.apart()] + [row["id"] for row in found.rows() if found.emits(row)]
    changed = {n for n in case.good if n > 20 or n in case.voided} - case.known
    assert sorted(ids) == sorted(case.rows & (case.asked | (case.touched & case.good) | changed))
    assert found.missing == case.asked - case.rows
    assert found.count == found.expected
    assert found.offered >= len(ids)


@pytest.mark.parametrize(("size", "queries_after_the_count"), [(4, None), (3, 0), (2, 1), (1, 2)])
def test_a_page_that_is_not_full_needs_no_count(size: int, queries_after_the_count: int | None) -> None:
    """A full one does: it may be the last, which then is known without asking for another."""
    client, autotask, _ = client_of(Tables(Invoices=[{"id": 1}, {"id": 2}, {"id": 3}]), page_size=size)
    assert [row["id"] for row in Reading(client, "Invoices", Choice(())).rows()] == [1, 2, 3]
    asked = [path.partition("Invoices/")[2] for path in autotask.paths[1:]]
    counted = [] if queries_after_the_count is None else ["query/count"] + ["query"] * queries_after_the_count
    assert asked == ["query", *counted]


def test_known_rows_are_not_offered() -> None:
    """The number of all rows of the run is right from its first one, as far as the first page shows what is known."""
    tables = Tables(Invoices=[{"id": n} for n in range(9)])
    for size in (4, 9, 500):
        client, _, _ = client_of(tables, page_size=size)
        assert Reading(client, "Invoices", Choice({1}), lambda row: row["id"] < 3).offered == 7


@pytest.mark.parametrize("keys", [["abc"], ["-1"], [""], ["1.5"], [None]])
def test_open_keys_have_to_be_ids(keys: list[Any]) -> None:
    """Anything else stops the run with where it stands."""
    with pytest.raises(StopRun, match=r"bookmarks\.some_stream\.open"):
        open_keys("some_stream", {"open": keys})


@pytest.mark.parametrize("state", [{}, {"open": []}, {"open": None}])
def test_a_state_without_open_keys_has_none(state: dict[str, Any]) -> None:
    """A first run, and one after all was settled."""
    assert open_keys("some_stream", state) == set()
