"""The settings of the target, beside those of the ledger."""

from __future__ import annotations

from singer_sdk import typing as th

from target_exact_globe.numbers import HIGHEST
from transfer_ledger.parties.sink import PARTY_SETTINGS
from transfer_ledger.settings import LEDGER_SETTINGS

ROUTES = ["entity-services", "xml"]

CONNECTION_SETTINGS = th.PropertiesList(
    th.Property(
        "route",
        th.StringType,
        default="entity-services",
        allowed_values=ROUTES,
        description="How documents reach Globe: its entity services (REST), or XML files for its import program.",
    ),
    th.Property(
        "sql_server",
        th.StringType,
        required=True,
        description="SQL Server of Globe with its instance, such as `SQLSRV01\\EXACT`.",
    ),
    th.Property("company", th.StringType, required=True, description="Database of the company, such as `100`."),
    th.Property(
        "services_url",
        th.StringType,
        description="Address of the REST service, such as `http://globe:8020/Services/Exact.Entity.REST.EG`. With "
        "`route: xml` it is used to check codes and to see what arrived; left out, neither is done.",
    ),
    th.Property(
        "username", th.StringType, description="Windows user with domain, `DOMAIN\\name`: an employee in Globe."
    ),
    th.Property("password", th.StringType, secret=True, description="Password of that user."),
    th.Property(
        "timeout_seconds",
        th.IntegerType(minimum=1),
        default=60,
        description="Seconds to wait for an answer of the services. A write without one is looked for, not repeated.",
    ),
)

WRITING_SETTINGS = th.PropertiesList(
    th.Property(
        "customer_code",
        th.StringType,
        default="account_code",
        allowed_values=["account_code", "debtor_code", "debtor_number"],
        description="Which code of an account in Globe is the customer's code in the document; for a supplier, its "
        "creditor's code or number.",
    ),
    th.Property(
        "invoice_code", th.StringType, description="Invoice code (series) of sales invoices; orders need none."
    ),
    th.Property("warehouse", th.StringType, description="Warehouse of every order. Left out: Globe's own choice."),
    th.Property(
        "resource",
        th.IntegerType,
        description="Number of the employee on every order. Left out: the account's representative, else the user.",
    ),
    th.Property(
        "selection_code", th.StringType, description="Selection code of every order, to find them by in Globe."
    ),
    th.Property(
        "transaction_key",
        th.StringType,
        default="own",
        allowed_values=["own", "service"],
        description="Who gives the key that holds the lines of an order together until its header comes: this target, "
        "which can then clear away what a killed run left, or Globe with the first line, as its help describes.",
    ),
    th.Property(
        "vat_rounding",
        th.StringType,
        default="code",
        allowed_values=["code", "line"],
        description="How Globe rounds VAT, to predict its totals before anything is sent: once per VAT code, or line "
        "by line. It is not documented.",
    ),
    th.Property(
        "uneven_lines",
        th.StringType,
        default="amount",
        allowed_values=["amount", "fail"],
        description="What to do with a line whose quantity times price is not its amount to the cent with the decimals "
        "Globe holds: send 1 x amount and keep quantity and price in the text, or fail.",
    ),
    th.Property(
        "characters",
        th.StringType,
        default="replace",
        allowed_values=["replace", "keep", "fail"],
        description="What to do in texts with characters outside Windows-1252, which a database of Globe may not hold: "
        "replace them by plain ones, else by `?`, and say so; send them; or fail the document.",
    ),
    th.Property(
        "new_account",
        th.ObjectType(additional_properties=th.StringType),
        default={},
        description="Properties of the entity Account that each new account has besides, such as `{CompanySize: "
        "UNKNOWN}`, where a company in Globe asks for them. Over entity services only.",
    ),
    th.Property(
        "adopt_from",
        th.DateType,
        description="With a new ledger, look in Globe only for orders from this day on. Set it to the day from which "
        "the link takes over; earlier invoices must then not be offered.",
    ),
)

XML_SETTINGS = th.PropertiesList(
    th.Property("xml_folder", th.StringType, description="Folder into which XML files are put (`route: xml`)."),
    th.Property(
        "documents_per_file",
        th.IntegerType(minimum=1),
        default=1,
        description="Documents in one XML file. With one, a refused file is a refused document.",
    ),
    th.Property(
        "import_command",
        th.ArrayType(th.StringType),
        default=[],
        description="Program and arguments that import one file, with `{server}`, `{database}`, `{file}` and `{topic}` "
        "in their places, started without a shell. Empty: a job on the Globe machine picks the files up.",
    ),
    th.Property(
        "picked_up_once",
        th.BooleanType,
        default=False,
        description="Without `import_command`: the job on the Globe machine takes each file out of the folder before "
        "it imports it, so that none is imported twice. Without that word, orders must have numbers of their own.",
    ),
    th.Property(
        "sales_numbers_from",
        th.IntegerType(minimum=1, maximum=HIGHEST),
        description="With `route: xml`: first of a range of order numbers that is free in Globe. Each sales order has "
        "a number of its own in it, twice the id of the invoice further on, so that a file that is imported twice "
        "makes one order. Left out: Globe numbers them.",
    ),
    th.Property(
        "purchase_numbers_from",
        th.IntegerType(minimum=1, maximum=HIGHEST),
        description="The same for purchase orders; another range.",
    ),
    th.Property(
        "purchase_order_type",
        th.StringType,
        default="B",
        allowed_values=["B", "I"],
        description="Letter of purchase orders in a file: B is what Globe's own tables and public generators have, I "
        "what a note in the vendor's schema says.",
    ),
    th.Property(
        "import_seconds",
        th.IntegerType(minimum=1),
        default=600,
        description="Seconds after which the import program is ended.",
    ),
    th.Property(
        "result_folder",
        th.StringType,
        description="The folder of Globe's error files (System > General > Settings > XML Server settings), as seen "
        "from here.",
    ),
    th.Property(
        "rejected_types",
        th.ArrayType(th.IntegerType),
        default=[0, 3],
        description="Types of messages in a result file that mean refused. Not documented; so it is in Exact Online.",
    ),
    th.Property(
        "accepted_types",
        th.ArrayType(th.IntegerType),
        default=[2],
        description="Types of messages in a result file that mean taken in.",
    ),
)

SETTINGS = th.PropertiesList(*CONNECTION_SETTINGS, *WRITING_SETTINGS, *XML_SETTINGS, *PARTY_SETTINGS, *LEDGER_SETTINGS)
