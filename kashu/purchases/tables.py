"""Purchases and their attempts: each one order at one supplier, written before it leaves."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from kashu.core.schema import belongs_to, index, one_of, state_column, tenant_table, unique
from kashu.purchases.kinds import LIVE, OPEN, AttemptState, Cause, PurchaseState
from kashu.stock.kinds import BULK_MAX
from kashu.suppliers.kinds import Goods


def _any_of(states: frozenset[PurchaseState] | frozenset[AttemptState]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))


_NOT_ORDERED: Final = OPEN - {PurchaseState.PLACED}

purchases: Final = tenant_table(
    "purchases",
    "purchases",
    Column("sku_id", Uuid(), nullable=False),
    Column("goods", Text(), nullable=False),
    Column("quantity", Integer(), nullable=False),  # units of our SKU
    Column("received_count", Integer(), nullable=False, server_default="0"),
    Column("warehouse_id", Uuid()),  # where cards go; NULL: a top-up
    Column("cause", Text(), nullable=False),
    Column("subject_id", Uuid()),  # the order line that waits for it; purchases don't know more
    Column("store_id", Uuid()),  # for whose sake, where suppliers are chosen by store …
    Column("customer_id", Uuid()),  # … or customer
    Column("supplier_id", Uuid()),  # only from this one; NULL: from the best
    Column("unit_cost_max_e4", BigInteger()),  # all that one unit may cost, landed; NULL by hand
    Column("facts", JSONB(), nullable=False, server_default="{}"),  # why so many, why this limit
    state_column(PurchaseState.DRAFT),
    Column("said", Text(), nullable=False, server_default=""),  # why it is held or ended
    Column("actor", Text(), nullable=False),
    Column("approved_by", Text()),
    Column("approved_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("due_at", DateTime(timezone=True)),  # later somebody must look: the SLA clock
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ended_at", DateTime(timezone=True)),
    Column("used_at", DateTime(timezone=True)),  # a top-up's: its order line is settled
    # What is topped up: personal. Sealed under the tenant's data key, erased when it is settled.
    Column("sealed_inputs", LargeBinary()),
    Column("key_version", Integer()),
    Column("masked_account", Text(), nullable=False, server_default=""),
    # Buying: who said last what is wanted, what it may come to, which request it was made by.
    Column("asked_by", Text()),
    Column("amount_e4", BigInteger()),  # at its limit, or as offered then; NULL: nobody knows
    Column("request_key", Text()),
    Column("request_hash", LargeBinary()),
    Column("overdue_told_at", DateTime(timezone=True)),
    unique(
        "purchase_request_is_made_once", "actor", "request_key", where="request_key IS NOT NULL"
    ),
    unique(
        "sku_is_reordered_once",
        "sku_id",
        where=f"cause = 'reorder' AND state IN ({_any_of(OPEN)})",
    ),
    index("purchases_for_stock", "sku_id", "created_at", where="cause IN ('hand', 'reorder')"),
    index("purchases_open", "sku_id", where=f"state IN ({_any_of(OPEN)})"),
    index(
        "purchases_with_a_clock",
        "due_at",
        where=f"overdue_told_at IS NULL AND state IN ({_any_of(OPEN)})",
    ),
    CheckConstraint(
        "approved_by <> actor AND approved_by <> asked_by", name="purchase_is_approved_by_another"
    ),
    CheckConstraint(
        "(approved_by IS NULL) = (approved_at IS NULL)", name="purchase_approval_has_a_time"
    ),
    CheckConstraint(
        "(request_key IS NULL) = (request_hash IS NULL)", name="purchase_request_is_whole"
    ),
    unique(
        "purchase_for_a_line_is_made_once",
        "subject_id",
        where=f"subject_id IS NOT NULL AND state IN ({_any_of(OPEN)})",
    ),
    index("purchases_to_do", "next_at", where="state IN ('wanted', 'held')"),
    index("purchases_by_time", "created_at"),
    index("purchases_of_a_sku", "sku_id", "created_at"),
    index("purchases_of_a_subject", "subject_id", where="subject_id IS NOT NULL"),
    index(
        "topups_not_ordered", "id", where=f"cause = 'topup' AND state IN ({_any_of(_NOT_ORDERED)})"
    ),
    index("purchases_to_use", "id", where="used_at IS NULL AND cause = 'topup'"),
    belongs_to("sku_id", "catalog.skus", "purchase_knows_its_sku"),
    belongs_to("warehouse_id", "stock.warehouses", "purchase_knows_its_warehouse"),
    belongs_to("supplier_id", "suppliers.suppliers", "purchase_knows_its_supplier"),
    one_of("goods", Goods, "purchase_goods_are_known"),
    one_of("cause", Cause, "purchase_cause_is_known"),
    one_of("state", PurchaseState, "purchase_state_is_known"),
    CheckConstraint(f"quantity BETWEEN 1 AND {BULK_MAX}", name="purchase_is_of_a_sane_size"),
    CheckConstraint("received_count BETWEEN 0 AND quantity", name="purchase_receives_no_more"),
    CheckConstraint(
        "(goods = 'topup') = (warehouse_id IS NULL)", name="bought_cards_have_a_warehouse"
    ),
    CheckConstraint(
        "(state = 'done') <= (received_count = quantity)", name="done_purchase_is_whole"
    ),
    CheckConstraint(
        "cause = 'hand' OR unit_cost_max_e4 IS NOT NULL", name="automatic_purchase_has_a_ceiling"
    ),
    fillfactor=80,
)

attempts: Final = tenant_table(
    "purchases",
    "attempts",
    Column("purchase_id", Uuid(), nullable=False),
    Column("supplier_id", Uuid(), nullable=False),
    Column("offer_id", Uuid(), nullable=False),
    Column("number", Text(), nullable=False),  # ours, as the supplier knows it
    Column("their_number", Text()),
    Column("ref", Text(), nullable=False),
    Column("quantity", Integer(), nullable=False),  # of theirs
    Column("units", Integer(), nullable=False),  # of ours that one of theirs is
    Column("unit_cost_e4", BigInteger(), nullable=False),  # of one of theirs, as offered
    Column("total_e4", BigInteger(), nullable=False),  # what was set aside for it
    Column("currency", Text(), nullable=False),
    # What one of it costs in ours, in millionths, as it was compared: its goods cost that.
    Column("rate_e6", BigInteger(), nullable=False, server_default="1000000"),
    Column("account_kind", Text(), nullable=False),  # prepaid or payable: where the money is from
    Column("choice", JSONB(), nullable=False),  # why this offer: the ranking as it stood
    state_column(AttemptState.SENDING),
    Column("said", Text(), nullable=False, server_default=""),  # a code, or the supplier's word
    Column("word_unknown", Boolean(), nullable=False, server_default="false"),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("answered_at", DateTime(timezone=True)),  # when placing it ended, however it did
    Column("ended_at", DateTime(timezone=True)),
    Column("next_at", DateTime(timezone=True), nullable=False),  # asked about then; a lease
    # An ended one is asked about once more then: something says that it went on there.
    Column("again_at", DateTime(timezone=True)),
    Column("asks", Integer(), nullable=False, server_default="0"),
    Column("missing_count", Integer(), nullable=False, server_default="0"),  # "no such order", …
    Column("missing_at", DateTime(timezone=True)),  # … and when last: a second look, not an echo
    Column("charged_e4", BigInteger()),
    Column("refunded_e4", BigInteger(), nullable=False, server_default="0"),
    Column("received_count", Integer(), nullable=False, server_default="0"),  # units of ours
    Column("turned_away_count", Integer(), nullable=False, server_default="0"),
    Column("receipt", Text(), nullable=False, server_default=""),
    Column("account_key", Text()),  # under which a top-up's account is sent; NULL: ours, or unsent
    Column(
        "surplus", Boolean(), nullable=False, server_default="false"
    ),  # came after all, too late
    unique("attempt_number_is_used_once", "number"),
    unique(
        "supplier_order_is_bound_once",
        *("supplier_id", "their_number"),
        where="their_number IS NOT NULL",
    ),
    unique("purchase_has_one_live_attempt", "purchase_id", where=f"state IN ({_any_of(LIVE)})"),
    index(
        "attempts_to_ask", "next_at", where=f"state IN ({_any_of(LIVE - {AttemptState.MANUAL})})"
    ),
    index("attempts_to_ask_again", "again_at", where="again_at IS NOT NULL"),
    index("attempts_of_a_purchase", "purchase_id"),
    index("attempts_of_a_supplier", "supplier_id", "made_at"),
    index("attempts_in_doubt", "supplier_id", where=f"state IN ({_any_of(LIVE)})"),
    belongs_to("purchase_id", "purchases.purchases", "attempt_knows_its_purchase"),
    belongs_to("supplier_id", "suppliers.suppliers", "attempt_knows_its_supplier"),
    belongs_to("offer_id", "suppliers.offers", "attempt_knows_its_offer"),
    one_of("state", AttemptState, "attempt_state_is_known"),
    CheckConstraint("number ~ '^[A-Za-z0-9]{6,19}$'", name="attempt_number_suits_all_suppliers"),
    CheckConstraint("quantity >= 1 AND units >= 1", name="attempt_is_of_something"),
    CheckConstraint("total_e4 >= 0 AND refunded_e4 >= 0", name="attempt_money_is_not_negative"),
    CheckConstraint(
        "rate_e6 BETWEEN 1 AND 1000000000 AND (currency <> 'CNY' OR rate_e6 = 1000000)",
        name="attempt_rate_is_sane",
    ),
    fillfactor=70,
)

# What came into stock for an attempt: a lot each. Its money is in the books under the lot's id.
receipts: Final = tenant_table(
    "purchases",
    "receipts",
    Column("attempt_id", Uuid(), nullable=False),
    Column("lot_id", Uuid(), nullable=False),
    Column("cards", Integer(), nullable=False),
    Column("cost_e4", BigInteger(), nullable=False),  # of all of them
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("lot_is_received_once", "lot_id"),
    index("receipts_of_an_attempt", "attempt_id"),
    belongs_to("attempt_id", "purchases.attempts", "receipt_knows_its_attempt"),
    belongs_to("lot_id", "stock.lots", "receipt_knows_its_lot"),
    append_only=True,
)

# What people said about attempts that asking didn't clear up: who, why, and what proves it.
verdicts: Final = tenant_table(
    "purchases",
    "verdicts",
    Column("attempt_id", Uuid(), nullable=False),
    Column("bought", Boolean(), nullable=False),
    Column("reason", Text(), nullable=False),
    Column("evidence", Text(), nullable=False),
    Column("said_by", Text(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    index("verdicts_of_an_attempt", "attempt_id", "at"),
    belongs_to("attempt_id", "purchases.attempts", "verdict_knows_its_attempt"),
    append_only=True,
)

# Cards a supplier sent that we don't take: twice, ours already, not what was asked. The evidence.
rejected_cards: Final = tenant_table(
    "purchases",
    "rejected_cards",
    Column("attempt_id", Uuid(), nullable=False),
    Column("place", Integer(), nullable=False),  # in the supplier's answer, from 1
    Column("reason", Text(), nullable=False),  # a RejectClass, or a check of ours
    Column("tail", Text(), nullable=False),
    Column("sealed", LargeBinary(), nullable=False),
    Column("key_version", Integer(), nullable=False),
    Column("cost_e4", BigInteger(), nullable=False),  # asked back from the supplier
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("settled_at", DateTime(timezone=True)),  # the money is back, or written off
    Column("settled_because", Text()),
    unique("card_is_rejected_once", "attempt_id", "place"),
    index("rejected_cards_open", "at", where="settled_at IS NULL"),
    belongs_to("attempt_id", "purchases.attempts", "rejected_card_knows_its_attempt"),
    CheckConstraint(
        "(settled_at IS NULL) = (settled_because IS NULL)", name="rejected_card_is_settled_once"
    ),
)
