from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_ledger.texts import one_line, paragraphs, short, text, width


@given(st.text(), st.integers(2, 80))
def test_nothing_is_lost(value: str, length: int) -> None:
    """A text either fits as it is, or stands whole elsewhere and starts alike."""
    fits, whole = short(value, length)
    assert width(fits) <= length
    if not whole:
        assert fits == text(value)
    else:
        assert whole == text(value)
        assert one_line(value).startswith(fits.removesuffix("…").rstrip())


@given(st.text())
def test_control_characters_go(value: str) -> None:
    """No control character but the line end is left, and cleaning twice changes nothing."""
    clean = text(value)
    assert all(sign == "\n" or not (ord(sign) < 32 and sign != "\t") for sign in clean)
    assert text(clean) == clean
    assert "\n" not in one_line(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a\r\nb\rc\u2028d", "a\nb\nc\nd"), (" \x00a\x1f\x7f ", "a"), (None, ""), ("'\U0001f50c'", "'\U0001f50c'")],
    ids=["line ends", "control", "none", "emoji"],
)
def test_text(value: str | None, expected: str) -> None:
    """Line ends become one kind, control characters go, all else stays."""
    assert text(value) == expected


def test_an_emoji_is_two_wide() -> None:
    """Exact counts as its database does, so a text full of emoji is cut in time."""
    fits, _ = short("\U0001f50c" * 40, 60)
    assert (width("\U0001f50c"), width(fits) <= 60) == (2, True)


def test_paragraphs() -> None:
    """What is there is put under each other; nothing is None, not an empty text."""
    assert (paragraphs("a", None, "", "b"), paragraphs(None, "")) == ("a\nb", None)
