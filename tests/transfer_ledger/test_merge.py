from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transfer_ledger.test_documents_accounts import account
from transfer_ledger.documents import Address, Winner
from transfer_ledger.merge import TWINS, Base, Conflict, Values, alike, merge, normal, told, turned

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS = {"Standaard": "14", "Standaard EN": "14", "Ruim": "30"}
"""Invoice templates of the one system, and the condition each stands for in the other."""
BACK = {"14": "Standaard", "30": "Ruim"}

FIELDS = ("name", "phone", "vat_number", "status", "active", "address", "udf.Regio")
TEXTS = st.sampled_from([None, "", "Bakker BV", "bakker  bv", "020 555 01 00", "+31 (0)20 5550100", "0031205550100"])
PARTS = st.dictionaries(st.sampled_from(["line1", "postcode", "country"]), TEXTS)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(FIELDS, TEXTS),
    "status": st.lists(st.sampled_from(["customer", "supplier", "prospect"]), max_size=2),
    "active": st.booleans(),
    "address": PARTS,
}
ROWS = st.fixed_dictionaries({}, optional=VALUES)
OURS = st.fixed_dictionaries({}, optional={**VALUES, "term": st.sampled_from([None, *WORDS])})
THEIRS = st.fixed_dictionaries({}, optional={**VALUES, "term": st.sampled_from([None, *BACK])})
EDITS = st.lists(st.tuples(st.just(0), OURS) | st.tuples(st.just(1), THEIRS), max_size=6)
POLICIES = st.fixed_dictionaries(
    {field: st.sampled_from(["source", "receiver", "report"]) for field in (*FIELDS, "term")}
)


def called(values: Mapping[str, Any], way: int) -> dict[str, Any]:
    """Return fields by their names on this way, or by the usual ones again."""
    return {TWINS.get(field, field) if way else field: value for field, value in values.items()}


class Pair:
    """Two systems and what they last agreed on; ``term`` is said in other words on either side."""

    def __init__(self, ours: Values, theirs: Values, forth: dict[str, Winner], back: dict[str, Winner]) -> None:
        self.sides = [dict(ours), dict(theirs)]
        self.ways = (forth, back)
        self.base: Base = {}

    def run(self, way: int) -> tuple[Values, list[Conflict]]:
        """Run one direction: 0 forth, 1 back, where ``status`` is called ``company_type``."""
        source, receiver = self.sides[way], self.sides[1 - way]
        said = source | {"term": (WORDS, BACK)[way].get(source.get("term") or "")}
        base = turned(self.base) if way else self.base
        merged = merge(
            base, called(said, way), called(receiver, way), called(self.ways[way], way), {"term": source.get("term")}
        )
        changes = called(merged.changes, way)
        receiver.update(changes)
        self.base = turned(merged.base) if way else merged.base
        return changes, [each._replace(field=called({each.field: 0}, way).popitem()[0]) for each in merged.conflicts]

    def differing(self) -> set[str]:
        """Return the fields in which the two do not say the same."""
        ours, theirs = self.sides
        found = {field for field in FIELDS if not alike(field, ours.get(field), theirs.get(field))}
        return found | ({"term"} if WORDS.get(ours.get("term") or "") != theirs.get("term") else set())


@given(OURS, THEIRS, EDITS, POLICIES, POLICIES, st.lists(st.integers(0, 1), min_size=6, max_size=6))
def test_both_directions_in_turn_converge(
    ours: Values,
    theirs: Values,
    edits: list[tuple[int, Values]],
    forth: dict[str, Winner],
    back: dict[str, Winner],
    ways: list[int],
) -> None:
    """After edits on both sides the runs make both alike, save what a person must decide, and then write nothing."""
    pair = Pair(ours, theirs, forth, back)
    for (side, changes), way in zip(edits, ways, strict=False):
        pair.sides[side].update(changes)
        pair.run(way)
    for way in (0, 1, 0):
        pair.run(way)
    reported = {conflict.field for way in (0, 1) for conflict in pair.run(way)[1]}
    assert [pair.run(way)[0] for way in (0, 1)] == [{}, {}]
    assert pair.differing() == reported
    assert all("report" in (forth[field], back[field]) for field in reported)


@given(ROWS, ROWS, POLICIES)
def test_our_own_write_does_not_come_back(ours: Values, theirs: Values, back: dict[str, Winner]) -> None:
    """Where the source wins, the way back has nothing to say about what the way forth wrote."""
    pair = Pair(ours, theirs, dict.fromkeys(FIELDS, "source"), back)
    written, _ = pair.run(0)
    changes, conflicts = pair.run(1)
    assert not written.keys() & changes.keys()
    assert conflicts == []


@given(ROWS, ROWS, ROWS, POLICIES)
def test_only_what_the_document_speaks_of_is_touched(
    was: Values, source: Values, receiver: Values, won_by: Any
) -> None:
    """A field without a winner is neither written nor reported, and keeps its base."""
    base = {field: {"source": value, "receiver": value} for field, value in was.items()}
    silent = {field: winner for field, winner in won_by.items() if field not in {"name", "address"}}
    merged = merge(base, source, receiver, silent)
    assert not {"name", "address"} & (merged.changes.keys() | {conflict.field for conflict in merged.conflicts})
    assert [merged.base.get(field) for field in ("name", "address")] == [base.get("name"), base.get("address")]


CASES: list[tuple[str, Any, Any, Any, Winner, Values, int]] = [
    ("only the source changed", "a", "b", "a", "receiver", {"name": "b"}, 0),
    ("only the receiver changed", "a", "a", "b", "source", {}, 0),
    ("both to the same", "a", "b", "b", "report", {}, 0),
    ("both, the source wins", "a", "b", "c", "source", {"name": "b"}, 1),
    ("both, the receiver wins", "a", "b", "c", "receiver", {}, 1),
    ("both, a person decides", "a", "b", "c", "report", {}, 1),
    ("the source was emptied", "a", None, "a", "source", {"name": None}, 0),
    ("just linked, empty at the receiver", None, "b", None, "report", {"name": "b"}, 0),
    ("just linked, empty at the source", None, None, "c", "source", {}, 0),
    ("just linked, both filled", None, "b", "c", "report", {}, 1),
]


@pytest.mark.parametrize(("base", "source", "receiver", "winner", "changes", "conflicts"), [row[1:] for row in CASES],
                         ids=[row[0] for row in CASES])  # fmt: skip
def test_a_field(base: Any, source: Any, receiver: Any, winner: Winner, changes: Values, conflicts: int) -> None:
    """What changed on one side goes over, and what changed on both goes by the winner."""
    known = {"name": {"source": base, "receiver": base}} if base else {}
    merged = merge(known, {"name": source}, {"name": receiver}, {"name": winner})
    assert (merged.changes, len(merged.conflicts)) == (changes, conflicts)


def test_a_conflict_tells_all_values() -> None:
    """A conflict names the field, the value agreed on before, both new ones, and who won."""
    merged = merge({"phone": {"source": "1", "receiver": "1"}}, {"phone": "2"}, {"phone": "3"}, {"phone": "receiver"})
    assert merged.conflicts == [Conflict("phone", "1", "2", "3", "receiver")]


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("phone", "+31 (0)20-555 01 00", "0031205550100"),
        ("website", "https://Voorbeeld.example/", "voorbeeld.example"),
        ("email", "Ans@Voorbeeld.Example ", "ans@voorbeeld.example"),
        ("vat_number", "NL 8234.56.782 B 01", "nl823456782b01"),
        ("bank_account", "NL91 ABNA 0417 1643 00", "NL91ABNA0417164300"),
        ("name", " Voorbeeld\u00a0 BV\0", "Voorbeeld BV"),
        ("name", "Cafe\u0301", "Café"),
        ("code", "            D10042", "D10042"),
        ("status", ["supplier", "customer"], ["customer", "supplier"]),
        ("address", {"postcode": "1015aa", "country": "nl", "line2": ""}, {"postcode": "1015 AA", "country": "NL"}),
        ("udf.Regio", "", None),
        ("contact", {"email": None}, None),
    ],
)
def test_formatting_is_no_change(field: str, one: Any, other: Any) -> None:
    """The same value, written in another way, is no change."""
    assert alike(field, one, other)
    assert merge({}, {field: one}, {field: other}, {field: "report"})[:2] == ({}, [])


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("name", "Bakker BV", "bakker bv"),
        ("phone", "020 5550100 toestel 12", "020 5550100 toestel 13"),
        ("website", "a.example/Nl", "a.example/nl"),
        ("active", False, None),
        ("address", {"line1": "Dam 1"}, {"line2": "Dam 1"}),
    ],
)
def test_what_says_something_else_is_a_change(field: str, one: Any, other: Any) -> None:
    """A difference that a person meant is a change."""
    assert not alike(field, one, other)


@given(st.sampled_from(["name", "phone", "website", "email", "vat_number", "postcode", "country"]), st.text())
def test_the_normal_form_is_its_own(field: str, text: str) -> None:
    """A value in normal form is in normal form, whatever it was made from."""
    once = normal(field, text)
    assert normal(field, once) == once


def test_a_document_tells_the_fields_it_names() -> None:
    """Only fields with a winner are told, user-defined ones by their names."""
    made = account(fields_won_by={"address": "source", "udf.Regio": "source", "udf.Oud": "source", "phone": "report"})
    assert told(made) == {
        "address": {"line1": "Keizersgracht 100", "line2": None, "postcode": "1015 AA", "city": "Amsterdam",
                    "state": None, "country": "NL"},
        "udf.Regio": "Noord",
        "udf.Oud": None,
        "phone": None,
    }  # fmt: skip
    assert made.address == Address(**told(made)["address"])
