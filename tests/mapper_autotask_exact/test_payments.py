from __future__ import annotations

import datetime as dt
import json
import logging
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mapper_autotask_exact.explain import explain, text
from mapper_autotask_exact.mapper import MapperAutotaskExact
from mapper_autotask_exact.settings import check, load
from tests.mapper_autotask_exact.payments import BOOKED, ended, mapped, record, term
from tests.mapper_autotask_exact.test_mapper_parties import ODD
from transfer_ledger.documents import decode, schema

MAPPER = MapperAutotaskExact(config={"payments": {"date": "settlement"}})
FIELDS = sorted({*BOOKED, "terms", "offered", "web_url"} - {"TransactionID"})


def sent(row: Any) -> list[dict[str, Any]]:
    """Return the messages that the mapper makes of a row, as a target reads them."""
    message = {"type": "RECORD", "stream": "invoice_payments", "record": row}
    return [json.loads(msgspec.json.encode(each.to_dict())) for each in MAPPER.map_record_message(message)]


def test_an_open_invoice_has_no_date() -> None:
    """What is to be received is below zero in Exact, and above in the document."""
    made = mapped(record())
    assert (made.state, made.paid_date) == ("open", None)
    assert (made.amount, made.open_amount) == (Decimal("121.00"), Decimal("121.00"))
    assert (made.number, made.reference, made.due_date) == ("26700123", "10850", dt.date(2026, 10, 9))
    assert made.receipt_ids == [BOOKED["TransactionEntryID"], BOOKED["TransactionID"]]
    assert made.customer.code == "255"


@pytest.mark.parametrize(
    ("terms", "state", "open_amount", "paid_date"),
    [
        ([term("-121.00", "2026-10-07")], "paid", "0", "2026-10-07"),
        ([term("-50.00", "2026-10-07"), term("-71.00")], "partial", "71.00", None),
        ([term("-50.00", "2026-10-07"), term("-71.00", "2026-10-12")], "paid", "0", "2026-10-12"),
        ([term("-50.00", "2026-10-12"), term("-71.00", "2026-10-07")], "paid", "0", "2026-10-12"),
        ([ended("-121.00", "2026-10-12", credited=True)], "credited", "0", "2026-10-12"),
        ([ended("-121.00", "2026-10-12")], "written_off", "0", "2026-10-12"),
        ([term("-120.97", "2026-10-07"), ended("-0.03", "2026-10-12")], "paid", "0", "2026-10-12"),
        ([ended("-50.00", "2026-10-07", credited=True), ended("-71.00", "2026-10-12")], "credited", "0", "2026-10-12"),
        ([term("-121.00", Status=40)], "open", "121.00", None),
        ([term("-121.00", "2026-10-07"), term("0")], "paid", "0", "2026-10-07"),
        ([term("0")], "paid", "0", "2026-09-25"),
        ([term("30.00", "2026-10-07")], "paid", "0", "2026-10-07"),
        ([term("30.00")], "open", "-30.00", None),
    ],
)
def test_states_and_days(terms: list[dict[str, Any]], state: str, open_amount: str, paid_date: str | None) -> None:
    """Each way an invoice can end, in whole or in part; the last day on which something of it ended counts."""
    made = mapped(record(*terms))
    assert (made.state, made.open_amount, str(made.paid_date)) == (state, Decimal(open_amount), str(paid_date))


def test_the_day_that_counts_is_a_setting() -> None:
    """The day it was settled, of the last payment, or on which the tap read it."""
    row = record(term("-120.97", "2026-10-07"), ended("-0.03", "2026-10-12"))
    days = {name: str(mapped(row, date=name).paid_date) for name in ("settlement", "last_payment", "noticed")}
    assert days == {"settlement": "2026-10-12", "last_payment": "2026-10-07", "noticed": "2026-10-30"}
    assert str(mapped(record(ended("-1.00", "2026-10-12")), date="last_payment").paid_date) == "2026-10-12"


@pytest.mark.parametrize(("setting", "credited"), [("credited", True), ("written_off", False)])
def test_an_end_without_a_payment_may_leave_it_without_a_date(setting: str, credited: bool) -> None:  # noqa: FBT001 - a case
    """With without_date such an invoice is told for what it is, and no date is to stand there."""
    row = record(term("-50.00", "2026-10-07"), ended("-71.00", "2026-10-12", credited=credited))
    assert mapped(row, **{setting: "without_date"}).paid_date is None
    assert mapped(row).paid_date == dt.date(2026, 10, 12)


def test_a_day_that_exact_does_not_name_is_a_problem() -> None:
    """An invoice that ended on no day is not given one."""
    (problem,) = mapped(record(ended("-121.00", None))).problems
    assert (problem.field, problem.setting) == ("paid_date", "payments.date")
    assert mapped(record(ended("-121.00", None)), date="noticed").paid_date == dt.date(2026, 10, 30)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"invoices_from": "2026-09-26"}, "dated 2026-09-25, before payments.invoices_from"),
        ({"window_days": 30}, "dated 2026-09-25, longer ago than payments.window_days"),
        ({"skip": [{"journal": "70"}]}, "left out by payments.skip[0]"),
        ({"skip": [{"credit": True}, {"customer": "*bv"}]}, "left out by payments.skip[1]"),
        ({"invoices_from": "2026-09-25", "window_days": 35, "skip": [{"number": "27*"}]}, None),
    ],
)
def test_what_is_left_out(settings: dict[str, Any], why: str | None) -> None:
    """Invoices before a day, older than a window, or in a row of the table."""
    made = mapped(record(), **settings)
    assert made.skip == why
    assert made.unless_dated == bool(why and why.startswith("dated"))


def test_terms_that_lack_a_part_of_the_invoice_give_no_date() -> None:
    """When the tap may not see all of them, those it sees say nothing of the rest."""
    paid = term("-50.00", "2026-10-09")
    for amounts in ({"TransactionAmountFC": 121}, {"TransactionAmountDC": "121.00"}):
        made = mapped(record(paid, **amounts))
        assert (made.paid_date, [problem.field for problem in made.problems]) == (None, ["terms"])
        assert "its terms lack 71.00 of its amount" in made.problems[0].message
    whole = mapped(record(paid, term("-71.00", "2026-10-14"), TransactionAmountFC=121.0))
    assert (str(whole.paid_date), whole.problems) == ("2026-10-14", [])


def test_a_deleted_invoice_has_no_date() -> None:
    """What is gone from the books is told as such, under the key it came with."""
    made = mapped({"TransactionID": "t", "Division": 1234567, "_sdc_deleted_at": "2026-10-30T08:00:00.000Z"})
    assert (made.state, made.paid_date, made.source.id, made.source.tenant) == ("deleted", None, "t", "1234567")


def test_policies_travel_with_the_document() -> None:
    """What to do with dates that stand there already is for the target, so that it is in the document."""
    made = mapped(record(), reopened="report", other_dates="overwrite", not_found="fail", partial="quiet")
    assert (made.when_reopened, made.when_dated, made.when_not_found) == ("report", "overwrite", "fail")
    assert (made.report_parts, made.noticed) == (False, False)
    assert mapped(record(), date="noticed").noticed


@pytest.mark.parametrize(
    ("given", "mistake"),
    [
        ({"date": "paid"}, "payments.date: "),
        ({"invoices_from": "1 jan"}, "payments.invoices_from: '1 jan' is no date; write it as 2026-01-31"),
        ({"window_days": 0}, "payments.window_days: "),
        ({"until": 1}, "payments.until: unknown"),
        ({"skip": [{}]}, "payments.skip[0]: "),
    ],
)
def test_wrong_settings_are_named(given: dict[str, Any], mistake: str) -> None:
    """Each mistake names its place."""
    assert check({"payments": given})[0].startswith(mistake)


def test_the_stream_becomes_its_documents() -> None:
    """Schema and records of the stream are those of the documents that take its place."""
    (head,) = MAPPER.map_schema_message({"type": "SCHEMA", "stream": "invoice_payments", "schema": {}})
    assert head.to_dict()["schema"] == schema("invoice_payments")
    (message,) = sent(record(term("-121.00", "2026-10-07")))
    assert (message["stream"], message["record"]["paid_date"]) == ("invoice_payments", "2026-10-07")
    assert (
        MapperAutotaskExact(config={"companies": {"company_types": [{"company_type": "nothing"}]}})._route(
            {"stream": "invoice_payments"}
        )
        is None
    )


@hypothesis_settings(deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), ODD))
def test_no_payment_stops_the_mapper(changes: dict[str, Any]) -> None:
    """Whatever its other fields hold, a record with a key becomes exactly one document that a target can read."""
    logging.disable()
    (message,) = sent(record(**changes))
    logging.disable(logging.NOTSET)
    assert decode("invoice_payments", message["record"]).source.id == BOOKED["TransactionID"]


AMOUNTS = st.decimals(Decimal("-99999.99"), Decimal("99999.99"), places=2, allow_nan=False)


@hypothesis_settings(deadline=None)
@given(st.lists(st.tuples(AMOUNTS, st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))), min_size=1))
def test_amounts_add_up_and_a_date_needs_everything_settled(parts: list[tuple[Decimal, dt.date | None]]) -> None:
    """To the cent: what is open is what is not matched; a date stands there only when nothing is, and is the last."""
    made = mapped(record(*(term(str(-amount), day.isoformat() if day else None) for amount, day in parts)))
    assert made.amount == sum(amount for amount, _ in parts)
    assert made.open_amount == sum(amount for amount, day in parts if day is None)
    still_open = any(day is None and amount for amount, day in parts)
    assert (made.paid_date is None) == still_open
    assert made.paid_date is None or made.paid_date >= max((day for _, day in parts if day), default=dt.date.min)


def test_explain_tells_how_far_it_is_paid() -> None:
    """A bookkeeper reads the state, what is open, and what became of each term."""
    settings = load({"payments": {"skip": [{"journal": "99"}]}}).payments
    assert settings is not None
    told = text(explain(record(term("-50.00", "2026-10-07"), term("-71.00")), settings))
    assert told == (
        "payment of 26700123 by Voorbeeld BV: partial, 71.00 of 121.00 EUR open; paid date: none\n"
        "  50.00, due 2026-10-09: ended by payment on 2026-10-07\n"
        "  71.00, due 2026-10-09: open\n"
        "\n"
        "It can be transferred."
    )
