"""Whatever people edit on both sides, and however runs end, both sides hold the same in the end."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.transfer_ledger.receiver import EXACT, TENANT, WRITTEN, Parties, Receiver, account, company, run
from transfer_ledger.documents import Address
from transfer_ledger.ledger import Ledger
from transfer_ledger.links.store import ACCOUNTS, LinkStore
from transfer_ledger.merge import alike

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from transfer_ledger.documents import Party, Winner
    from transfer_ledger.parties.book import End
    from transfer_ledger.parties.held import Held

NAMES = ("Zonneveld", "Kwekerij Ruys", "Mobach Optiek", "Jachtwerf Hille")
NOWHERE = dict.fromkeys(("line1", "line2", "postcode", "city", "state", "country"))
VALUES: dict[str, list[Any]] = {
    "phone": [None, "030 555 0101", "+31 30 555 0102"],
    "vat_number": [None, "NL001234567B01"],
    "address": [NOWHERE, {**NOWHERE, "country": "BE"}, {**NOWHERE, "city": "Sneek", "country": "NL"}],
}
ENDS = st.sampled_from(["company", "account"])
"""Where a person edits, or whose documents a job brings to the other side."""
STEPS = st.one_of(
    st.tuples(st.just("edit"), ENDS, st.integers(0, 3), st.sampled_from(sorted(VALUES)), st.integers(0, 2)),
    st.tuples(st.just("new"), ENDS, st.integers(0, 3)),
    st.tuples(st.just("relink"), st.integers(0, 3)),
    st.tuples(
        st.just("run"),
        ENDS,
        st.lists(st.sampled_from(["take", "lose", "lie", "kill", "die", "refuse"]), max_size=4),
    ),
)
POLICY = st.fixed_dictionaries(dict.fromkeys(WRITTEN, st.sampled_from(["source", "receiver"])))
"""Who wins each field, as the direction to Exact sees it."""
OTHER: dict[Winner, Winner] = {"source": "receiver", "receiver": "source"}


OTHER_END: dict[End, End] = {"company": "account", "account": "company"}


class World:
    """Companies, accounts, and both jobs between them."""

    def __init__(self, ledger: Ledger, policy: dict[str, Winner]) -> None:
        self.ledger, self.policy = ledger, policy
        self.sides: dict[End, Receiver] = {"company": Receiver("company"), "account": Receiver("guid")}
        self.made: set[int] = set()
        self.expected: dict[str, Mapping[str, Any]] = {}

    def new(self, end: End, number: int) -> None:
        """Let a person make a party on one side that is on neither."""
        if number not in self.made:
            self.made.add(number)
            held = self.sides[end].put(account(number, name=NAMES[number], vat_number=None))
            self.expected[held.values["code"]] = held.values

    def edit(self, end: End, number: int, field: str, choice: int) -> None:
        """Let a person change a field on one side."""
        side = self.sides[end]
        for held in list(side.rows.values()):
            if held.code == account(number).code:
                value = VALUES[field][choice % len(VALUES[field])]
                side.put(account(number), held.id, **{**held.values, field: value})
                self.expected.pop(account(number).code or "", None)

    def relink(self, number: int) -> None:
        """Let a person end a link and confirm it again."""
        store = LinkStore(self.ledger.engine, EXACT, ACCOUNTS, self.ledger.clock)
        for link in store.all(states=["confirmed"]):
            if link.source_code == account(number).code:
                link.state = "ended"
                store.save([link])
                link.state, link.base, link.reasons = "confirmed", {}, ["by a person"]
                store.save([link])

    def run(self, end: End, script: list[str]) -> None:
        """Run a job; how its first writes go is in the script."""
        side = self.sides[OTHER_END[end]]
        side.script = list(script)
        with suppress(KeyboardInterrupt):
            run(self.ledger, Parties(self.ledger, side, end), *self.documents(end))
        side.script = []

    def documents(self, end: End) -> Iterator[Party]:
        """Yield what the mapper makes of one side."""
        turned = {field: OTHER[winner] for field, winner in self.policy.items()}
        for held in list(self.sides[end].rows.values()):
            yield company(held, fields_won_by=turned) if end == "account" else _account(held, self.policy)

    @property
    def writes(self) -> int:
        """How many writes there were."""
        return sum(len(side.writes) for side in self.sides.values())

    def pairs(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Return what both sides of each link hold."""
        links = LinkStore(self.ledger.engine, EXACT, ACCOUNTS, self.ledger.clock).all(states=["confirmed"])
        return [
            (self.sides["company"].rows[link.source_id].values, self.sides["account"].rows[link.receiver_id].values)
            for link in links
        ]


def _account(held: Held, won_by: dict[str, Winner]) -> Party:
    values = {field: value for field, value in held.values.items() if field != "address"}
    found = account(fields_won_by=won_by, address=Address(**held.values["address"]), **values)
    found.source.id, found.source.tenant = held.id, TENANT
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(policy=dict.fromkeys(WRITTEN, "receiver"), steps=[("run", "company", ["take", "kill"])])
@example(policy=dict.fromkeys(WRITTEN, "receiver"), steps=[("run", "company", ["die"]), ("relink", 0)])
@given(policy=POLICY, steps=st.lists(STEPS, min_size=3, max_size=14))
def test_both_sides_end_in_the_same_data_and_nobody_is_there_twice(
    sqlite_template: Path, policy: dict[str, Winner], steps: list[tuple[Any, ...]]
) -> None:
    """After any edits, lost answers and kills, each party is once on each side, and what nobody edited stayed."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.open(f"sqlite:///{shutil.copy(sqlite_template, Path(folder) / 'ledger.db')}")
        world = World(ledger, policy)
        for number, end in enumerate(OTHER_END):
            world.new(end, number)
        for name, *values in steps:
            getattr(world, name)(*values)
        for end in (*OTHER_END,) * 3:
            world.run(end, [])
        written, pairs = world.writes, world.pairs()
        for end in OTHER_END:
            world.run(end, [])
        ledger.close()
    assert {len(side.rows) for side in world.sides.values()} == {len(pairs)} == {len(world.made)}
    assert [
        (ours["code"], field)
        for ours, theirs in pairs
        for field in WRITTEN
        if not alike(field, ours[field], theirs[field])
    ] == []
    assert {ours["code"]: ours for ours, _ in pairs if ours["code"] in world.expected} == world.expected
    assert world.writes == written
