"""Pages of a query: keyset URLs, whose verb is that of the first page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.autotask_calls import ALL, JSON, call, ids

if TYPE_CHECKING:
    from tests.conftest import Sandbox


def follow(sandbox: Sandbox, method: str, url: str, body: JSON | None = None) -> requests.Response:
    """Follow a page's URL."""
    return requests.request(method, url, json=body, headers=sandbox.autotask_headers, timeout=5)


def pages(sandbox: Sandbox, body: JSON) -> list[dict[str, Any]]:
    """Return all pages of a POST query, from its first to its last."""
    found = [call(sandbox, "POST", "Invoices/query", body).json()]
    while url := found[-1]["pageDetails"]["nextPageUrl"]:
        found.append(follow(sandbox, "POST", url, body).json())
    return found


@pytest.mark.parametrize(("size", "counts"), [(500, [20]), (20, [20]), (10, [10, 10]), (7, [7, 7, 6])])
def test_pages_hold_every_row_once(sandbox: Sandbox, size: int, counts: list[int]) -> None:
    """Pages are full but the last, exactly full ones included, and hold every row once in the order of ids."""
    found = pages(sandbox, ALL | {"MaxRecords": size})
    assert [page["pageDetails"]["count"] for page in found] == counts
    assert {page["pageDetails"]["requestCount"] for page in found} == {size}
    assert [row["id"] for page in found for row in page["items"]] == ids(sandbox, "Invoices")


def test_no_rows(sandbox: Sandbox) -> None:
    """A query that matches nothing is one empty page."""
    answer = call(sandbox, "POST", "Invoices/query", {"filter": [{"op": "lt", "field": "id", "value": 0}]}).json()
    assert answer == {
        "items": [],
        "pageDetails": {"count": 0, "requestCount": 500, "prevPageUrl": None, "nextPageUrl": None},
    }


def test_next_url_of_a_post(sandbox: Sandbox) -> None:
    """The next page's URL is a keyset on the last id, on the request's own origin, without the filter."""
    found = call(sandbox, "POST", "invoices/query", ALL | {"MaxRecords": 2}).json()
    url = urlsplit(found["pageDetails"]["nextPageUrl"])
    assert f"{url.scheme}://{url.netloc}" == sandbox.url
    assert url.path == "/ATServicesRest/V1.0/Invoices/query/next"
    assert {name: json.loads(value[0]) for name, value in parse_qs(url.query).items()} == {
        "paging": {"pageSize": 2, "previousIds": [-1], "nextIds": [found["items"][-1]["id"]]}
    }


def test_next_page_of_a_post_wants_post(sandbox: Sandbox) -> None:
    """GET on the next page of a POST query is a 405."""
    found = call(sandbox, "POST", "Invoices/query", ALL | {"MaxRecords": 2}).json()
    answer = follow(sandbox, "GET", found["pageDetails"]["nextPageUrl"])
    assert answer.status_code == 405
    assert answer.json() == {"Message": "The requested resource does not support http method 'GET'."}


def test_next_page_of_a_post_wants_its_body(sandbox: Sandbox) -> None:
    """Without the first page's body there is no filter, which is refused."""
    found = call(sandbox, "POST", "Invoices/query", ALL | {"MaxRecords": 2}).json()
    assert follow(sandbox, "POST", found["pageDetails"]["nextPageUrl"], {}).status_code == 500


def test_pages_of_a_get(sandbox: Sandbox) -> None:
    """The pages of a GET query are GETs that carry the filter along; POST there is a 405."""
    search = json.dumps(ALL | {"MaxRecords": 15})
    first = call(sandbox, "GET", f"Invoices/query?search={search}").json()
    url = first["pageDetails"]["nextPageUrl"]
    second = follow(sandbox, "GET", url).json()
    assert [row["id"] for row in first["items"] + second["items"]] == ids(sandbox, "Invoices")
    assert follow(sandbox, "POST", url, ALL).status_code == 405


def test_previous_page(sandbox: Sandbox) -> None:
    """The previous page's URL leads back, page by page, to the first."""
    body = ALL | {"MaxRecords": 5}
    found = pages(sandbox, body)
    back = [found[-1]]
    while url := back[-1]["pageDetails"]["prevPageUrl"]:
        back.append(follow(sandbox, "POST", url, body).json())
    assert [page["items"] for page in reversed(back)] == [page["items"] for page in found]


def test_without_the_id_there_is_one_page(sandbox: Sandbox) -> None:
    """A query that leaves the id out of its fields has no next page."""
    found = call(sandbox, "POST", "Invoices/query", ALL | {"MaxRecords": 2, "IncludeFields": ["companyID"]}).json()
    assert found["pageDetails"]["nextPageUrl"] is None
    assert len(found["items"]) == 2


def test_spoiled_paging(sandbox: Sandbox) -> None:
    """A page's URL that was tampered with is refused."""
    assert call(sandbox, "POST", "Invoices/query/next?paging=x", ALL).status_code == 500
    assert call(sandbox, "POST", 'Invoices/query/next?paging={"nextIds":[]}', ALL).status_code == 500


def test_rows_that_come_while_paging(sandbox: Sandbox) -> None:
    """A keyset is stable: a row added meanwhile comes last, one deleted is missing, nothing else shifts."""
    body = ALL | {"MaxRecords": 10}
    first = call(sandbox, "POST", "Invoices/query", body).json()
    known = ids(sandbox, "Invoices")
    sandbox.delete_row("autotask", "Invoices", known[0])
    sandbox.put_row("autotask", "Invoices", {"id": 9000, "companyID": 0})
    second = follow(sandbox, "POST", first["pageDetails"]["nextPageUrl"], body).json()
    third = follow(sandbox, "POST", second["pageDetails"]["nextPageUrl"], body).json()
    assert [row["id"] for page in (first, second, third) for row in page["items"]] == [*known, 9000]
