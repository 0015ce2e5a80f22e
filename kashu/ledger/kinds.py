"""The kinds of account, as every module names them."""

from enum import StrEnum
from typing import Final


class AccountKind(StrEnum):
    """What an account counts. `owner_id` says whose, where the comment names an owner."""

    RECEIVABLE = "receivable"  # asset, store: what platforms owe us
    WALLET = "wallet"  # asset while owed to us, customer: a customer's running account
    INVENTORY = "inventory"  # asset, warehouse: cards at cost
    PREPAID = "prepaid"  # asset, supplier: our money with them
    IN_DOUBT = "in_doubt"  # asset, supplier: sent, outcome unknown
    PAYABLE = "payable"  # liability, supplier
    RECOVERIES = "recoveries"  # asset, supplier: asked back for bad cards
    EXCHANGE = "exchange"  # supplier, one each currency: theirs that was spent, ours it came to
    REVENUE = "revenue"  # income
    COST_OF_GOODS = "cost_of_goods"  # expense
    CHANNEL_FEES = "channel_fees"  # expense
    AFTER_SALES_LOSS = "after_sales_loss"  # expense: cards burnt by refunds and replacements
    EXPIRED_STOCK = "expired_stock"  # expense
    STOCK_LOSS = "stock_loss"  # expense: void or missing cards
    CAMPAIGN_BUDGET = "campaign_budget"  # expense, campaign
    POINTS_LIABILITY = "points_liability"  # liability
    CASH = "cash"  # asset, by method
    OPENING = "opening"  # equity: what was there before us


# What the profit report adds up; only these have rows in `daily`.
PROFIT_KINDS: Final = frozenset(
    {
        AccountKind.REVENUE,
        AccountKind.COST_OF_GOODS,
        AccountKind.CHANNEL_FEES,
        AccountKind.AFTER_SALES_LOSS,
        AccountKind.EXPIRED_STOCK,
        AccountKind.STOCK_LOSS,
    }
)

# What we have with a supplier, and owe it: their totals of each day are kept in `supplier_days`.
SUPPLIER_KINDS: Final = frozenset(
    {
        AccountKind.PREPAID,
        AccountKind.IN_DOUBT,
        AccountKind.PAYABLE,
        AccountKind.RECOVERIES,
    }
)
# Where money goes that bought goods.
GOODS_KINDS: Final = frozenset(
    {AccountKind.INVENTORY, AccountKind.COST_OF_GOODS, AccountKind.EXCHANGE}
)
