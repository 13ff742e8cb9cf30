"""The values of picklists: integers in rows, strings in the metadata.

Labels come from published metadata (ecitsolutions/Autotask); most numbers are nobody's documentation and follow the
order of the labels, so a client has to read them from ``entityInformation/fields``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import books

if TYPE_CHECKING:
    from sandbox.world import World

Picklists = dict[tuple[str, str], dict[str, str]]


def _numbered(*labels: str, start: int = 1) -> dict[str, str]:
    return {str(number): label for number, label in enumerate(labels, start=start)}


PERIODS = _numbered("One-Time", "Monthly", "Quarterly", "Yearly", "Semi-Annual")
CHARGE_TYPES = _numbered("Operational", "Capitalized")
CHARGE_STATUSES = _numbered("New", "Need to Order", "On Order", "Ready to Ship", "Delivered", "Canceled", "Billed")

FIXED: Picklists = {
    ("Companies", "companyType"): {
        "1": "Customer", "2": "Lead", "3": "Prospect", "4": "Dead", "6": "Cancelation", "7": "Vendor", "8": "Partner",
    },
    ("Companies", "billToAddressToUse"): _numbered(
        "NONE", "ACCOUNT", "ACCOUNTBILLING", "PARENT", "PARENTBILLING", start=0
    ),
    ("Companies", "invoiceMethod"): _numbered("None", "Print", "Email", "PrintAndEmail", start=0),
    ("Companies", "classification"): _numbered("Platinum", "Goud", "Zilver"),
    ("Companies", "territoryID"): _numbered("Noord", "Midden", "Zuid", start=29682600),
    ("Companies", "marketSegmentID"): _numbered("Zakelijke diensten", "Industrie", "Zorg", "Handel", start=29682610),
    ("CompanyAlerts", "alertTypeID"): _numbered("Company Detail", "New Ticket", "Ticket Detail"),
    ("CompanyToDos", "actionType"): _numbered("Phone Call", "E-Mail", "Meeting"),
    ("CompanyNotes", "actionType"): _numbered("Phone Call", "E-Mail", "Meeting"),
    ("BillingItems", "billingItemType"): _numbered(
        "Labor", "Project Cost", "Ticket Cost", "Expense", "Subscription", "Setup Fee", "Recurring Services",
        "Recurring Services Adjustment", "Recurring Service Bundle", "Recurring Service Bundle Adjustment",
        "Milestone", "Contract Block", "Contract Retainer", "Contract Cost", "Contract Incident",
    ),
    ("BillingItems", "subType"): _numbered(
        "Labor", "Milestone Labor", "Project Cost Deductions", "Project Cost", "Ticket Cost Deductions", "Ticket Cost",
        "Expense", "Expense Deductions", "Subscription", "Subscription Cost", "Setup Fee", "Recurring Services",
        "Recurring Services Adjustment", "Recurring Service Bundle", "Recurring Service Bundle Adjustment",
        "Milestones", "Block Purchase", "Retainer Purchase",
    ),
    ("BillingCodes", "useType"): _numbered(
        "General Allocation Code", "Expense Code", "Internal Allocation Code", "Material Cost Code",
        "Recurring Contract Service Code", "Milestone Code", "Product Code",
    ),
    ("BillingCodes", "billingCodeType"): _numbered("Normal", "System", "Non-Billable", start=0),
    ("PurchaseOrders", "status"): _numbered("New", "Submitted", "Received Partial", "Received Full", "Canceled"),
    ("PurchaseOrders", "useItemDescriptionsFrom"): _numbered("Product (Catalog)", "Quote Item", "Charge"),
    ("Products", "periodType"): PERIODS,
    ("Products", "productCategory"): _numbered("Hardware", "Licenties"),
    ("Services", "periodType"): PERIODS,
    ("ServiceBundles", "periodType"): PERIODS,
    ("Contracts", "contractType"): _numbered(
        "Time & Materials", "Fixed Price", "Block Hours", "Retainer", "Recurring Service", "Per Ticket"
    ),
    ("Contracts", "status"): _numbered("Inactive", "Active", start=0),
    ("Contracts", "contractPeriodType"): PERIODS,
    ("Contracts", "timeReportingRequiresStartAndStopTimes"): _numbered("No", "Yes", start=0),
    ("Contracts", "billingPreference"): _numbered("Immediately without review", "Manually", "On timesheet approval"),
    ("ContractMilestones", "status"): _numbered("In Progress", "Ready to Bill", "Billed", start=0),
    ("ContractCharges", "chargeType"): CHARGE_TYPES,
    ("ContractCharges", "status"): CHARGE_STATUSES,
    ("ProjectCharges", "chargeType"): CHARGE_TYPES,
    ("ProjectCharges", "status"): CHARGE_STATUSES,
    ("TicketCharges", "chargeType"): CHARGE_TYPES,
    ("TicketCharges", "status"): CHARGE_STATUSES,
    ("UserDefinedFieldDefinitions", "udfType"): _numbered(
        "Account", "Contact", "Installed_Product", "Opportunity", "Product", "Project", "SalesOrder", "Site_Config",
        "Task", "Ticket", "Contract",
    ),
    ("UserDefinedFieldDefinitions", "dataType"): {"1": "String", "2": "Numeric", "3": "Date", "5": "List"},
    ("UserDefinedFieldDefinitions", "displayFormat"): _numbered("Undefined", "Single Line", "Text Box"),
    ("QuoteItems", "quoteItemType"): _numbered(
        "Product", "Cost", "Labor", "Expense", "Shipping", "Discount", "Service", "ServiceBundle", "ContractSetupFee"
    ),
    ("InvoiceTemplates", "groupBy"): _numbered(
        "None", "All by Billing Code", "Labor by Contract", "Labor by Project", "Labor by Project & Phase",
        "Labor by Resource", "Labor by Role", "Labor by Task/Ticket", "Labor by Task/Ticket & Work Type",
        "Labor by Work Type", "All by Grouping Description", start=0,
    ),
    ("Projects", "projectType"): _numbered("Client", "Internal", "Proposal", start=3),
    ("Projects", "status"): {"1": "New", "2": "In Progress", "5": "Complete"},
    ("Tickets", "status"): {"1": "New", "5": "Complete", "7": "Waiting Customer", "8": "In Progress"},
    ("Tickets", "priority"): _numbered("High", "Medium", "Low", "Critical"),
    ("Tickets", "queueID"): _numbered("Servicedesk", "Projecten", start=29682833),
    ("Tickets", "ticketType"): _numbered("Service Request", "Incident", "Problem", "Change Request", "Alert"),
    ("TimeEntries", "timeEntryType"): {"2": "ITServiceRequest", "6": "ProjectTask"},
    ("ExpenseItems", "expenseCategory"): _numbered("Reiskosten", "Verblijf", "Parkeren", "Verzending"),
    ("ExpenseItems", "paymentType"): _numbered("Cash", "Company Card"),
    ("Resources", "licenseType"): {"1": "Professional", "7": "API User"},
}  # fmt: skip


def build(world: World) -> Picklists:
    """Return all picklists, those of the tenant's own lists among them."""
    terms = {str(term.id): term.name for term in world.payment_terms}
    accounts = {account.code: f"{account.code} {account.name}" for account in books.GL_ACCOUNTS}
    return FIXED | {
        ("Invoices", "paymentTerm"): terms,
        ("PurchaseOrders", "paymentTerm"): terms,
        ("Quotes", "paymentTerm"): terms,
        ("PurchaseOrders", "taxRegionID"): {str(region.id): region.name for region in world.tax_regions},
        ("Projects", "department"): {str(department.id): department.name for department in world.departments},
        ("BillingCodes", "generalLedgerAccount"): accounts,
    }
