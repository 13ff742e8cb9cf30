"""Reading an endpoint page by page, as records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_exact_online.exceptions import Forbidden, Malformed, NotFound, advised

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator

    from tap_exact_online.client import Client
    from tap_exact_online.columns import Row, RowReader

EVERYTHING = "*"
"""``$select=*`` asks for all columns that an endpoint has (hotgluexyz/tap-exact does so)."""

PAGES_BETWEEN_NEWS = 20


def pages(
    client: Client, address: str, reader: RowReader, logger: logging.Logger, where: str = "", order: str = ""
) -> Iterator[list[Row]]:
    """Yield the rows of an endpoint as records, page by page.

    Should Exact not know one of the columns any more, all are read, and the log tells which are missing.

    Args:
        client: Of the administration.
        address: The resource, of a function with its parameters.
        reader: Knows the columns.
        logger: Gets news of the progress.
        where: A filter.
        order: A column.

    Raises:
        Malformed: Exact does not understand the query, with whatever columns.
    """
    query = {"where": where, "order": order, "expand": reader.nested}
    begun = False
    try:
        for page in _pages(client, address, reader, logger, select=reader.names, **query):
            begun = True
            yield page
    except Malformed as error:
        if begun or "filter" in error.text.lower():
            raise
        logger.warning("%s: %s (perhaps a column that is no more: all are read)", address, error)
    else:
        return
    yield from _pages(client, address, reader, logger, select=[EVERYTHING], **query)


def permitted(
    found: Iterator[list[Row]], about: str, advice: str, logger: logging.Logger, *, skip: bool
) -> Iterator[list[Row]]:
    """Yield pages as they come; none of what may be skipped because a right or a licence is lacking.

    Raises:
        Forbidden: The right is lacking; the message says about what, and gives advice.
        NotFound: The licence is.
    """
    begun = False
    try:
        for page in found:
            begun = True
            yield page
    except (Forbidden, NotFound) as error:
        if begun or not skip:
            raise advised(error, about, advice) from error
        logger.warning("%s: %s. It is skipped.", about, error)


def _pages(
    client: Client, address: str, reader: RowReader, logger: logging.Logger, **query: Any
) -> Iterator[list[Row]]:
    for count, rows in enumerate(client.pages(address, **query), start=1):
        missing = sorted(set(reader.names).difference(*rows[:1])) if rows and count == 1 else ()
        if missing and query["select"] == [EVERYTHING]:
            logger.warning("%s has no such columns, which are null; deselect them: %s", address, ", ".join(missing))
        yield [reader.read(row) for row in rows]
        if count % PAGES_BETWEEN_NEWS == 0:
            logger.info("%s: %d pages read, %s calls left today.", address, count, client.limits.day.remaining)
