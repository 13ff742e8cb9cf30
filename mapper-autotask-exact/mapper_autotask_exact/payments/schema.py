"""The settings under ``payments``: their JSON Schema, by group."""

from __future__ import annotations

from mapper_autotask_exact.payments.facts import PAYMENT_FACTS
from mapper_autotask_exact.schema_parts import TEXT, Schema, about, one_of, table

PAYMENT_AREAS: dict[str, dict[str, Schema]] = {
    "The date": {
        "date": about(
            "the day that becomes the paid date: `settlement`, on which nothing was left open; `last_payment`, of the "
            "last payment; or `noticed`, on which the tap read it",
            one_of("settlement", "last_payment", "noticed"), "settlement",
        ),
        "credited": about(
            "an invoice, or a part of one, that a credit note took up: it `settles`, or it leaves the invoice "
            "`without_date`",
            one_of("settles", "without_date"), "settles",
        ),
        "written_off": about(
            "an invoice, or a part of one, that ended without a payment and without a credit note",
            one_of("settles", "without_date"), "settles",
        ),
    },
    "What stands there already": {
        "reopened": about(
            "a paid date that this link wrote, of an invoice that is open again in Exact: `clear` it, or `report` it "
            "and leave it",
            one_of("clear", "report"), "clear",
        ),
        "other_dates": about(
            "a paid date in Autotask that is not the one this link wrote: `keep` it and report it, or `overwrite` it "
            "and say so",
            one_of("keep", "overwrite"), "keep",
        ),
    },
    "What is followed": {
        "invoices_from": about("invoices dated before this day are left out: `2026-01-01`", TEXT),
        "window_days": about(
            "invoices that are older than so many days when their payment changes are left out",
            {"type": "number", "exclusiveMinimum": 0},
        ),
        "partial": about(
            "an invoice that is paid in part: `report` how much in the log, or be `quiet`", one_of("report", "quiet"),
            "report",
        ),
        "not_found": about(
            "an invoice in the books that is none of Autotask's: `skip` it, or `fail` it until it is one",
            one_of("skip", "fail"), "skip",
        ),
        "skip": about("invoices in the books that are left out, for good", table(PAYMENT_FACTS, {})),
    },
}  # fmt: skip

PAYMENTS: Schema = {
    "type": "object",
    "description": "how payments in Exact become paid dates of Autotask's invoices",
    "properties": {name: schema for area in PAYMENT_AREAS.values() for name, schema in area.items()},
    "required": [],
    "additionalProperties": False,
}
