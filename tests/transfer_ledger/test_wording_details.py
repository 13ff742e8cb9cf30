"""Details of a document's history and the names of its fields."""

from __future__ import annotations

import msgspec
import pytest

from transfer_ledger.documents import STREAMS
from transfer_ledger.links.rules import LABELS
from transfer_ledger.wording import Words
from transfer_ledger.wording.details import _named, field_name, happened, reason

EN, NL = Words("en"), Words("nl")


def fields_of(kind: type) -> set[str]:
    """Return the names of all fields of a document that a page shows, those of its parts included."""
    found: set[str] = set()
    for each in msgspec.inspect.multi_type_info([kind]):
        waiting = [each]
        while waiting:
            at = waiting.pop()
            if isinstance(at, msgspec.inspect.StructType):
                shown = [field for field in at.fields if field.name not in {"source", "rules", "problems"}]
                found |= {field.name for field in shown}
                waiting += [field.type for field in shown]
            waiting += [getattr(at, name) for name in ("item_type", "value_type") if hasattr(at, name)]
            waiting += getattr(at, "types", ())
    return found


@pytest.mark.parametrize("stream", STREAMS)
def test_every_field_of_a_document_has_a_name(stream: str) -> None:
    """Whatever a document holds can be told in English and in Dutch."""
    assert fields_of(STREAMS[stream]) - set(_named()["fields"]) == set()


@pytest.mark.parametrize(
    ("path", "english", "dutch"),
    [
        ("lines[0].vat_code", "line 1, VAT code", "regel 1, btw-code"),
        ("terms 2.due_date", "instalment 2, due date", "termijn 2, vervaldatum"),
        ("address.city", "address, town", "adres, plaats"),
        ("udf.KvK", "own field, KvK", "eigen veld, KvK"),
        ("", "", ""),
    ],
)
def test_fields_are_called_as_people_call_them(path: str, english: str, dutch: str) -> None:
    """A path leads to words; what is nobody's field keeps its name."""
    assert (field_name(path, "en"), field_name(path, "nl")) == (english, dutch)


@pytest.mark.parametrize(
    ("event", "detail", "dutch"),
    [
        ("sent", "concept 1 (create, print)", "concept 1 (gemaakt, afgedrukt)"),
        ("adopted", "F(1) (item A-1, create, change 2)", "F(1) (artikel gemaakt A-1, gemaakt, wijziging 2)"),
        ("sent", "created; contact: none -> Anna; phone: 1 -> none",
         "aangemaakt; contactpersoon: leeg -> Anna; telefoon: 1 -> leeg"),
        ("sent", "paidDate: 2026-10-01 (not written by this link) -> none",
         "betaaldatum: 2026-10-01 (niet door deze koppeling geschreven) -> leeg"),
        ("changed", "totals.net: 1.00 -> 2.00; lines[1].item: A -> B",
         "totalen, exclusief btw: 1.00 -> 2.00; regel 2, artikel: A -> B"),
        ("sent", "name: A -> Bakker (create, Utrecht)", "naam: A -> Bakker (create, Utrecht)"),
        ("failed", "Exact Online has no item X", "Exact kent dit niet: artikel X"),
        ("failed", "something nobody knows", "something nobody knows"),
        ("agreed", "created", "aangemaakt"),
        ("interrupted", "Left by target-exact-online, process 9 on vm", "De run die ermee bezig was, is geëindigd"),
        ("dismissed", "Exact Online has no item X", "Exact Online has no item X"),
        ("confirmed", "name: none", "name: none"),
        ("sent", "", ""),
    ],
)  # fmt: skip
def test_history_is_told_in_dutch(event: str, detail: str, dutch: str) -> None:
    """What the program did is told in words; what a person said stands as it was said."""
    assert happened(event, detail, NL) == dutch


def test_history_is_told_in_plain_english() -> None:
    """In English too nobody has to know the words of the program."""
    assert happened("failed", "Exact Online has no item X", EN) == "Exact has no item X"
    assert happened("failed", "something nobody knows", EN) == "something nobody knows"
    assert happened("sent", "1 (create, goods_receipt)", EN) == "1 (made, goods receipt booked)"


@pytest.mark.parametrize("label", LABELS.values())
def test_numbers_that_are_the_same_are_told_in_dutch(label: str) -> None:
    """Each number by which two are recognised has its Dutch name."""
    assert reason(f"same {label} 1 (shared by 2)", "nl").startswith("zelfde ")
    assert reason(f"same {label} 1 (shared by 2)", "nl").endswith("1 (gedeeld door 2)")


def test_a_name_in_a_reason_stays_as_it_is() -> None:
    """Only the beginning and the remark at the end are ours."""
    assert reason("same town same name (shared by 3)", "nl") == "zelfde plaats same name (gedeeld door 3)"
    assert reason("same town Same", "en") == "same town Same"
