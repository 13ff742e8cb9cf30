"""What is sold: products with vendors and stock, services and a bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.autotask.seed.ground import API_USER

if TYPE_CHECKING:
    from sandbox.autotask.seed.ground import Ground
    from sandbox.world import Company, Product

WAREHOUSE, VAN = 1, 2
BUNDLE = 401
MONTHLY = 2


def fill(ground: Ground) -> None:
    """Fill them."""
    for number, name in ((WAREHOUSE, "Magazijn Utrecht"), (VAN, "Servicebus")):
        ground.put(
            "InventoryLocations",
            {"id": number, "locationName": name, "isActive": True, "isDefault": number == WAREHOUSE},
        )
    for number, product in enumerate(ground.world.products):
        put(ground, number, product, ground.world.vendors_of(product))
    _services(ground)


def put(ground: Ground, number: int, product: Product, vendors: tuple[Company, ...]) -> None:
    """Store a product, who sells it, the usual vendor first, and what there is of it in stock."""
    vendor = vendors[0]
    code = ground.code_ids[product.billing_code]
    ground.put(
        "Products",
        {"id": product.id, "name": product.name, "sku": product.sku, "description": product.name, "isActive": True,
         "isSerialized": product.serialised, "productBillingCodeID": code, "chargeBillingCodeID": code,
         "productCategory": 1 if product.billing_code == "Hardware" else 2, "unitCost": float(product.cost),
         "unitPrice": float(product.price), "msrp": float(product.price), "defaultVendorID": vendor.id,
         "manufacturerName": "Orion", "vendorProductNumber": product.part_number, "periodType": 1,
         "doesNotRequireProcurement": False, "isEligibleForRma": False, "createdTime": ground.moment(700 - number),
         "userDefinedFields": [{"name": "Artikelgroep ERP", "value": None}]},
    )  # fmt: skip
    for place, company in enumerate(vendors):
        ground.put(
            "ProductVendors",
            {"id": 8001 + 2 * number + place, "productID": product.id, "vendorID": company.id, "isActive": True,
             "isDefault": place == 0, "vendorCost": float(product.cost), "vendorPartNumber": product.part_number},
        )  # fmt: skip
    if product.billing_code == "Hardware":
        _stock(ground, number, product, vendor.id)


def _stock(ground: Ground, number: int, product: Product, vendor: int) -> None:
    on_hand = 4 + number * 3 % 17
    pair = {"inventoryLocationID": WAREHOUSE, "productID": product.id}
    ground.put(
        "InventoryItems",
        {"id": 501 + number, **pair, "quantityOnHand": on_hand, "quantityMinimum": 2, "quantityMaximum": 40,
         "quantityOnOrder": 0, "quantityReserved": 0, "quantityPicked": 0, "backOrderQuantity": 0, "bin": f"A{number}"},
    )  # fmt: skip
    ground.put(
        "InventoryProducts",
        {"id": 601 + number, **pair, "onHandUnits": on_hand, "availableUnits": on_hand, "quantityMinimum": 2,
         "quantityMaximum": 40, "reservedUnits": 0, "pickedUnits": 0, "unitsOnOrder": 0, "backOrderQuantity": 0,
         "createDateTime": ground.moment(600), "createdByResourceID": API_USER},
    )  # fmt: skip
    ground.put(
        "InventoryStockedItems",
        {"id": 701 + number, "inventoryProductID": 601 + number, "currentInventoryLocationID": WAREHOUSE,
         "onHandUnits": on_hand, "availableUnits": on_hand, "unitCost": float(product.cost), "vendorID": vendor,
         "createDateTime": ground.moment(90), "createdByResourceID": API_USER},
    )  # fmt: skip


def _services(ground: Ground) -> None:
    for service in ground.world.services:
        ground.put(
            "Services",
            {"id": service.id, "name": service.name, "billingCodeID": ground.code_ids[service.billing_code],
             "periodType": MONTHLY, "unitPrice": float(service.price), "unitCost": round(float(service.price) * 0.6, 2),
             "isActive": True, "invoiceDescription": service.name, "createDate": ground.moment(800),
             "lastModifiedDate": ground.moment(150)},
        )  # fmt: skip
    ground.put(
        "ServiceBundles",
        {"id": BUNDLE, "name": "Werkplek compleet", "billingCodeID": ground.code_ids["Managed services"],
         "periodType": MONTHLY, "unitPrice": 57.5, "unitCost": 31.0, "isActive": True,
         "invoiceDescription": "Werkplek compleet", "createDate": ground.moment(500),
         "lastModifiedDate": ground.moment(120)},
    )  # fmt: skip
