"""Who may do what: the one table of roles and permissions."""

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """Something that may be allowed. An API key's scopes are these too."""

    CATALOG_READ = "catalog.read"
    CATALOG_WRITE = "catalog.write"
    STOCK_READ = "stock.read"
    STOCK_IMPORT = "stock.import"
    STOCK_MOVE = "stock.move"  # transfer, freeze, void
    STOCK_COUNT = "stock.count"
    STOCK_REVEAL = "stock.reveal"  # see a card's secret, with a reason
    STOCK_STRATEGY = "stock.strategy"
    SUPPLIERS_READ = "suppliers.read"  # offers and prices, health, quality
    SUPPLIERS_WRITE = "suppliers.write"  # connect them, map what they sell, say on what terms
    PURCHASES_READ = "purchases.read"
    PURCHASES_WRITE = "purchases.write"  # want something, within the limits; decide what is unclear
    PURCHASES_APPROVE = "purchases.approve"  # what somebody else wanted
    PREPAID_READ = "prepaid.read"  # our money with suppliers
    PREPAID_WRITE = "prepaid.write"  # ask for a deposit, match statements, post adjustments
    PREPAID_APPROVE = "prepaid.approve"  # what somebody else asked for
    ORDERS_READ = "orders.read"
    ORDERS_WRITE = "orders.write"
    ORDERS_REFUND = "orders.refund"
    ORDERS_APPROVE = "orders.approve"  # what somebody else asked for above a limit
    LEDGER_READ = "ledger.read"
    REPORTS_READ = "reports.read"
    STAFF_MANAGE = "staff.manage"
    KEYS_MANAGE = "keys.manage"
    SETTINGS_WRITE = "settings.write"
    AUDIT_READ = "audit.read"  # who did what and when; how the program itself is doing


# What a key can use that is bound to one store or customer: the rest concerns the whole shop.
BOUND_MAY: Final = frozenset(
    {
        Permission.CATALOG_READ,
        Permission.STOCK_REVEAL,  # the cards of its own orders
        Permission.ORDERS_READ,
        Permission.ORDERS_WRITE,
        Permission.ORDERS_REFUND,
    }
)


class Role(StrEnum):
    """What somebody is in the shop."""

    OWNER = "owner"  # 商户: everything
    OPS = "ops"  # 运营: stock and orders, buys within limits; no books, no profits
    FINANCE = "finance"  # 财务: the books, refunds; no card is ever seen
    SERVICE = "service"  # 客服: finds, resends, refunds an order
    AUDITOR = "auditor"  # 审计: reads all, changes nothing, sees no card


ROLE_PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    Role.OWNER: frozenset(Permission),
    Role.OPS: frozenset(
        {
            Permission.CATALOG_READ,
            Permission.CATALOG_WRITE,
            Permission.STOCK_READ,
            Permission.STOCK_IMPORT,
            Permission.STOCK_MOVE,
            Permission.STOCK_COUNT,
            Permission.STOCK_REVEAL,
            Permission.STOCK_STRATEGY,
            Permission.SUPPLIERS_READ,
            Permission.PURCHASES_READ,
            Permission.PURCHASES_WRITE,
            Permission.ORDERS_READ,
            Permission.ORDERS_WRITE,
            Permission.ORDERS_APPROVE,
        }
    ),
    Role.FINANCE: frozenset(
        {
            Permission.CATALOG_READ,
            Permission.STOCK_READ,
            Permission.SUPPLIERS_READ,
            Permission.PURCHASES_READ,
            Permission.PURCHASES_APPROVE,
            Permission.PREPAID_READ,
            Permission.PREPAID_WRITE,
            Permission.PREPAID_APPROVE,
            Permission.ORDERS_READ,
            Permission.ORDERS_REFUND,
            Permission.ORDERS_APPROVE,
            Permission.LEDGER_READ,
            Permission.REPORTS_READ,
        }
    ),
    Role.SERVICE: frozenset(
        {
            Permission.CATALOG_READ,
            Permission.STOCK_READ,
            Permission.STOCK_REVEAL,
            Permission.ORDERS_READ,
            Permission.ORDERS_WRITE,
            Permission.ORDERS_REFUND,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            Permission.CATALOG_READ,
            Permission.STOCK_READ,
            Permission.SUPPLIERS_READ,
            Permission.PURCHASES_READ,
            Permission.PREPAID_READ,
            Permission.ORDERS_READ,
            Permission.LEDGER_READ,
            Permission.REPORTS_READ,
            Permission.AUDIT_READ,
        }
    ),
}
