"""One company or account on its way to a document: what both directions do alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapper_autotask_exact import case
from mapper_autotask_exact.facts import Facts, where
from mapper_autotask_exact.parties.numbers import CHECKED, WrongValueError, international
from mapper_autotask_exact.parties.schema import NOTHING
from mapper_autotask_exact.sources import source
from mapper_autotask_exact.templates import clean, fill, first_filled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mapper_autotask_exact.facts import Fact
    from mapper_autotask_exact.parties.settings import PartySettings
    from transfer_ledger.documents import Address, Contact, Source


class Case(case.Case):
    """What mapping one party works with.

    Args:
        settings: Compiled settings of the direction.
        record: A row of the expanded stream.
        known: What its tables can ask.
        scope: What its templates can name.
        country: The two-letter code of its country, where it is known.
        lookups: Takes every look into a table, for those who want to know why.
    """

    def __init__(
        self,
        settings: PartySettings,
        record: Mapping[str, Any],
        *,
        known: Mapping[str, Fact],
        scope: Mapping[str, Any],
        country: str | None,
        lookups: list[case.Lookup] | None = None,
    ) -> None:
        self.settings = settings
        self.scope = scope
        self.country = country
        self.left_alone: set[str] = set()
        """Fields of which the receiver's value is to stay as it is."""
        facts = Facts(record, known=known)
        facts["company_in" if settings.area == "accounts" else "account_in"] = where(country, settings.home_country)
        super().__init__(record, facts, lookups)

    def setting(self, name: str) -> str:
        """Return the path of a setting."""
        return f"{self.settings.area}.{name}"

    def skipped(self, kind: Any, *, active: bool) -> str | None:
        """Return why the settings leave it out."""
        row = self.look("skip", self.settings.skip)
        if row:
            return f"left out by {row.path}"
        if kind == NOTHING:
            return f"nothing is made of it ({self.rules[self.kind_field]})"
        if not active and self.settings.inactive == "skip":
            return f"it is not active ({self.setting('inactive')})"
        return None

    @property
    def kind_field(self) -> str:
        """The field that says what becomes of it."""
        return "status" if self.settings.area == "accounts" else "company_type"

    def kind(self) -> Any:
        """Return what becomes of it; None when no row says so, which is a problem."""
        row = self.need(self.kind_field, self.settings.kinds)
        return row.result[self.kind_field] if row else None

    def text(self, field: str) -> str | None:
        """Return a particular, checked and written one way; None when there is none."""
        templates = self.settings.templates.get(field)
        value = first_filled(templates, (self.scope,)) if templates else ""
        return self.checked(field, value)

    def checked(self, field: str, value: Any) -> str | None:
        """Return a value that its field can hold; what is none is a problem, or left out."""
        text = clean(str(value or ""))
        if not text:
            return None
        if field.endswith("phone"):
            return international(text, self.country) if self.settings.phone_format == "international" else text
        check = CHECKED.get(field.rpartition(".")[2])
        try:
            return check(text, self.country) if check else text
        except WrongValueError as error:
            if self.settings.wrong_values == "problem":
                advice = f"correct it in {self.origin}, or leave such values out"
                self.problem(field, text, f"{text!r} {error}; {advice}", self.setting("wrong_values"))
            self.left_alone.add(field.partition(".")[0])
            return None

    @property
    def origin(self) -> str:
        """The system that the record comes from, as people call it."""
        return "Autotask" if self.settings.area == "accounts" else "Exact"

    def udf(self) -> dict[str, str | None]:
        """Return the user-defined fields."""
        return {name: first_filled(templates, (self.scope,)) or None for name, templates in self.settings.udf.items()}

    def code(self) -> str | None:
        """Return the code; None leaves it to the receiving system."""
        text = self._code()
        if not text:
            self.left_alone.add("code")
        return text

    def _code(self) -> str | None:
        row = self.need("code", self.settings.code)
        template = row.result["code"] if row else None
        if row is None or template is None or not template.source:
            return None
        text, empty = fill(template, (self.scope,))
        if text and not empty:
            return text
        if self.settings.missing_code == "problem":
            self.problem(
                "code",
                "",
                f"{' and '.join(empty) or template.source} is empty; fill it in in {self.origin}, or let the receiver "
                "give the code",
                self.setting("missing_code"),
            )
        return None

    def coded(self, field: str) -> str | None:
        """Return what the table of a field gives; an empty code leaves the receiver's as it is."""
        table = self.settings.codes[field]
        row = self.look(field, table) if field == "classification" else self.need(field, table)
        if row and not row.result["code"]:
            self.left_alone.add(field)
        return (row.result["code"] or None) if row else None

    def with_country(self, address: Address) -> Address:
        """Return an address whose country is known, or note that it is not."""
        filled = any((address.line1, address.line2, address.postcode, address.city))
        if address.country or not filled or self.settings.missing_country == "leave":
            return address
        if self.settings.missing_country == "home":
            address.country = self.settings.home_country
        else:
            advice = f"fill it in in {self.origin}, or say what a missing one means"
            self.problem(
                "address.country", "", f"the address has no country; {advice}", self.setting("missing_country")
            )
        return address

    def source(self, stream: str, system: str, tenant: Any, key: Any) -> Source:
        """Return where the document comes from; that its tenant is not known is a problem."""
        if tenant is None or not clean(str(tenant)):
            self.problem("source.tenant", "", f"the record does not say which {self.origin} it is from; use this "
                         "project's tap")  # fmt: skip
        return source(self.record, stream, system, tenant, key)

    def checked_contact(self, contact: Contact) -> Contact:
        """Return a contact whose e-mail address and phone number are checked."""
        contact.email = self.checked("contact.email", contact.email)
        contact.phone = self.checked("contact.phone", contact.phone)
        return contact

    def spoken_of(self, names: list[str]) -> dict[str, Any]:
        """Return who wins each of these fields and of the user-defined ones, without those that are left alone."""
        told = (*names, *(f"udf.{name}" for name in self.settings.udf))
        return {name: self.settings.winner(name) for name in told if name not in self.left_alone}

    def too_long(self, values: Mapping[str, str | None], lengths: Mapping[str, int], receiver: str) -> None:
        """Note values that are longer than the receiving system's fields."""
        for field, most in lengths.items():
            text = values.get(field)
            if text and len(text) > most:
                self.problem(
                    field,
                    text,
                    f"{text!r} has {len(text)} characters and {receiver} takes {most}; shorten it in {self.origin}",
                    self.rules.get(field),
                )
