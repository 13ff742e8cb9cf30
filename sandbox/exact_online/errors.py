"""How Exact Online refuses: a status, a text in the user's language, sometimes a Reason header.

Business validation answers 500, not 4xx: the texts stand in ``error.message.value`` of a body whose ``code`` and
``lang`` are empty, several joined by CR LF (picqer/exact-php-client#249, #416, #10). The texts marked *seen* below are
quoted from issues, numbers alone being those of picqer/exact-php-client; the others follow their pattern and were not
tried live.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["nl", "en"]
Problem = tuple[str, str]
"""Kind of a problem, and the property it is about."""

TEXTS: dict[str, tuple[str, str]] = {
    "closed_period": ("De periode is afgesloten", "The period is closed"),  # seen: support.streamtime.net 48698
    "exists": ("Gegeven bestaat reeds.", "Data already exists."),  # seen: #416
    "in_use": ("In gebruik: {}", "In use: {}"),
    "invalid": ("Ongeldig: {}", "Invalid: {}"),  # seen: #121, #325
    "invalid_reference": ("Ongeldige referentie: {}", "Invalid reference: {}"),  # seen: #249
    "mandatory": ("Verplicht: {}", "Mandatory: {}"),  # seen: exactonline-api-dotnet-client#138
    "not_allowed": ("Niet toegestaan: {}", "Not allowed: {}"),  # seen: exactonline-api-dotnet-client#138
    "not_customer": ("Ongeldig: {} (Type)", "Invalid: {} (Type)"),  # seen: #172
    "processed": ("Reeds verwerkt", "Already processed"),  # seen: #464
    "too_long": ("Te lang: {}", "Too long: {}"),
    "unknown_year": ("Onbekend: Boekjaar (Periode-datumtabel)", "Unknown: Financial year (Period-date table)"),
}

LABELS: dict[str, tuple[str, str]] = {
    "Account": ("Relatie", "Account"),
    "Attachment": ("Bijlage", "Attachment"),
    "BankAccount": ("Bankrekening", "Bank account"),
    "Code": ("Code", "Code"),
    "CostCenter": ("Kostenplaats", "Cost center"),
    "CostUnit": ("Kostendrager", "Cost unit"),
    "Country": ("Land", "Country"),
    "Currency": ("Valuta", "Currency"),
    "Customer": ("Klant", "Customer"),
    "DeliverTo": ("Leveren aan", "Deliver to"),
    "Description": ("Omschrijving", "Description"),
    "Document": ("Document", "Document"),
    "DocumentLayout": ("Layout", "Layout"),
    "Email": ("E-mail", "E-mail"),
    "EntryID": ("Boeking", "Entry"),
    "EntryNumber": ("Boekstuknummer", "Entry number"),
    "FileName": ("Bestandsnaam", "File name"),
    "FirstName": ("Voornaam", "First name"),
    "GLAccount": ("Grootboekrekening", "G/L account"),
    "GoodsReceiptLines": ("Ontvangstregels", "Goods receipt lines"),
    "GLAccountType": ("Grootboekrekeningtype", "G/L account type"),
    "InvoiceID": ("Factuur", "Invoice"),
    "InvoiceTo": ("Factuur voor", "Invoice to"),
    "Item": ("Artikel", "Item"),
    "ItemUnit": ("Artikeleenheid", "Item unit"),
    "Journal": ("Dagboek", "Journal"),
    "Journals": ("Journals", "Journals"),
    "LastName": ("Achternaam", "Last name"),
    "Lines": ("Regels", "Lines"),
    "Name": ("Naam", "Name"),
    "OrderID": ("Verkooporder", "Sales order"),
    "OrderNumber": ("Ordernummer", "Order number"),
    "OrderedBy": ("Besteld door", "Ordered by"),
    "PaymentCondition": ("Betalingsconditie", "Payment condition"),
    "PurchaseOrderID": ("Inkooporder", "Purchase order"),
    "PurchaseOrderLineID": ("Inkooporderregel", "Purchase order line"),
    "PurchaseOrderLines": ("Inkooporderregels", "Purchase order lines"),
    "PurchasePrice": ("Inkoopprijs", "Purchase price"),
    "PurchaseUnit": ("Inkoopeenheid", "Purchase unit"),
    "QuantityInPurchaseUnits": ("Aantal", "Quantity"),
    "QuantityReceived": ("Ontvangen aantal", "Quantity received"),
    "Rate": ("Wisselkoers", "Exchange rate"),
    "ReceiptDate": ("Ontvangstdatum", "Receipt date"),
    "SerialNumber": ("Serienummer", "Serial number"),
    "Subject": ("Onderwerp", "Subject"),
    "Supplier": ("Leverancier", "Supplier"),
    "SupplierItem": ("Artikel van leverancier", "Supplier's item"),
    "Type": ("Type", "Type"),
    "UnitCode": ("Eenheid", "Unit"),
    "VATCode": ("Btw-code", "VAT code"),
    "VATNumber": ("Btw-nummer", "VAT number"),
    "Warehouse": ("Magazijn", "Warehouse"),
}


class Refusal(Exception):  # noqa: N818 - it is an answer, not a defect
    """An answer other than success.

    Args:
        status: The HTTP status.
        text: What the body says.
        reason: The Reason header, if any.
    """

    def __init__(self, status: int, text: str, reason: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.reason = reason


class Invalid(Exception):  # noqa: N818 - it is an answer, not a defect
    """Business validation said no, before anything was changed."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = list(dict.fromkeys(problems))

    def text(self, language: Language) -> str:
        """Return all messages, one to a line, in the user's language."""
        column = 0 if language == "nl" else 1
        lines = [TEXTS[kind][column].format(LABELS.get(name, (name, name))[column]) for kind, name in self.problems]
        return "\r\n".join(lines)


def bad_request(text: str) -> Refusal:
    """Return the refusal of a request that is malformed."""
    return Refusal(400, text)


def query_syntax() -> Refusal:
    """Return the refusal of a query string that cannot be understood (picqer/exact-php-client#609)."""
    return bad_request("Bad Request - Error in query syntax.")


def request_stream(detail: str) -> Refusal:
    """Return the refusal of a body that cannot be understood (picqer/exact-php-client#117, #461)."""
    return bad_request(f"Error processing request stream. {detail}")


def not_found(segment: str) -> Refusal:
    """Return the refusal of an address that leads nowhere."""
    return Refusal(404, f"Resource not found for the segment '{segment}'.")


def not_simulated(what: str) -> Refusal:
    """Return the sandbox's own refusal: Exact could do this, the sandbox cannot, and will not pretend."""
    return Refusal(501, f"The sandbox does not simulate {what}.")
