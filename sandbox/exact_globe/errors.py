"""How Entity Services refuse.

The shapes are those that clients read: ``error.code``, ``error.message.lang/value``, ``error.innererror`` with
``message``, ``type``, ``stacktrace`` and ``internalexception``, whose message is the most specific text
(omniboost/go-exactglobe-webservices, client.go; HikitaIkaruga/Exact-Globe-Connect, Exact.class.php). No text of a
refusal is documented but "Failed to login to Globe" (melosso/portway, HealthCheckService.cs) and "MacAddress2"
(help.getmoss.com, 8386326): the others are *inferred* in the grammar of Exact Online.
"""

from __future__ import annotations

from typing import Any

GENERAL = "An error occurred while processing this request."
FAULT = "System.ServiceModel.FaultException"


class Fault(Exception):  # noqa: N818 - it is an answer, not a defect
    """Globe itself said no, after the request was understood.

    Args:
        text: What Globe says.
        property_name: What it is about.
        kind: The type of the inner exception.
    """

    def __init__(self, text: str, property_name: str = "", kind: str = "EntityValidationException") -> None:
        super().__init__(text)
        self.text = text
        self.property_name = property_name
        self.kind = kind


def mandatory(name: str) -> Fault:
    """Return the refusal of a row that lacks something."""
    return Fault(f"Mandatory: {name}", name)


def invalid(name: str, value: Any) -> Fault:
    """Return the refusal of a value that cannot be."""
    return Fault(f"Invalid: {name} ({str(value).strip()})", name)


def missing(name: str, value: Any) -> Fault:
    """Return the refusal of a code that is not there."""
    return Fault(f"Not found: {name} ({str(value).strip()})", name)


def blocked(name: str, value: Any) -> Fault:
    """Return the refusal of a code that may not be used."""
    return Fault(f"Blocked: {name} ({str(value).strip()})", name)


def exists(name: str, value: Any) -> Fault:
    """Return the refusal of a key that is taken."""
    return Fault(f"Already exists: {name} ({str(value).strip()})", name)


def rest_error(text: str, fault: Fault | None = None) -> dict[str, Any]:
    """Return the JSON body of an error.

    Args:
        text: What the protocol says.
        fault: What Globe says beneath it, if it was asked.
    """
    error: dict[str, Any] = {"code": "", "message": {"lang": "en-US", "value": text}}
    if fault is not None:
        error["innererror"] = {
            "message": "The creator of this fault did not specify a Reason.",
            "type": FAULT,
            "stacktrace": "   at Exact.Services.Entity.REST.EntityUpdateProvider.SaveChanges()",
            "internalexception": {
                "message": fault.text,
                "type": f"Exact.Services.{fault.kind}",
                "stacktrace": "   at Exact.Entity.EntityOperations.Execute()",
            },
        }
    return {"error": error}
