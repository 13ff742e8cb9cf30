"""First settings of invoices, guessed from the lists of both systems: pure, and never silent about a doubt.

Each row is certain (the lists allow nothing else), doubtful (by a name: to be looked at) or a gap (``?``: a person
chooses). What a gap gives is refused by the target, so that none can be forgotten.
"""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from mapper_autotask_exact.facts import normal
from mapper_autotask_exact.templates import clean
from transfer_ledger.documents import UNDECIDED as GAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Rows = list[dict[str, Any]]
SALES_JOURNAL = 20
NOT_REVENUE = {10, 12, 14, 16, 20, 22, 24}
"""Types of G/L accounts for money, debts and VAT (Exact REST docs, GLAccounts)."""

_KINDS: tuple[tuple[str, str], ...] = (
    ("reverse", r"verlegd|verlegg|reverse"),
    ("export", r"buiten|export|outside|non[- ]?eu|world|wereld"),
    ("eu", r"\beu\b|\bicp\b|\bicl\b|intra"),
    ("none", r"geen|nul|\bvrij|none|exempt|\b0 ?%"),
)
"""What a region or a VAT code without VAT is for, by words in its name, the more telling first."""


class Guess(msgspec.Struct, kw_only=True):
    """A row of a table, or the value of a setting, and how sure it is."""

    row: Any
    doubt: str = ""
    """Why to look at it; empty when it is certain."""

    @property
    def gap(self) -> bool:
        """Whether a person has to choose."""
        return GAP in (self.row.values() if isinstance(self.row, dict) else [self.row])


class Lists(msgspec.Struct, kw_only=True):
    """The rows of both systems, as the taps give them, by stream."""

    autotask: Mapping[str, Rows]
    exact: Mapping[str, Rows]

    def active(self, stream: str) -> Rows:
        """Return rows of Autotask that are in use, their names on one line as conditions compare them."""
        rows = (row for row in self.autotask.get(stream, []) if row.get("isActive") is not False)
        return [{**row, "name": " ".join(clean(str(row.get("name") or "")).split())} for row in rows]


def guesses(lists: Lists) -> dict[str, list[Guess]]:
    """Return the guesses by setting of ``invoices``; a setting that is one value has one guess."""
    return {
        "journal": [_journal(lists)],
        "vat_codes": list(_vat_codes(lists)),
        "items": list(_items(lists)),
        "payment_conditions": list(_payment_conditions(lists)),
        "currencies": list(_currencies(lists)),
    }


def _journal(lists: Lists) -> Guess:
    found = [
        row for row in lists.exact.get("journals", []) if row.get("Type") == SALES_JOURNAL and not row.get("IsBlocked")
    ]
    if len(found) == 1:
        return Guess(row=_code(found[0]))
    return Guess(row=GAP, doubt=_choose(found))


def _currencies(lists: Lists) -> Iterator[Guess]:
    names = [row["name"] for row in lists.active("currencies") if row.get("name")]
    if names:
        yield Guess(row={"currency": names})


def _payment_conditions(lists: Lists) -> Iterator[Guess]:
    conditions = lists.exact.get("payment_conditions", [])
    for term in lists.active("payment_terms"):
        days = term.get("paymentDueInDays")
        fitting = [row for row in conditions if row.get("PaymentDays") == days and not row.get("PaymentEndOfMonths")]
        named = [row for row in conditions if normal(str(row.get("Description") or "")) == normal(term["name"])]
        yield _chosen({"payment_term": term["name"]}, fitting, named, f"{days} days", conditions)


def _chosen(asked: dict[str, Any], fitting: Rows, named: Rows, about: str, every: Rows) -> Guess:
    """Take the one that fits; among several the one of that name, with a doubt; else leave a gap."""
    if len(fitting) == 1:
        other = [row for row in named if row is not fitting[0]]
        doubt = f"has {about}; by its name it would be {_code(other[0])}" if other else ""
        return Guess(row={**asked, "code": _code(fitting[0])}, doubt=doubt)
    both = [row for row in named if row in fitting]
    if len(both) == 1:
        return Guess(row={**asked, "code": _code(both[0])}, doubt=f"by its name; {_choose(fitting)}")
    return Guess(row={**asked, "code": GAP}, doubt=f"{about}; {_choose(fitting or every)}")


def _vat_codes(lists: Lists) -> Iterator[Guess]:
    codes = [row for row in lists.exact.get("vat_codes", []) if _for_sales(row)]
    categories = {row["id"]: row["name"] for row in lists.active("tax_categories")}
    for region in lists.active("tax_regions"):
        rates = _rates(lists, region["id"], categories)
        if not rates:
            yield Guess(row={"region": region["name"], "code": GAP}, doubt="Autotask has no tax for this region")
        elif set(rates.values()) == {Decimal(0)}:
            yield _without_vat(region["name"], codes)
        else:
            for name, rate in rates.items():
                asked = {"region": region["name"], "tax_category": name, "rate": _number(rate)}
                yield _with_rate(asked, rate, name, codes) if rate else _zero(asked, codes)


def _rates(lists: Lists, region_id: Any, categories: Mapping[Any, str]) -> dict[str, Decimal]:
    """Return the percentage per tax category; taxes of one category add up."""
    rates: dict[str, Decimal] = defaultdict(Decimal)
    for tax in lists.autotask.get("taxes", []):
        if tax.get("taxRegionID") == region_id and tax.get("taxCategoryID") in categories:
            rates[categories[tax["taxCategoryID"]]] += Decimal(str(tax.get("taxRate") or 0)) * 100
    return {name: rate.normalize() for name, rate in rates.items()}


def _with_rate(asked: dict[str, Any], rate: Decimal, category: str, codes: Rows) -> Guess:
    fitting = [row for row in codes if _percentage(row) == rate]
    named = [row for row in fitting if _words(category) & _words(_description(row))]
    return _chosen(asked, fitting, named, f"{rate:f} %", codes)


def _zero(asked: dict[str, Any], codes: Rows) -> Guess:
    """Return the row for no VAT in a region that has VAT."""
    fitting = [row for row in codes if not _percentage(row) and _kind(_description(row)) == "none"]
    return _by_name(asked, fitting, [row for row in codes if not _percentage(row)])


def _without_vat(region: str, codes: Rows) -> Guess:
    """Return the row for a region in which nothing is taxed, by what its name says it is for."""
    free, kind = [row for row in codes if not _percentage(row)], _kind(region)
    fitting = [row for row in free if kind is not None and _kind(_description(row)) == kind]
    guess = _by_name({"region": region, "rate": 0}, fitting, free)
    if kind in {"reverse", "eu"} and not guess.gap:
        guess.row["reverse_charge"] = True
    return guess


def _by_name(asked: dict[str, Any], fitting: Rows, every: Rows) -> Guess:
    if len(fitting) == 1:
        return Guess(row={**asked, "code": _code(fitting[0])}, doubt=f"by its name: {_description(fitting[0])}")
    return Guess(row={**asked, "code": GAP}, doubt=_choose(fitting or every))


def _items(lists: Lists) -> Iterator[Guess]:
    accounts = {row["ID"]: _code(row) for row in lists.exact.get("gl_accounts", []) if _for_revenue(row)}
    items = [row for row in lists.exact.get("items", []) if row.get("IsSalesItem")]
    billing_codes = lists.active("billing_codes")
    yield from _products(lists, billing_codes, items, accounts)
    for code in billing_codes:
        yield _item(code, items, accounts)


def _products(lists: Lists, billing_codes: Rows, items: Rows, accounts: Mapping[str, str]) -> Iterator[Guess]:
    """Yield a row for each billing code whose products have items under their SKUs in Exact."""
    known = {_code(row) for row in items}
    for code in billing_codes:
        skus = [
            row["sku"]
            for row in lists.active("products")
            if row.get("productBillingCodeID") == code["id"] and row.get("sku")
        ]
        there = [sku for sku in skus if sku in known]
        if there and len(there) * 2 >= len(skus):
            row = {"billing_code": code["name"], "product": "*", "item": "{product.sku}", **_account(code, accounts)}
            missing = ", ".join(sku for sku in skus if sku not in known)
            yield Guess(row=row, doubt=f"no item in Exact for {missing}" if missing else "")


def _item(code: dict[str, Any], items: Rows, accounts: Mapping[str, str]) -> Guess:
    """Return the row of a billing code: by number or name, else by the only item on its G/L account."""
    asked, account = {"billing_code": code["name"]}, _account(code, accounts)
    rules: tuple[tuple[str, Callable[[dict[str, Any]], bool]], ...] = (
        ("", lambda row: bool(code.get("externalNumber")) and _code(row) == str(code["externalNumber"]).strip()),
        ("", lambda row: normal(_description(row)) == normal(code["name"])),
        ("by part of its name", lambda row: _words(code["name"]) <= _words(_description(row))),
        ("the only item on that G/L account", lambda row: _revenue(row, accounts) == account.get("gl_account")),
    )
    for doubt, rule in rules:
        found = [row for row in items if rule(row)]
        if len(found) == 1:
            known = account or {"gl_account": _revenue(found[0], accounts) or GAP}
            return Guess(
                row={**asked, "item": _code(found[0]), **known}, doubt=doubt and f"{doubt}: {_description(found[0])}"
            )
    near = [row for row in items if account and _revenue(row, accounts) == account["gl_account"]]
    return Guess(row={**asked, "item": GAP, **(account or {"gl_account": GAP})}, doubt=_choose(near))


def _account(code: Mapping[str, Any], accounts: Mapping[str, str]) -> dict[str, str]:
    """Return the G/L account that Autotask names for a billing code, where Exact has it."""
    named = (str(code.get(field) or "").strip() for field in ("generalLedgerAccount", "externalNumber"))
    found = next((name for name in named if name in accounts.values()), None)
    return {} if found is None else {"gl_account": found}


def _revenue(item: Mapping[str, Any], accounts: Mapping[str, str]) -> str | None:
    return accounts.get(item.get("GLRevenue") or "")


def _for_sales(row: Mapping[str, Any]) -> bool:
    return not row.get("IsBlocked") and row.get("Type") != "I" and row.get("VATTransactionType") in (None, "B", "S")


def _for_revenue(row: Mapping[str, Any]) -> bool:
    return not row.get("IsBlocked") and row.get("Type") not in NOT_REVENUE


def _percentage(row: Mapping[str, Any]) -> Decimal:
    """Return the percentage of a VAT code; a rate above 1 can only be one already."""
    rate = Decimal(str(row.get("Percentage") or 0))
    return (rate if rate > 1 else rate * 100).normalize()


def _kind(name: str) -> str | None:
    return next((kind for kind, pattern in _KINDS if re.search(pattern, name, re.IGNORECASE)), None)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", normal(text)))


def _code(row: Mapping[str, Any]) -> str:
    return str(row["Code"]).strip()


def _description(row: Mapping[str, Any]) -> str:
    return str(row.get("Description") or "").strip()


def _number(rate: Decimal) -> float:
    return int(rate) if rate == int(rate) else float(rate)


def _choose(rows: Iterable[Mapping[str, Any]]) -> str:
    told: Sequence[str] = [f"{_code(row)} {_description(row)}".strip() for row in rows]
    return f"from {'; '.join(told)}" if told else "Exact has nothing that fits"
