"""Texts on their way to Exact: readable for it, and never shorter without standing whole elsewhere."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"\s+")


def text(value: str | None) -> str:
    """Return a text of several lines without control characters."""
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", value or "")).strip()


def one_line(value: str | None) -> str:
    """Return a text as one line, for fields that hold no more."""
    return _BLANKS.sub(" ", text(value)).strip()


def width(value: str) -> int:
    """Return the length as a database of UTF-16 text counts it: an emoji is two."""
    return len(value.encode("utf-16-le", "surrogatepass")) // 2


def short(value: str | None, length: int) -> tuple[str, str]:
    """Return a text that fits, and what must stand elsewhere: the whole text when it does not fit."""
    whole, several = one_line(value), text(value)
    if width(whole) <= length:
        return whole, "" if several == whole else several
    start = whole[: length - 1]
    while width(start) >= length:
        start = start[:-1]
    return f"{start.rstrip()}…", several


def paragraphs(*parts: str | None) -> str | None:
    """Join what is there; None when nothing is."""
    return "\n".join(part for part in parts if part) or None
