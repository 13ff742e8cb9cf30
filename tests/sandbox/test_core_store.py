"""The store: whatever is put and deleted, indexes agree with a reading of all rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.store import Row, Store, Table

KEYS = st.integers(0, 15)
VALUES = st.one_of(st.none(), st.integers(0, 4))
STEPS = st.lists(st.tuples(st.sampled_from(["put", "delete", "find"]), KEYS, VALUES), max_size=60)


@given(STEPS)
def test_indexes_agree_with_the_rows(steps: list[tuple[str, int, int | None]]) -> None:
    """After any steps every lookup finds what a plain dict holds, in the order of keys."""
    table, expected = Table("id"), dict[int, Row]()
    for step, key, value in steps:
        if step == "put":
            expected[key] = {"id": key, "of": value}
            table.put({"id": key, "of": value})
        elif step == "delete":
            assert table.delete(key) == expected.pop(key, None)
        else:
            found = sorted(row["id"] for row in expected.values() if row["of"] == value is not None)
            assert [row["id"] for row in table.find("of", [value])] == found
            assert table.count("of", [value]) == len(found)
            after = [row["id"] for row in table.find("of", [value, 99], after=key)]
            assert after == [number for number in found if number > key]
    assert list(table) == [expected[key] for key in sorted(expected)]
    assert len(table) == len(expected)


def test_put_changes_what_it_names() -> None:
    """A put of a known key keeps the columns it does not name, and leaves the row before alone."""
    table = Table("id")
    first = table.put({"id": 1, "a": 1, "b": 1})
    second = table.put({"id": 1, "b": 2})
    assert (first, second) == ({"id": 1, "a": 1, "b": 1}, {"id": 1, "a": 1, "b": 2})
    assert table.get(1) is second


def test_after() -> None:
    """Rows are read from behind a key that need not exist."""
    table = Table("id")
    for key in (5, 1, 9):
        table.put({"id": key})
    assert [row["id"] for row in table.after(1)] == [5, 9]
    assert [row["id"] for row in table.after(4)] == [5, 9]
    assert table.next_key() == 10
    assert Table("id").next_key() == 1


def test_stamp_completes_every_put() -> None:
    """A table's stamp sees the whole row before it is stored, and an index sees what it set."""
    versions = iter(range(1, 9))
    table = Table("code", stamp=lambda row: row.update(version=next(versions)))
    table.put({"code": "a"})
    table.put({"code": "a", "x": 1})
    assert table.find("version", [2]) == [{"code": "a", "x": 1, "version": 2}]
    assert table.find("version", [1]) == []


def test_arrived_are_those_put_after_the_seed() -> None:
    """What is put after settling has arrived, until it is deleted."""
    store = Store()
    table = store.add("autotask", "Invoices", "id")
    table.put({"id": 1})
    store.settle()
    table.put({"id": 2})
    table.put({"id": 1, "paid": True})
    assert list(table.arrived) == [2, 1]
    table.delete(2)
    assert list(table.arrived) == [1]


def test_key_is_needed() -> None:
    """A row without its key can not be stored."""
    with pytest.raises(KeyError):
        Table("id").put({"a": 1})


def test_tables_by_system() -> None:
    """Tables are found by system and resource."""
    store = Store()
    table = store.add("autotask", "Invoices", "id")
    store.add("exact_online", "Invoices", "ID")
    assert store.table("autotask", "Invoices") is table
    assert store.tables("autotask") == {"Invoices": table}
