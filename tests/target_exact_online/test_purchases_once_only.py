from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.target_exact_online.orders import PATH, back, goods, held, order, supplier
from tests.target_exact_online.papers import singer
from tests.target_exact_online.test_once_only import FAULTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.target_exact_online.papers import Office
    from transfer_ledger.documents import PurchaseOrder

MORTAL = """
import json, os, sys
from tap_exact_online.client import Client
from target_exact_online.target import TargetExactOnline

config, nth, moment = json.loads(sys.argv[1])
count = 0

def deadly(write):
    def mortal(client, *arguments):
        global count
        count += 1
        if (count, moment) == (nth, "before"):
            os._exit(9)
        answer = write(client, *arguments)
        if count == nth:
            os._exit(9)
        return answer
    return mortal

Client.create, Client.update, Client.delete = map(deadly, (Client.create, Client.update, Client.delete))
TargetExactOnline(config=config).listen(sys.stdin.buffer)
"""

LINE = ("Laptop 14 inch", "4", "12.5")


@pytest.fixture(autouse=True)
def _supplier(office: Office) -> None:
    supplier(office)


def papers() -> list[PurchaseOrder]:
    """Return three orders."""
    return [order(1), order(2), order(3)]


def die(office: Office, offered: list[PurchaseOrder], nth: int, moment: str, **settings: Any) -> None:
    """Run the target in a process that is gone at its nth write, before or after it is sent."""
    config = json.dumps([office.settings | settings, nth, moment])
    command = [sys.executable, "-c", MORTAL, config]
    gone = subprocess.run(command, input=singer(offered), capture_output=True, check=False, timeout=60)
    assert gone.returncode == 9, gone.stderr.decode()


@pytest.mark.parametrize("fault", [pytest.param(fault, id=name) for name, fault in FAULTS.items()])
def test_every_order_is_there_once(office: Office, fault: dict[str, Any]) -> None:
    """Whatever happens to one answer, after a rerun each receipt has exactly one order."""
    office.sandbox.fault(system="exact_online", method="POST", path=PATH, nth=2, **fault)
    office.run(*papers())
    assert office.run(*papers()) == 0
    assert held(office) == {"PO-1/1": [LINE], "PO-1/2": [LINE], "PO-1/3": [LINE]}
    assert office.open() == []


@pytest.mark.parametrize(("nth", "moment"), [(1, "after"), (2, "after"), (3, "before"), (3, "after"), (4, "after")])
def test_a_killed_run_leaves_nothing_twice(office: Office, nth: int, moment: str) -> None:
    """Supplier, new item, order and goods receipt: killed around any of these writes, a rerun makes each once."""
    allowed = {"missing_supplier": "create", "missing_item": "create"}
    paper = order(1, goods(item="NEW-1"), code="L200", goods_receipt=True)
    die(office, [paper], nth, moment, **allowed)
    assert office.run(paper, **allowed) == 0
    assert held(office) == {"PO-1/1": [LINE]}
    assert len([row for row in office.held("Accounts") if row["Code"].strip() == "L200"]) == 1
    assert len([row for row in office.held("Items") if row["Code"].strip() == "NEW-1"]) == 1
    assert [row["QuantityReceived"] for row in office.held("GoodsReceiptLines")] == [4]


@pytest.mark.parametrize(
    ("method", "path", "left"),
    [
        ("PUT", "purchaseorder/PurchaseOrderLines", {"PO-1/1": [("Laptop 14 inch", "1", "12.5")]}),
        ("DELETE", "purchaseorder/PurchaseOrderLines", {"PO-1/1": [("Freight", "1", "9")]}),
        ("DELETE", PATH, {}),
    ],
)
@pytest.mark.parametrize("kind", ["drop", "drop_after_commit"])
def test_a_lost_change_is_one_change(office: Office, method: str, path: str, left: dict[str, Any], kind: str) -> None:
    """A quantity, a line, a whole order: what the answer to a change was is looked up, and nothing comes off twice."""
    lines = [goods(source_ids=["1"])]
    lines += [goods(1, "9", description="Freight", item="VRACHT")] if "Lines" in path and method == "DELETE" else []
    correction = back(2, (1, 3, 1) if method == "PUT" else (1, 4, 0))
    office.run(order(1, *lines))
    office.sandbox.fault(system="exact_online", method=method, path=path, kind=kind)
    office.run(correction)
    assert office.run(correction) == 0
    assert held(office) == left
    assert office.open() == []


@pytest.mark.parametrize(
    ("there", "taken", "left"),
    [((5, 5), (2, 3), ["3", "5"]), ((5, 5), (5, 0), ["5"]), ((3, 5), (3, 0), ["5"]), ((5, 3), (2, 3), ["3", "3"])],
)
@pytest.mark.parametrize("kind", ["drop", "drop_after_commit"])
def test_a_lost_change_of_lines_that_look_alike_is_one_change(
    office: Office, there: tuple[int, int], taken: tuple[int, int], left: list[str], kind: str
) -> None:
    """A product may stand in an order twice: which line was meant is remembered, and the other one stays."""
    office.run(order(1, goods(there[0], source_ids=["1"]), goods(there[1], source_ids=["9"])))
    correction = back(2, (1, *taken))
    method = "PUT" if taken[1] else "DELETE"
    office.sandbox.fault(system="exact_online", method=method, path="purchaseorder/PurchaseOrderLines", kind=kind)
    office.run(correction)
    assert office.run(correction) == 0
    assert [quantity for _, quantity, _ in held(office)["PO-1/1"]] == left


@pytest.mark.parametrize(("nth", "moment"), [(1, "after"), (2, "before"), (3, "after")])
def test_a_killed_correction_comes_off_once(office: Office, nth: int, moment: str) -> None:
    """New goods and two orders that get smaller, in one receipt: killed around any write, a rerun ends the same."""
    office.run(order(1), order(2))
    mixed = back(3, (2, 4, 0), (1, 1, 3))
    mixed.lines.append(goods(2, "219", description="Switch", item="HW-1002", source_ids=["99"]))
    mixed.type, mixed.totals.net, mixed.totals.gross = "receipt", mixed.lines[1].amount, mixed.lines[1].amount
    die(office, [mixed], nth, moment)
    assert office.run(mixed) == 0
    assert held(office) == {"PO-1/1": [("Laptop 14 inch", "3", "12.5")], "PO-1/3": [("Switch", "2", "219")]}


def test_two_at_once_write_each_order_once(office: Office) -> None:
    """Two processes with one ledger: one of them waits or leaves, and each order is there once."""
    offered = [order(serial) for serial in range(1, 9)]
    command = [sys.executable, "-m", "target_exact_online", "--config", str(office.folder / "config.json")]
    (office.folder / "config.json").write_text(json.dumps(office.settings | {"lock_timeout": 60}))
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for _ in range(2)]
    for each in started:
        assert each.stdin is not None
        each.stdin.write(singer(offered))
        each.stdin.close()
    codes = [each.wait(timeout=60) for each in started]
    assert 0 in codes
    assert held(office) == {f"PO-1/{serial}": [LINE] for serial in range(1, 9)}


def test_a_new_ledger_takes_over_what_is_there(office: Office, tmp_path: Path) -> None:
    """Orders under our references are recognised in one call, and not made again."""
    office.run(*papers())
    office.calls()
    elsewhere = {"ledger_url": f"sqlite:///{tmp_path / 'other.db'}"}
    assert office.run(*papers(), **elsewhere) == 0
    calls = office.calls()
    assert [call for call in calls if call.startswith("POST") and "oauth2" not in call] == []
    assert calls.count("GET sync/PurchaseOrder/PurchaseOrders") == 1
    assert len(held(office)) == 3
    without = {"ledger_url": f"sqlite:///{tmp_path / 'third.db'}", "adopt_purchases": False}
    office.run(order(9), **without)
    assert "GET sync/PurchaseOrder/PurchaseOrders" not in office.calls()
