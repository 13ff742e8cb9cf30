"""The pure rules: matching, totals, differences, outcomes, open keys, texts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.transfer_ledger.remote import KIND, invoice, missing_vat_code
from transfer_ledger.changes import changed_fields
from transfer_ledger.documents import Attachment, Source, Totals
from transfer_ledger.exceptions import Ambiguous, Awaited, DocumentFailed, Rejected, StopRun, Unanswered
from transfer_ledger.open_keys import OpenKeys, Origin
from transfer_ledger.outcomes import Outcome, settings_advice, state_after
from transfer_ledger.receipts import Found, match, totals_problems
from transfer_ledger.schema import STATES
from transfer_ledger.summary import Tally, printable, progress_line, sentences, summary_lines

SAME = Found(id="guid-1", reference="2026-0001", customer_id="c", gross=Decimal("121.00"), number="26700001")
OTHER_AMOUNT = replace(SAME, id="guid-2", gross=Decimal("121.01"))
OTHER_CUSTOMER = replace(SAME, id="guid-3", customer_id="d")
STRANGER = replace(SAME, id="guid-4", customer_id="d", gross=Decimal(5))
OTHER_REFERENCE = replace(SAME, id="guid-5", reference="2026-0002")


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([], None),
        ([SAME], SAME),
        ([replace(SAME, reference=" 2026-0001 ", gross=Decimal(121))], "same"),
        ([SAME, OTHER_AMOUNT, OTHER_CUSTOMER, STRANGER, OTHER_REFERENCE], SAME),
        ([STRANGER, OTHER_REFERENCE], None),
    ],
)
def test_match_takes_the_one_that_agrees(candidates: list[Found], expected: Found | str | None) -> None:
    """The one candidate that agrees in reference, customer and amount is taken; strangers are passed over."""
    found = match(invoice(), "c", candidates)
    assert found == (candidates[0] if expected == "same" else expected)


@pytest.mark.parametrize(
    ("candidates", "told"),
    [
        ([SAME, replace(SAME, id="guid-9")], "121.00, of the same account"),
        ([OTHER_AMOUNT], "121.01 instead of 121.00, of the same account"),
        ([OTHER_CUSTOMER], "121.00, of another account"),
        ([OTHER_CUSTOMER, STRANGER], "121.00, of another account"),
    ],
)
def test_match_leaves_doubt_to_a_person(candidates: list[Found], told: str) -> None:
    """Several that agree, or one that agrees in part, are named with what differs, and not taken."""
    with pytest.raises(Ambiguous) as doubt:
        match(invoice(), "c", candidates)
    assert doubt.value.candidates
    assert f"26700001 of no date, {told}" in doubt.value.message
    assert doubt.value.advice


def test_match_without_a_customer_takes_nothing() -> None:
    """As long as the customer does not exist, no document is its."""
    assert match(invoice(), None, [STRANGER]) is None


amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


@given(net=amounts, vat=amounts, change=st.decimals(min_value=Decimal("0.01"), max_value=100, places=2))
def test_totals_are_compared_to_the_cent(net: Decimal, vat: Decimal, change: Decimal) -> None:
    """Equal totals raise no problem, and a difference of a cent or more always does."""
    said = Totals(net=net, vat=vat, gross=net + vat)
    assert totals_problems(said, said) == []
    assert totals_problems(said, None) == []
    off = replace(said, gross=said.gross + change)
    assert [problem.field for problem in totals_problems(said, off)] == ["totals.gross"]


def test_change_is_told_field_by_field() -> None:
    """What differs is named with both values; what says nothing about the content is not."""
    new = invoice(description="Oktober", problems=[missing_vat_code()], rules={"journal": "invoices.journals[1]"})
    new.lines[0].amount = Decimal("110.00")
    new.lines.append(replace(new.lines[0], description="x" * 100))
    new.attachments = [Attachment(file_name="a.pdf", content_type="application/pdf", data="SECRET")]
    told = changed_fields(invoice(), new)
    assert "lines[0].amount: 100.00 -> 110.00" in told
    assert "lines[1]: None -> {" in told
    assert "description:  -> Oktober" in told
    assert "problems" not in told
    assert "journals" not in told
    assert changed_fields(invoice(), invoice()) == ""


def test_many_changes_are_counted() -> None:
    """Of many differences the first are told and the others counted."""
    line = invoice().lines[0]
    old = invoice(lines=[line for _ in range(30)])
    new = invoice(lines=[replace(line, amount=Decimal(1)) for _ in range(30)])
    assert changed_fields(old, new).endswith("and 10 more")


@pytest.mark.parametrize(
    ("error", "sending", "otherwise"),
    [
        (StopRun("x"), "pending", "pending"),
        (Unanswered("x"), "unknown", "pending"),
        (DocumentFailed([]), "failed", "failed"),
        (Ambiguous([]), "failed", "failed"),
        (Awaited("x"), "sent", "pending"),
        (KeyError("x"), "unknown", "failed"),
    ],
)
def test_state_after_an_error(error: Exception, sending: str, otherwise: str) -> None:
    """Each error leaves the state its class promises, and none of them ends a doubt."""
    after = {state: state_after(error, state) for state in STATES}
    assert after == dict.fromkeys(STATES, otherwise) | {"sending": sending, "unknown": "unknown", "sent": "sent"}


@pytest.mark.parametrize("state", ["sending", "unknown", "sent"])
def test_a_rejection_ends_a_doubt(state: str) -> None:
    """Once the receiving system says that it did not take a document in, it has failed."""
    assert state_after(Rejected([]), state) == "failed"


def test_settings_are_named_once() -> None:
    """The advice for problems names each setting once, and says nothing when there is none."""
    problems = [missing_vat_code(), missing_vat_code(), replace(missing_vat_code(), setting="invoices.items")]
    assert settings_advice(problems) == "See the setting invoices.vat_codes, invoices.items."
    assert settings_advice([replace(missing_vat_code(), setting=None)]) == ""


def source(number: str, tenant: str = "1") -> Source:
    return Source(system="autotask", tenant=tenant, stream="expanded_invoices", id=number)


def test_open_keys_follow_what_becomes_of_documents() -> None:
    """Keys come in from the ledger and from failures, and go out when they are settled."""
    keys = OpenKeys(lambda _, __: set())
    keys.load(KIND, [("autotask", "1", "expanded_invoices", "9"), ("autotask", "1", "other", "4")])
    keys.note(KIND, source("10"), settled=False)
    keys.note(KIND, source("8"), settled=True)
    assert keys.into({}) == {"bookmarks": {"expanded_invoices": {"open": ["10", "9"]}}}
    keys.note(KIND, source("9"), settled=True)
    keys.note(KIND, source("10"), settled=True)
    assert keys.into({}) == {"bookmarks": {"expanded_invoices": {"open": []}}}


def test_open_keys_of_another_tenant_stay_out() -> None:
    """A tap is not asked for the keys of another tenant that shares the ledger."""
    keys = OpenKeys(lambda _, __: set())
    keys.load(KIND, [("autotask", "2", "expanded_invoices", "9")])
    keys.note(KIND, source("1"), settled=True)
    assert keys.into({})["bookmarks"]["expanded_invoices"]["open"] == []


def test_open_in_one_kind_is_open() -> None:
    """A record that becomes two kinds of document is open as long as one of them is."""
    keys = OpenKeys(lambda _, __: set())
    keys.note("sales_invoices", source("1"), settled=True)
    keys.note("purchase_orders", source("1"), settled=False)
    assert keys.into({})["bookmarks"]["expanded_invoices"]["open"] == ["1"]


def test_incoming_keys_are_asked_for_once() -> None:
    """The ledger is asked once about a key that came with the state, however often the state is emitted."""
    asked: list[tuple[Origin, set[str]]] = []

    def known(origin: Origin, ids: object) -> set[str]:
        assert isinstance(ids, set)
        asked.append((origin, set(ids)))
        return {"5"}

    keys = OpenKeys(known)
    keys.note(KIND, source("1"), settled=True)
    for _ in range(3):
        state = {"bookmarks": {"expanded_invoices": {"open": ["5", 6]}, "other": {"open": ["2"]}}}
        assert keys.into(state)["bookmarks"] == {"expanded_invoices": {"open": ["6"]}, "other": {"open": ["2"]}}
    assert asked == [(Origin("autotask", "1", "expanded_invoices"), {"5", "6"})]
    keys.note(KIND, source("6"), settled=True)
    assert keys.into(state)["bookmarks"]["expanded_invoices"]["open"] == []


def tally(*results: tuple[str, str]) -> Tally:
    told = Tally()
    for state, result in results:
        told.add("2026-0001 (Bakker, EUR 1.00)", Outcome(state=state, result=result, reason="why"), 400)
    return told


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("allow_open", [True, False])
def test_exit_code_is_honest(state: str, *, allow_open: bool) -> None:
    """One open document makes the exit code 1, unless open documents are allowed."""
    expected = int(state not in {"transferred", "skipped"} and not allow_open)
    result = "busy" if state == "sending" else state
    assert tally(("transferred", "transferred"), (state, result)).exit_code(allow_open=allow_open) == expected


def test_progress_counts_against_what_was_announced() -> None:
    """Progress tells how many of how many, what is open, and what the target adds."""
    told = tally(("transferred", "transferred"), ("failed", "failed"))
    assert progress_line(told, ["3 calls left"]) == "2 of 400 documents done; 1 open; 3 calls left"
    assert progress_line(Tally(), []) == "0 documents done"


def test_summary_of_nothing_says_so() -> None:
    """A run that was offered nothing says that there was nothing to do."""
    assert summary_lines(Tally(), "1", []) == ["Offered to administration 1: 0 documents; nothing to do."]


def test_summary_tells_results_in_order() -> None:
    """The summary counts each result and ends with what the target adds."""
    told = tally(("skipped", "skipped"), ("transferred", "adopted"), ("sending", "busy"), ("transferred", "present"))
    lines = summary_lines(told, "1", ["412 calls used"])
    assert lines[0].endswith(
        "4 documents; 1 adopted (already there under our reference), 1 settled before, 1 skipped, "
        "1 left to another run."
    )
    assert lines[1] == "  2026-0001 (Bakker, EUR 1.00): left to another run: why."
    assert lines[-1] == "412 calls used"


@given(st.text())
def test_printable_is_one_line_without_controls(text: str) -> None:
    """Whatever the text, what is shown is one printable line."""
    assert printable(text).isprintable()


def test_sentences_are_ended() -> None:
    """Texts become sentences, empty ones vanish."""
    assert sentences("No account", None, "", "Create it.") == "No account. Create it."
