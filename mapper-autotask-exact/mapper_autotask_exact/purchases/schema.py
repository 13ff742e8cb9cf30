"""The JSON Schema of the settings for purchases."""

from __future__ import annotations

from functools import partial

from mapper_autotask_exact.purchases.facts import LINE_FACTS, RECEIPT_FACTS
from mapper_autotask_exact.schema_parts import (
    CODE,
    FLAG,
    TEMPLATES,
    TEXT,
    Schema,
    about,
    choice,
    currencies,
    dimension,
    group,
    named_partner,
    one_of,
    table,
)

ANY_FACT = {**RECEIPT_FACTS, **LINE_FACTS}

_choice = partial(choice, facts=RECEIPT_FACTS)

LINE_CODES: Schema = {
    "item": {**TEMPLATES, "description": "item code in Exact"},
    "supplier_item": {**TEMPLATES, "description": "the supplier's own code of the item, by which Exact may know it"},
    "fallback": {**CODE, "description": "item code to use when Exact knows neither"},
    "gl_account": {**CODE, "description": "GL account, where the receiver takes one on a purchase"},
    "unit": {**CODE, "description": "unit code, where the receiver takes one on a purchase; left out: the item's own"},
    "cost_center": {**CODE, "description": "cost centre"},
    "cost_unit": {**CODE, "description": "cost unit"},
    "project_code": {**CODE, "description": "project in Exact"},
}

WHAT_IS_MADE = {
    "reference": about(
        "template of the reference, by which the order is found again: no two receipts may have the same", TEXT,
        "{number}",
    ),
    "supplier_reference": about(
        "template of the supplier's invoice number", TEMPLATES,
        ["{vendor_invoice_number}", "{order.vendorInvoiceNumber}"],
    ),
    "description": about("template of the description", TEMPLATES, "{vendor.companyName} {order.purchaseOrderNumber}"),
    "remarks": about("template of the remarks", TEMPLATES, "{order.generalMemo}"),
    "date_format": about("how dates are written in texts", TEXT, "%d-%m-%Y"),
    "decimal_mark": about("how numbers are written in texts", one_of(",", "."), ","),
    "time_zone": about("time zone in which a receipt has its day", TEXT, "Europe/Amsterdam"),
    "goods_receipt": about(
        "book the goods as received in Exact too; never for what is sent to a customer, or taken back",
        _choice("goods_receipt", FLAG), default=False,
    ),
    "drop_shipment": about(
        "whether the goods are sent to a customer and never come in", _choice("drop_shipment", FLAG), default=False
    ),
    "corrections": about(
        "goods that are taken back: `change` the order of the receipt they came in with as long as it is open, make a "
        "`document` of its own with negative quantities, or leave them to a person as a `problem`",
        _choice("corrections", one_of("change", "document", "problem")), "problem",
    ),
    "skip": about("receipts that are left out, for good", table(RECEIPT_FACTS, {})),
}  # fmt: skip

SUPPLIER = {
    "supplier": named_partner("supplier", "vendor"),
    "home_country": about("two-letter code of your own country", {**TEXT, "pattern": "^[A-Z]{2}$"}, "NL"),
    "payment_conditions": about(
        'payment condition, by term of the purchase order; `code: ""` leaves it to the supplier\'s own in Exact. Left '
        "out: always so",
        table(RECEIPT_FACTS, {"code": TEXT}, ("code",)),
    ),
    "currencies": currencies(RECEIPT_FACTS),
}

LINES = {
    "items": about(
        "item of a line; which of the three codes are given is looked up in this order",
        {
            **table(
                ANY_FACT,
                LINE_CODES,
                anyOf=[{"required": ["item"]}, {"required": ["supplier_item"]}, {"required": ["fallback"]}],
            ),
            "minItems": 1,
        },
        [{"item": ["{product.sku}"], "supplier_item": ["{product_vendor.vendorPartNumber}"]}],
    ),
    "warehouses": about(
        "warehouse of a line; one that fits no row, or left out: Exact's own choice",
        table(ANY_FACT, {"code": CODE}, ("code",)),
    ),
    "vat_codes": about(
        "VAT code of a line; one that fits no row, or left out: that of item and supplier in Exact",
        table(ANY_FACT, {"code": CODE}, ("code",)),
    ),
    "cost_centers": dimension("cost centre", "cost_center", ANY_FACT),
    "cost_units": dimension("cost unit", "cost_unit", ANY_FACT),
    "projects": dimension("project", "project_code", ANY_FACT),
    "line_texts": about(
        "templates of a line's description and notes",
        table(ANY_FACT, {"description": TEMPLATES, "notes": TEMPLATES}, ("description",)),
        [{"description": ["{product.name}", "{charge.name}", "{memo}"], "notes": ["{serial_numbers}"]}],
    ),
    "unit_cost": about(
        "whose cost counts: that of the order item, of the supplier's price list, or of the product",
        one_of("order", "vendor", "product"), "order",
    ),
    "zero_costs": about("lines that cost nothing", one_of("keep", "drop", "problem"), "keep"),
}  # fmt: skip

FREIGHT = {
    "freight": about(
        "the freight of a purchase order, which goes with its first receipt",
        group(
            policy=about(
                "make a `line` of it, `leave` it to the supplier's invoice, or let a person decide (`problem`)",
                one_of("line", "leave", "problem"), "problem",
            ),
            description=about("text of that line", CODE, "Freight"),
        ),
    ),
}  # fmt: skip

AREAS: dict[str, Schema] = {
    "What is made": WHAT_IS_MADE,
    "Supplier, payment, currency": SUPPLIER,
    "Lines": LINES,
    "Freight": FREIGHT,
}

PURCHASES: Schema = {
    "type": "object",
    "description": "how Autotask goods receipts become purchase orders",
    "properties": {name: schema for area in AREAS.values() for name, schema in area.items()},
    "required": [],
    "additionalProperties": False,
}
