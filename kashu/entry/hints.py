"""Hints: who may be told that something happened, by what it happened to."""

from collections.abc import Mapping
from typing import Final

from kashu.access.permissions import Permission

# By the first word of an event's kind: what it takes to be told. What isn't here is told nobody;
# a test compares this with every event that the program writes.
TOLD_TO: Final[Mapping[str, Permission]] = {
    "agent": Permission.ORDERS_READ,
    "alert": Permission.STOCK_READ,
    "annotation": Permission.ORDERS_READ,
    "approval": Permission.ORDERS_READ,
    "attempt": Permission.PURCHASES_READ,
    "backup": Permission.AUDIT_READ,
    "brand": Permission.CATALOG_READ,
    "card_question": Permission.AUDIT_READ,
    "cards": Permission.STOCK_READ,
    "contact": Permission.SUPPLIERS_READ,
    "customer": Permission.CATALOG_READ,
    "desk": Permission.ORDERS_READ,
    "finding": Permission.PREPAID_READ,
    "good": Permission.CATALOG_READ,
    "import": Permission.STOCK_READ,
    "key": Permission.KEYS_MANAGE,
    "keys": Permission.KEYS_MANAGE,
    "levels": Permission.STOCK_READ,
    "listing": Permission.CATALOG_READ,
    "listings": Permission.CATALOG_READ,
    "login": Permission.STAFF_MANAGE,
    "lot": Permission.STOCK_READ,
    "movement": Permission.PREPAID_READ,
    "offer": Permission.SUPPLIERS_READ,
    "opening": Permission.LEDGER_READ,
    "order": Permission.ORDERS_READ,
    "order_limits": Permission.SETTINGS_WRITE,
    "paper": Permission.SUPPLIERS_READ,
    "personal": Permission.SETTINGS_WRITE,
    "product": Permission.CATALOG_READ,
    "purchase": Permission.PURCHASES_READ,
    "purchase_rule": Permission.PURCHASES_READ,
    "quality": Permission.SUPPLIERS_READ,
    "reservation": Permission.STOCK_READ,
    "shop_order": Permission.ORDERS_READ,
    "shop_refund": Permission.ORDERS_READ,
    "sku": Permission.CATALOG_READ,
    "staff": Permission.STAFF_MANAGE,
    "statement": Permission.PREPAID_READ,
    "stock": Permission.STOCK_READ,
    "stocktake": Permission.STOCK_READ,
    "store": Permission.CATALOG_READ,
    "strategy": Permission.STOCK_READ,
    "supplier": Permission.SUPPLIERS_READ,
    "suppliers": Permission.SUPPLIERS_READ,
    "tenant": Permission.STAFF_MANAGE,
    "transfer": Permission.LEDGER_READ,
    "verify": Permission.REPORTS_READ,
    "wallet": Permission.LEDGER_READ,
    "warehouse": Permission.STOCK_READ,
    "watched_file": Permission.SUPPLIERS_READ,
    "webhook": Permission.KEYS_MANAGE,
}


def subject_of(kind: str) -> str:
    """What an event is about: "order" of "order.filled"."""
    return kind.partition(".")[0]


def wanted_for(kind: str) -> Permission | None:
    """What it takes to be told of an event; None: nobody is."""
    return TOLD_TO.get(subject_of(kind))
