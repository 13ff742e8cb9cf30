"""The tables of the ledger and what each column means.

``migrations`` holds the structure version by version; a test keeps both alike. The README's tables are made from the
comments here.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

STATES = {
    "pending": "Known, nothing was sent: the run stopped before its turn came.",
    "sending": "A write is under way. Left behind by a run that died, its outcome is unknown.",
    "unknown": "A write was sent and its answer was lost; the next run asks before it writes.",
    "sent": "Handed over, in a file for an importer for instance, and not confirmed; not sent again until decided.",
    "transferred": "The receiving system holds it, under the receipt.",
    "failed": "Refused, by our own checks or by the receiving system; reason and advice say why.",
    "skipped": "Not to be transferred, for example voided before it was.",
}
"""Every state a transfer can be in."""

SETTLED = ("transferred", "skipped")
"""States that need no further run."""

OPEN = tuple(state for state in STATES if state not in SETTLED)
"""States of a transfer that is offered again by its key on the next run."""

KEY_LENGTH = 200
NAME_LENGTH = 64


class Amount(TypeDecorator[Decimal]):
    """An exact amount as text, since SQLite has no decimal type."""

    impl = String(50)
    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Moment(TypeDecorator[dt.datetime]):
    """An instant in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    @override
    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _name(name: str, comment: str, **options: Any) -> Column[str]:
    return Column(name, String(NAME_LENGTH), comment=comment, **{"nullable": False, **options})


def _key(name: str, comment: str, **options: Any) -> Column[str]:
    return Column(name, String(KEY_LENGTH), comment=comment, **{"nullable": False, **options})


def _text(name: str, comment: str, **options: Any) -> Column[str]:
    return Column(name, Text, comment=comment, **options)


def _moment(name: str, comment: str, **options: Any) -> Column[dt.datetime]:
    return Column(name, Moment, comment=comment, **options)


metadata = MetaData()

transfers = Table(
    "transfers",
    metadata,
    Column("id", Integer, primary_key=True, comment="Number of the transfer in this ledger."),
    _name("administration", "Administration (division, company) that is written to."),
    _name("kind", "Kind of document: the stream it travels in, such as sales_invoices."),
    _name("source_system", "System the record comes from, such as autotask."),
    _name("source_tenant", "Tenant of that system."),
    _name("source_stream", "Stream of the tap the record was read from."),
    _key("source_id", "Key of the record there; with :void behind it for the credit of a voided one."),
    _key("offered_as", "Key by which the tap can read it again: that of the voided record for its credit."),
    _text("source_url", "Link by which a person opens the record."),
    _name("state", f"One of {', '.join(STATES)}."),
    Column("version", Integer, nullable=False, comment="Counts changes; a run may change only what it has seen."),
    _name("run_id", "Run or person that changed it last; while sending, the run that owns it."),
    _name("step", "Remote write that was begun last; it may have been carried out.", nullable=True),
    _text("steps", "JSON object: name of each step done, and its receipt.", nullable=False),
    Column("attempts", Integer, nullable=False, comment="How many remote writes were begun for it."),
    _name("fingerprint", "Digest of the content that was sent last, or offered when none was.", nullable=True),
    _name("offered_fingerprint", "Digest of the content as it was offered last.", nullable=True),
    _text("document", "JSON of that content, without the bytes of attachments."),
    _text("number", "Number in the source system."),
    _text("reference", "Our reference, by which it is found in the receiving system."),
    _text("customer_name", "Name of the customer."),
    _text("currency", "Currency of the amount."),
    Column("gross", Amount, comment="Amount with VAT, as the source system says; exact, as text."),
    Column("invoice_date", Date, comment="Date of the document."),
    _key("receipt_id", "Key in the receiving system.", nullable=True),
    _text("receipt_number", "Number in the receiving system."),
    _text("receipt_url", "Link by which a person opens it there."),
    _text("receipt_totals", "JSON of the totals the receiving system computed."),
    _text("reason", "Why it is open, skipped, or needs a person, or what else there is to say of it."),
    _text("advice", "What to do about it."),
    _text("problems", "JSON list of problems; on a transferred one, each waits for a person.", nullable=False),
    _text("answered", "JSON list of problems that a person has dealt with; they are not raised again."),
    _name("dismissed_by", "Who said that it is not to be transferred; it stays so until it is retried.", nullable=True),
    _moment("created_at", "When it was first offered.", nullable=False),
    _moment("updated_at", "When it last changed.", nullable=False),
    _moment("settled_at", "When it became transferred or skipped."),
    Index(
        "transfers_source",
        "administration",
        "kind",
        "source_system",
        "source_tenant",
        "source_stream",
        "source_id",
        unique=True,
    ),
    Index("transfers_receipt", "administration", "kind", "receipt_id", unique=True),
    Index("transfers_state", "administration", "kind", "state"),
    comment="One document to one administration.",
)

ATTENTION = "attention"
"""The standing of a transferred document that waits for a person."""

listing = Table(
    "listing",
    metadata,
    Column("transfer_id", ForeignKey("transfers.id"), primary_key=True, comment="The transfer."),
    _name("administration", "Its administration."),
    _name("kind", "Its kind."),
    _name("standing", f"Its state; {ATTENTION} when it is transferred and waits for a person."),
    _text("words", "Its numbers, reference, key and customer in small letters, to search in.", nullable=False),
    _text("receipt_words", "Its number in the receiving system in small letters.", nullable=False),
    Column("invoice_date", Date, comment="Its date."),
    _text("currency", "Its currency."),
    Column("cents", BigInteger, comment="Its amount in hundredths, for sums; the exact one is in transfers."),
    Column("outstanding", BigInteger, comment="What is not yet received of it in hundredths, where it is a payment."),
    _text("problems", "JSON list of what is wrong with it, while it is open or waits for a person.", nullable=False),
    Index("listing_standing", "administration", "kind", "standing"),
    comment="What lists filter, search and add up: a narrow copy of transfers, written together with it.",
)

EVENTS = {
    "sent": "Written and answered.",
    "handed over": "Written where the receiving system picks it up; what became of it is not known yet.",
    "confirmed": "Said by a person to be in the receiving system.",
    "released": "Said by a person not to be there, so that it may be sent again.",
    "adopted": "Found in the receiving system and taken over as it is.",
    "agreed": "The receiving system held all of it; nothing was written.",
    "failed": "Refused, before or by the receiving system.",
    "unknown": "No answer came.",
    "pending": "The run stopped before it could be sent.",
    "skipped": "Not to be transferred.",
    "interrupted": "The run that was sending it died.",
    "changed": "Offered with other content after it was transferred; not sent again.",
    "voided": "Voided in the source system after it was transferred.",
    "retried": "A person asked for it to be offered again.",
    "dismissed": "A person said that it is not to be transferred.",
    "answered": "A person looked at it and settled what was asked.",
}
"""What can happen to a transfer."""

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, comment="Number of the event."),
    Column("transfer_id", ForeignKey("transfers.id"), nullable=False, index=True, comment="Transfer it happened to."),
    _moment("at", "When.", nullable=False),
    _name("run_id", "Run in which it happened, or the person who did it."),
    _name("event", f"One of {', '.join(EVENTS)}."),
    _text("detail", "What there is to say about it."),
    Index("events_run", "run_id", "id"),
    comment="History of each transfer; rows are only added.",
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(NAME_LENGTH), primary_key=True, comment="Random key of the run."),
    _name("administration", "Administration it writes to."),
    _name("target", "Name of the target."),
    _key("host", "Machine it runs on."),
    Column("pid", Integer, nullable=False, comment="Process on that machine."),
    Column("process_started", Float, nullable=False, comment="Start of that process (Unix time); ids are reused."),
    _moment("started_at", "When it began.", nullable=False),
    _moment("heartbeat_at", "When it last showed that it lives.", nullable=False),
    _moment("finished_at", "When it ended; empty while it runs, or when it was killed."),
    _text("counts", "JSON object: outcome and how many documents had it."),
    Column("exit_code", Integer, comment="What it answered."),
    Column("calls", Integer, comment="Calls to the receiving system; empty when it did not count them."),
    Index("runs_started", "started_at"),
    comment="One start of a target.",
)

actions = Table(
    "actions",
    metadata,
    Column("id", Integer, primary_key=True, comment="Number of the action."),
    _moment("at", "When.", nullable=False),
    _key("who", "Who did it."),
    _name("action", "What was done, such as retried, confirmed, end link or sign-in."),
    Column("transfer_id", ForeignKey("transfers.id"), index=True, comment="Transfer it was done to, if any."),
    _text("detail", "The reason that was given, and what came of it."),
    comment="What people did, on the page (refused attempts too) or by a command; rows are only added.",
)

mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True, comment="Number of the mail."),
    _moment("at", "Moment up to which it reports.", nullable=False),
    _name("policy", "When such a mail is sent: always, problems or daily; not due: none was sent."),
    _name("digest", "Digest of what was open in it, by which a change is noticed."),
    comment="Reports by mail: those that were sent, and when none was due.",
)

LINK_STATES = {
    "proposed": "Found by comparing; a person decides.",
    "confirmed": "They are the same; what changes on one side reaches the other.",
    "refused": "A person said that they are not the same; it is not proposed again.",
    "new": "A person said that there is none yet: one may be created.",
    "ended": "It was confirmed once.",
}
"""Every state a link can be in."""

links = Table(
    "links",
    metadata,
    _name("administration", "Administration of the receiving record.", primary_key=True),
    _name("kind", "What is linked, such as accounts.", primary_key=True),
    _name("source_system", "System of the source record.", primary_key=True),
    _name("source_tenant", "Tenant of that system.", primary_key=True),
    _key("source_id", "Key of the source record.", primary_key=True),
    _key("receiver_id", "Key of the receiving record; empty where a person said that there is none.", primary_key=True),
    _text("source_code", "Business code of the source record, as it was when the link was last used."),
    _text("source_name", "Its name then."),
    _text("receiver_code", "Business code of the receiving record."),
    _text("receiver_name", "Its name then."),
    _name("state", f"One of {', '.join(LINK_STATES)}; only a confirmed one is used."),
    _text("reasons", "JSON list: why they are the same.", nullable=False),
    _text("base", "JSON: field to what both sides held when they last agreed.", nullable=False),
    _moment("updated_at", "When it last changed.", nullable=False),
    Index(
        "links_confirmed",
        *("administration", "kind", "source_system", "source_tenant", "source_id"),
        unique=True,
        sqlite_where=sa.text("state = 'confirmed'"),
        postgresql_where=sa.text("state = 'confirmed'"),
    ),
    comment="This record of the source system is that one of the receiving system.",
)

master_data = Table(
    "master_data",
    metadata,
    _name("administration", "Administration it was read from.", primary_key=True),
    _name("resource", "Resource as the vendor names it, such as VATCodes.", primary_key=True),
    _key("id", "Key of the row.", primary_key=True),
    _key("code", "Business code, trimmed.", nullable=True),
    _text("data", "JSON of the row.", nullable=False),
    Index("master_data_code", "administration", "resource", "code"),
    comment="Kept copy of master data of the receiving system.",
)

master_data_stamps = Table(
    "master_data_stamps",
    metadata,
    _name("administration", "Administration it was read from.", primary_key=True),
    _name("resource", "Resource as the vendor names it.", primary_key=True),
    _text("stamp", "Change stamp up to which the copy is complete."),
    _moment("read_at", "When it was last brought up to date.", nullable=False),
    comment="How far each kept copy of master data goes.",
)

baselines = Table(
    "baselines",
    metadata,
    _name("administration", "Administration that was read.", primary_key=True),
    _name("kind", "Kind of document that was looked for.", primary_key=True),
    _moment("scanned_at", "When reading was complete.", nullable=False),
    Column("found", Integer, nullable=False, comment="How many documents were there."),
    comment="When a new ledger was told what the receiving system already holds.",
)

found = Table(
    "found",
    metadata,
    _name("administration", "Administration it was found in.", primary_key=True),
    _name("kind", "Kind of document.", primary_key=True),
    _key("id", "Key in the receiving system.", primary_key=True),
    _key("reference", "Reference it carries there."),
    _key("customer_id", "Key of its customer there."),
    Column("gross", Amount, nullable=False, comment="Amount with VAT; a credit is negative."),
    _text("number", "Number there."),
    Column("date", Date, comment="Date there."),
    _text("url", "Link by which a person opens it."),
    Index("found_reference", "administration", "kind", "reference"),
    comment="What the receiving system already held when the ledger was new, to be adopted instead of sent again.",
)


def markdown() -> str:
    """Return the tables and their columns as Markdown, for the README."""
    return "\n\n".join(_table_markdown(table) for table in metadata.tables.values())


def _table_markdown(table: Table) -> str:
    rows = [f"| `{column.name}` | {column.comment} |" for column in table.columns]
    return "\n".join([f"### `{table.name}`", "", table.comment or "", "", "| column | meaning |", "|---|---|", *rows])
