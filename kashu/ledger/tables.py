"""The double-entry ledger. Transfers are only ever added; the program's role can't change one."""

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
from kashu.ledger.kinds import SUPPLIER_KINDS, AccountKind

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
    Column("quantity", Integer(), nullable=False),  # units; `daily` counts them up or down by side
    Column("posted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("posted_on", Date(), nullable=False),  # the merchant's day
    Column("reason", Text(), nullable=False),  # sale, cost, refund, receive, void …
    Column("subject_id", Uuid(), nullable=False),  # the line, lot or refund it is about
    Column("sku_id", Uuid()),
    Column("store_id", Uuid()),
    Column("customer_id", Uuid()),
    Column("supplier_id", Uuid()),
    Column("reverses_id", Uuid()),  # the transfer that this one takes back
    index("transfers_by_time", "posted_at"),
    index("transfers_of_a_subject", "subject_id"),
    unique("transfer_is_reversed_once", "reverses_id", where="reverses_id IS NOT NULL"),
    belongs_to("reverses_id", "ledger.transfers", "reversal_knows_its_transfer"),
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

# What a day did to our money with a supplier, written in the same statement as the transfers:
# what is there now costs the same after years. `verify` adds the transfers up and compares.
supplier_days: Final = tenant_table(
    "ledger",
    "supplier_days",
    Column("supplier_id", Uuid(), nullable=False),
    Column("currency", Text(), nullable=False),
    Column("posted_on", Date(), nullable=False),
    *(
        Column(f"{kind.value}_{side}_e4", BigInteger(), nullable=False, server_default="0")
        for kind in sorted(SUPPLIER_KINDS)
        for side in ("debit", "credit")
    ),
    # From prepaid and in_doubt to inventory or cost_of_goods, less what came back.
    Column("spent_e4", BigInteger(), nullable=False, server_default="0"),
    of_a_tenant("supplier_day_knows_its_tenant"),
    key=("supplier_id", "currency", "posted_on"),
    fillfactor=50,  # changes with every purchase, in place
)
