"""The double-entry ledger. Transfers are only ever added; the program's role can't change one."""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    func,
)

from kashu.core.schema import (
    belongs_to,
    index,
    of_a_tenant,
    one_of,
    tenant_table,
    unique,
)


class AccountKind(StrEnum):
    """What an account counts. `owner_id` says whose, where the comment names an owner."""

    RECEIVABLE = "receivable"  # asset, store: what platforms owe us
    WALLET = "wallet"  # asset while owed to us, customer: a customer's running account
    INVENTORY = "inventory"  # asset, warehouse: cards at cost
    PREPAID = "prepaid"  # asset, supplier: our money with them
    IN_DOUBT = "in_doubt"  # asset, supplier: sent, outcome unknown
    PAYABLE = "payable"  # liability, supplier
    RECOVERIES = "recoveries"  # asset, supplier: asked back for bad cards
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

accounts: Final = tenant_table(
    "ledger",
    "accounts",
    Column("kind", Text(), nullable=False),
    Column("owner_id", Uuid()),
    Column("currency", Text(), nullable=False),
    unique("account_is_unique", "kind", "owner_id", "currency", nulls_equal=True),
    one_of("kind", AccountKind, "account_kind_is_known"),
    of_a_tenant("account_knows_its_tenant"),
)

transfers: Final = tenant_table(
    "ledger",
    "transfers",
    Column("debit_account_id", Uuid(), nullable=False),
    Column("credit_account_id", Uuid(), nullable=False),
    Column("amount_e4", BigInteger(), nullable=False),
    Column("currency", Text(), nullable=False),
    Column("quantity", Integer(), nullable=False),  # units sold; negative when they come back
    Column("posted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("posted_on", Date(), nullable=False),  # the merchant's day
    Column("reason", Text(), nullable=False),  # sale, cost, refund, receive, void …
    Column("subject_id", Uuid(), nullable=False),  # the line, lot or refund it is about
    Column("sku_id", Uuid()),
    Column("store_id", Uuid()),
    Column("customer_id", Uuid()),
    Column("supplier_id", Uuid()),
    index("transfers_by_time", "posted_at"),
    index("transfers_of_a_subject", "subject_id"),
    belongs_to("debit_account_id", "ledger.accounts", "transfer_debits_an_account"),
    belongs_to("credit_account_id", "ledger.accounts", "transfer_credits_an_account"),
    CheckConstraint("amount_e4 >= 0", name="transfer_is_not_negative"),
    CheckConstraint("debit_account_id <> credit_account_id", name="transfer_has_two_sides"),
    append_only=True,
)

# What the transfers of a day add up to, by whom and what they concern. Written in the same
# statement as the transfers; `verify` adds them up again and compares.
daily: Final = tenant_table(
    "ledger",
    "daily",
    Column("posted_on", Date(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("currency", Text(), nullable=False),
    Column("sku_id", Uuid()),
    Column("store_id", Uuid()),
    Column("customer_id", Uuid()),
    Column("supplier_id", Uuid()),
    Column("debit_e4", BigInteger(), nullable=False),
    Column("credit_e4", BigInteger(), nullable=False),
    Column("quantity", BigInteger(), nullable=False),
    unique(
        "daily_is_unique",
        "posted_on",
        "kind",
        "currency",
        "sku_id",
        "store_id",
        "customer_id",
        "supplier_id",
        nulls_equal=True,
    ),
)
