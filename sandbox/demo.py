"""Run the integrations once against a fresh sandbox and show what arrived: `make demo`.

Everything is started as a user would start it, as programs; what arrived is judged by the sandbox's own books.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from rich.console import Console
from rich.table import Table

from sandbox import demo_bank

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".sandbox" / "demo"
SCENARIO = {"time_scale": 60, "receipts": 60}
"""Exact Online's 60 calls a minute hold here too, but a minute lasts a second. Half a year of 60 goods receipts."""
JOBS = (
    "invoices-to-exact-online",
    "invoices-to-exact-globe",
    "accounts-to-exact-globe",
    "accounts-to-exact-online",
    "accounts-to-autotask",
    "purchases-to-exact-online",
    "purchases-to-exact-globe",
    "payment-dates-to-autotask",
)
BEFORE = {"payment-dates-to-autotask": demo_bank.play}
"""Job to what people do before it runs."""
CENT = Decimal("0.01")
CREDIT_NOTE = 8021
"""Exact Online's type of a sales invoice that is a credit note."""

CUSTOMER = 1
"""Autotask's type of a company that is a customer."""

console = Console(soft_wrap=True, highlight=False)


def environment(url: str, folder: Path) -> dict[str, str]:
    """Return the variables with which Meltano's `sandbox` environment uses this sandbox, keeping its files in a folder.

    Args:
        url: The sandbox's origin.
        folder: Takes Meltano's system folder, the token store and the ledger.
    """
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("TAP_", "TARGET_", "TRANSFERS_"))}
    return mine | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "MELTANO_ENVIRONMENT": "sandbox",
        "MELTANO_SYS_DIR_ROOT": str(folder / "meltano"),
        "TAP_AUTOTASK_API_URL": f"{url}/ATServicesRest",
        "TAP_AUTOTASK_REMEMBER_FILE": str(folder / "tap-autotask-rows.json"),
        "TARGET_EXACT_GLOBE_SERVICES_URL": f"{globe_url(url)}/Services/Exact.Entity.REST.EG",
        "TARGET_EXACT_GLOBE_LEDGER_URL": f"sqlite:///{folder / 'transfers.db'}",
        "TAP_EXACT_ONLINE_API_URL": url,
        "TAP_EXACT_ONLINE_TOKEN_FILE": str(folder / "exact-online-token.json"),
        "TARGET_AUTOTASK_API_URL": f"{url}/ATServicesRest",
        "TARGET_AUTOTASK_LEDGER_URL": f"sqlite:///{folder / 'transfers.db'}",
        "TARGET_EXACT_ONLINE_API_URL": url,
        "TARGET_EXACT_ONLINE_TOKEN_FILE": str(folder / "exact-online-token.json"),
        "TARGET_EXACT_ONLINE_LEDGER_URL": f"sqlite:///{folder / 'transfers.db'}",
        "TRANSFERS_LEDGER_URL": f"sqlite:///{folder / 'transfers.db'}",
    }


def globe_url(url: str) -> str:
    """Return the origin of a sandbox's Exact Globe, which has a port of its own."""
    answer = requests.get(f"{url}/_sandbox/addresses", timeout=10)
    answer.raise_for_status()
    return str(answer.json()["exact_globe"])


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def sandbox(*options: str) -> Iterator[str]:
    """Start a sandbox on a free port, give its origin, and stop it in the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "sandbox", "--port", str(port), *options], cwd=ROOT)
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"the sandbox stopped with exit code {process.returncode}")
        try:
            requests.get(f"{url}/_sandbox/calls", timeout=2).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the sandbox did not answer within 30 seconds")


def rows(url: str, system: str, resource: str) -> list[dict[str, Any]]:
    """Return what a system of the sandbox holds, amounts as `Decimal`."""
    answer = requests.get(f"{url}/_sandbox/state/{system}", timeout=120)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json(parse_float=Decimal)[resource]
    return found


def _cents(amount: Any) -> Decimal:
    return Decimal(str(amount)).quantize(CENT, ROUND_HALF_UP)


def _signed(row: dict[str, Any]) -> Decimal:
    amount = _cents(row["AmountFC"])
    return -abs(amount) if row["Type"] == CREDIT_NOTE else amount


def compare(invoices: list[dict[str, Any]], booked: list[dict[str, Any]]) -> tuple[int, list[str], list[str]]:
    """Lay Autotask's invoices beside Exact's, a credit note as the negative amount it is.

    Returns:
        How many agree to the cent, what differs or stands twice, and the numbers that are not in Exact.
    """
    by_reference: dict[str, list[dict[str, Any]]] = {}
    for row in booked:
        by_reference.setdefault(row["YourRef"], []).append(row)
    agree, wrong, absent = 0, [], []
    for invoice in invoices:
        number = invoice["invoiceNumber"] or str(invoice["id"])
        gross = _cents(Decimal(str(invoice["invoiceTotal"])) + Decimal(str(invoice["totalTaxValue"])))
        found = by_reference.pop(number, [])
        if not found:
            absent.append(number)
        elif len(found) > 1 or _signed(found[0]) != gross:
            wrong.append(f"{number}: {gross} in Autotask, {[str(row['AmountFC']) for row in found]} in Exact")
        else:
            agree += 1
    return agree, wrong + [f"{reference}: not in Autotask" for reference in by_reference], absent


def globe_orders(url: str) -> list[dict[str, Any]]:
    """Return the sales orders of Exact Globe, named as Exact Online names its invoices."""
    orders = rows(url, "exact_globe", "SalesOrderHeader")
    return [{"YourRef": row["YourReference"], "AmountFC": row["TotalAmount"], "Type": None} for row in orders]


def compare_accounts(companies: list[dict[str, Any]], accounts: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """Lay Autotask's customers beside the accounts with their numbers: name and town.

    Returns:
        How many agree, and the numbers of those that differ, have no account or two.
    """
    found = [(row["Code"].strip(), row["Name"], row.get("City")) for row in accounts]
    customers = [row for row in companies if row["id"] and row["companyType"] == CUSTOMER]
    wanted = {row["companyNumber"]: (row["companyNumber"], row["companyName"][:50], row["city"]) for row in customers}
    apart = [number for number, row in wanted.items() if found.count(row) != 1]
    return len(wanted) - len(apart), apart


def compare_receipts(receipts: list[dict[str, Any]], orders: list[dict[str, Any]]) -> tuple[int, list[str], list[str]]:
    """Lay what is true of goods receipts beside the purchase orders in Exact, without VAT.

    Args:
        receipts: The truth of the scenario; those that are not settled, or brought nothing, are no orders.
        orders: Rows of PurchaseOrders.

    Returns:
        How many agree to the cent, what differs or stands twice, and the receipts that have no order.
    """
    by_reference: dict[str, list[dict[str, Any]]] = {}
    for row in orders:
        by_reference.setdefault(row["YourRef"], []).append(row)
    agree, wrong, absent = 0, [], []
    for receipt in receipts:
        name = f"{receipt['purchase_order_number']}/{receipt['id']}"
        found = by_reference.pop(name, [])
        if not found:
            absent += [name] if receipt["settled"] and receipt["kind"] != "nothing" else []
        elif len(found) > 1 or _cents(found[0]["AmountFCExclVat"]) != _worth(receipt):
            wrong.append(
                f"{name}: {_worth(receipt)} received, {[str(row['AmountFCExclVat']) for row in found]} in Exact"
            )
        else:
            agree += 1
    return agree, wrong + [f"{reference}: no receipt" for reference in by_reference], absent


def _worth(receipt: dict[str, Any]) -> Decimal:
    """Return what a receipt comes to, each order item rounded to cents, with the freight of the order's first."""
    costs = {str(row["purchase_order_item"]): Decimal(str(row["unit_cost"])) for row in receipt["rows"]}
    lines = [_cents(quantity * costs[item]) for item, quantity in receipt["quantities"].items()]
    return sum(lines, _cents(receipt["freight"]) if receipt["first_of_order"] else Decimal(0))


def _show(url: str, variables: dict[str, str]) -> bool:
    console.rule("[bold]Transfer log: the last that went over")
    subprocess.run(["transfers", "log", "--state", "transferred", "--limit", "8"], env=variables, check=True)
    console.rule("[bold]Transfer log: what a person must look at")
    subprocess.run(["transfers", "log", "--state", "failed", "--kind", "sales_invoices"], env=variables, check=True)
    for kind in ("accounts", "companies", "purchase_orders"):
        command = ["transfers", "log", "--state", "failed", "--kind", kind, "--limit", "6"]
        subprocess.run(command, env=variables, check=True)
    console.rule("[bold]Transfer log: what was left out")
    subprocess.run(["transfers", "log", "--state", "skipped"], env=variables, check=True)
    console.rule("[bold]What is to be received")
    subprocess.run(["transfers", "receivables", "--limit", "8"], env=variables, check=True)
    invoices = rows(url, "autotask", "Invoices")
    calls = requests.get(f"{url}/_sandbox/calls", timeout=60).json()
    online, globe = rows(url, "exact_online", "SalesInvoices"), globe_orders(url)
    arrived = [_show_arrived("Exact Online", invoices, online), _show_arrived("Exact Globe", invoices, globe)]
    arrived.append(_show_received(url))
    table = Table(show_header=False, box=None)
    alike, apart = compare_accounts(rows(url, "autotask", "Companies"), rows(url, "exact_online", "Accounts"))
    table.add_row("customers whose account in Exact Online agrees", str(alike))
    table.add_row("customers whose account does not yet", f"{len(apart)}: {', '.join(apart)}")
    table.add_row("purchase orders in Exact Globe", str(len(rows(url, "exact_globe", "PurchaseOrderHeader"))))
    dated, misdated = demo_bank.compare(url)
    table.add_row("paid dates in Autotask that are right", str(dated))
    table.add_row("wrong", "\n".join(misdated) or "none")
    for system in ("autotask", "exact_online", "exact_globe"):
        table.add_row(f"calls to {system}", f"{sum(call['system'] == system for call in calls):,}")
    console.print(table)
    return all(arrived) and not misdated


def _show_arrived(name: str, invoices: list[dict[str, Any]], booked: list[dict[str, Any]]) -> bool:
    """Show what is in a system; return whether that is right."""
    agree, wrong, absent = compare(invoices, booked)
    console.rule(f"[bold]What arrived in {name}")
    table = Table(show_header=False, box=None)
    table.add_row("invoices in Autotask", str(len(invoices)))
    table.add_row(f"in {name}, equal to the cent", str(agree))
    table.add_row("different or double", "\n".join(wrong) or "none")
    table.add_row("not transferred", f"{len(absent)}: {', '.join(absent)}")
    console.print(table)
    return not wrong and agree > len(absent)


def _show_received(url: str) -> bool:
    """Show which goods receipts became purchase orders; return whether that is right."""
    answer = requests.get(f"{url}/_sandbox/truth/receipts", timeout=60)
    receipts: list[dict[str, Any]] = answer.json(parse_float=Decimal)
    agree, wrong, absent = compare_receipts(receipts, rows(url, "exact_online", "PurchaseOrders"))
    table = Table(show_header=False, box=None)
    table.add_row("goods receipts in Autotask", str(len(receipts)))
    table.add_row("purchase orders in Exact Online, equal to the cent", str(agree))
    table.add_row("different or double", "\n".join(wrong) or "none")
    table.add_row("not transferred", f"{len(absent)}: {', '.join(absent)}")
    console.print(table)
    return not wrong and agree > len(absent)


def main() -> int:
    """Run every job on a fresh sandbox; the exit code tells whether what arrived is right."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    scenario = FOLDER / "scenario.json"
    scenario.write_text(json.dumps(SCENARIO))
    with sandbox("--scenario", str(scenario)) as url:
        variables = environment(url, FOLDER)
        for job in JOBS:
            if job in BEFORE:
                BEFORE[job](url)
            console.rule(f"[bold]meltano run {job}")
            outcome = subprocess.run(["meltano", "run", job], env=variables, cwd=ROOT, check=False)
            console.print(
                f"exit code {outcome.returncode}: "
                + ("all settled" if not outcome.returncode else "not everything is settled; the log says what and why")
            )
        return 0 if _show(url, variables) else 1


if __name__ == "__main__":
    sys.exit(main())
