"""What lines of invoices come from: contracts, projects and tickets of every customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.autotask.seed.ground import API_USER, ENGINEERS

if TYPE_CHECKING:
    from sandbox.autotask.seed.ground import Ground
    from sandbox.world import Company

TICKETS = (
    "VPN-verbinding valt weg", "Laptop traag na update", "Nieuwe medewerker aanmelden", "Printer offline",
    "Wachtwoord vergeten", "Wifi in vergaderzaal", "Back-up mislukt", "Mailbox vol", "Verdachte e-mail gemeld",
)  # fmt: skip
PROJECTS = ("Migratie naar de cloud", "Vervanging werkplekken", "Nieuw netwerk", "Verhuizing")
RECURRING = 5
IN_PROGRESS = 2
COMPLETE = 5


@dataclass(frozen=True)
class Origin:
    """Where the lines of one customer's invoices come from: ids."""

    contract: int
    contract_services: dict[int, int]
    project: int
    tickets: tuple[int, ...]


def fill(ground: Ground) -> dict[int, Origin]:
    """Fill them and return each customer's."""
    return {
        company.id: _customer(ground, number, company)
        for number, company in enumerate(ground.world.of_kind("customer"))
    }


def _customer(ground: Ground, number: int, company: Company) -> Origin:
    origin = Origin(
        contract=29684000 + number,
        contract_services={
            service.id: 10 * number + place for place, service in enumerate(ground.world.services, start=9001)
        },
        project=1201 + number,
        tickets=tuple(range(7001 + 3 * number, 7004 + 3 * number)),
    )
    _contract(ground, company, origin)
    person = ENGINEERS[number % len(ENGINEERS)]
    _project(ground, number, company, origin)
    for place, ticket in enumerate(origin.tickets):
        created = ground.moment(150 - 20 * place + number % 7 + 0.4)
        ground.put(
            "Tickets",
            {"id": ticket, "companyID": company.id, "title": TICKETS[(3 * number + place) % len(TICKETS)],
             "ticketNumber": f"T{ground.today.year}{place + 1:02d}11.{ticket:04d}", "status": COMPLETE, "priority": 2,
             "queueID": 29682833, "ticketType": 1, "contractID": origin.contract, "assignedResourceID": person,
             "assignedResourceRoleID": ground.world.roles[0].id, "createDate": created, "creatorResourceID": API_USER,
             "lastActivityDate": created, "lastTrackedModificationDateTime": created, "completedDate": created},
        )  # fmt: skip
    return origin


def _contract(ground: Ground, company: Company, origin: Origin) -> None:
    ground.put(
        "Contracts",
        {"id": origin.contract, "companyID": company.id, "contractName": "Beheerovereenkomst",
         "contractNumber": f"C{origin.contract}", "contractType": RECURRING, "contractPeriodType": 2, "status": 1,
         "contractCategory": 1, "startDate": ground.date(800), "endDate": ground.date(-300), "isDefaultContract": True,
         "timeReportingRequiresStartAndStopTimes": 0, "billingPreference": 1, "setupFee": 0.0,
         "lastModifiedDateTime": ground.moment(origin.contract % 90 + 0.3),
         "userDefinedFields": [{"name": "Kostenplaats", "value": "MS"}]},
    )  # fmt: skip
    for service in ground.world.services:
        price = float(service.price)
        ground.put(
            "ContractServices",
            {"id": origin.contract_services[service.id], "contractID": origin.contract, "serviceID": service.id,
             "unitPrice": price, "unitCost": round(price * 0.6, 2), "internalCurrencyUnitPrice": price,
             "internalCurrencyAdjustedPrice": price, "invoiceDescription": service.name},
        )  # fmt: skip


def _project(ground: Ground, number: int, company: Company, origin: Origin) -> None:
    ground.put(
        "Projects",
        {"id": origin.project, "companyID": company.id, "projectName": PROJECTS[number % len(PROJECTS)],
         "projectNumber": f"P{ground.today.year}.{origin.project:04d}", "projectType": 3, "status": IN_PROGRESS,
         "department": ground.world.departments[1].id, "contractID": origin.contract,
         "projectLeadResourceID": ENGINEERS[0], "startDateTime": ground.date(180), "endDateTime": ground.date(-60),
         "createDateTime": ground.moment(185), "creatorResourceID": API_USER, "completedPercentage": 40,
         "lastActivityDateTime": ground.moment(number % 30 + 0.6), "userDefinedFields": []},
    )  # fmt: skip
