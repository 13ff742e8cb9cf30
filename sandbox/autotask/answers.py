"""How Autotask answers: items, operation results, and refusals in its several forms."""

from __future__ import annotations

from starlette.responses import Response

from sandbox.wire import json_response

NOT_FOUND = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\r\n'
    '<html xmlns="http://www.w3.org/1999/xhtml">\r\n<head>\r\n'
    "<title>404 - File or directory not found.</title>\r\n</head>\r\n"
    '<body>\r\n<div id="header"><h1>Server Error</h1></div>\r\n'
    "<h2>404 - File or directory not found.</h2>\r\n</body>\r\n</html>\r\n"
)


class RefusedError(Exception):
    """A request that Autotask refuses; the response is ready."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def refuse(*texts: str, status: int = 500) -> RefusedError:
    """Return the common refusal: most are status 500, whatever is wrong (REST docs; many clients)."""
    return RefusedError(json_response({"errors": list(texts)}, status))


def not_found() -> RefusedError:
    """Return the answer to a path that nothing listens to: a page of the web server's."""
    return RefusedError(Response(NOT_FOUND, 404, media_type="text/html"))


def wrong_method(method: str) -> RefusedError:
    """Return the answer to a verb that the path does not know."""
    return RefusedError(
        json_response({"Message": f"The requested resource does not support http method '{method}'."}, 405)
    )


def done(item_id: int) -> Response:
    """Return the answer to a write that succeeded: 200, whatever the verb."""
    return json_response({"itemId": item_id})
