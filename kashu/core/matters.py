"""Matters: what waits for a person, told by each module in one shape, so that it is one queue.

A module gives a Select of its own tables; the desk puts them together. Nothing is copied: who
solves a matter changes the state it is read from, and it is gone.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine


class Matter(StrEnum):
    """What waits for a person: a closed list. The desk says of each what to do next."""

    SHORT_LINE = "short_line"  # 缺货
    TOPUP_FAILED = "topup_failed"
    LISTING_UNMAPPED = "listing_unmapped"
    ACCOUNT_UNREAD = "account_unread"
    TO_BE_TOPPED_UP = "to_be_topped_up"
    TO_BE_HANDED_OVER = "to_be_handed_over"
    TO_BE_RELEASED = "to_be_released"
    ORDERS_TO_APPROVE = "orders_to_approve"  # entered by hand above a limit
    REFUND_TO_APPROVE = "refund_to_approve"
    PAID_BEFORE = "paid_before"  # while the old way delivered: has the buyer got it already?
    ORDER_HELD = "order_held"  # by its platform, a refund that is asked for, or wrong numbers
    ORDER_IN_TROUBLE = "order_in_trouble"
    DELIVERY_UNCLEAR = "delivery_unclear"  # 存疑: it may have been sent, or confirmed
    CONFIRMATION_FAILING = "confirmation_failing"  # 回填失败
    ORDER_OVERDUE = "order_overdue"  # or about to be, though nothing else is in its way
    SHOP_REFUND_IN_TROUBLE = "shop_refund_in_trouble"
    GRANT_LOST = "grant_lost"
    STORE_UNREACHABLE = "store_unreachable"
    HISTORY_MISSED = "history_missed"  # an outage outlasted the platform's memory
    PURCHASE_TO_APPROVE = "purchase_to_approve"
    PURCHASE_DRAFT = "purchase_draft"
    PURCHASE_HELD = "purchase_held"
    PURCHASE_OVERDUE = "purchase_overdue"
    MONEY_IN_DOUBT = "money_in_doubt"  # it is being asked about
    PURCHASE_TO_DECIDE = "purchase_to_decide"  # asking didn't clear it up
    STATEMENT_FINDING = "statement_finding"
    RESOLUTION_TO_APPROVE = "resolution_to_approve"
    MOVEMENT_TO_APPROVE = "movement_to_approve"
    MOVEMENT_TO_FINISH = "movement_to_finish"  # approved or paid, and not in the books
    OFFER_HELD = "offer_held"
    PRICE_MOVED = "price_moved"
    SUPPLIER_LOCKED_OUT = "supplier_locked_out"
    SUPPLIER_ALERT = "supplier_alert"
    STOCK_LOW = "stock_low"
    STOCK_EXPIRING = "stock_expiring"
    INVARIANT_BROKEN = "invariant_broken"
    PILOT_UNEXPLAINED = "pilot_unexplained"


# Every matter has these, in this order; what one hasn't is NULL.
COLUMNS: Final[Mapping[str, TypeEngine[Any]]] = MappingProxyType(
    {
        "kind": Text(),  # a Matter
        "id": Uuid(),  # of what it is about; with the kind it names the matter
        "since": DateTime(timezone=True),
        "due_at": DateTime(timezone=True),  # by when it must be solved; NULL: nobody says
        "said": Text(),  # a code: why it waits
        "number": Text(),  # what people call it
        "parent_id": Uuid(),  # of what it is a part: a finding's statement, an attempt's purchase
        "order_id": Uuid(),  # ours
        "store_id": Uuid(),
        "customer_id": Uuid(),
        "sku_id": Uuid(),
        "supplier_id": Uuid(),
        "amount_e4": BigInteger(),
        "quantity": Integer(),
        "asked_by": Text(),  # who may not decide it, having asked for it
        "facts": JSONB(),  # plain values; never a secret
    }
)


def matters(
    kind: Matter | ColumnElement[Any],
    id_: ColumnElement[Any],
    since: ColumnElement[Any],
    **told: object,
) -> Select[Any]:
    """Begin the Select of some matters; `told`: more of COLUMNS. Add where they are and which."""
    given: dict[str, Any] = {"id": id_, "since": since, **told}
    given["kind"] = literal(kind.value, Text()) if isinstance(kind, Matter) else kind
    assert given.keys() <= COLUMNS.keys(), given.keys() - COLUMNS.keys()
    columns = []
    for name, kept_as in COLUMNS.items():
        value = given.get(name)
        if value is None:
            value = literal("", Text()) if name in {"said", "number"} else cast(null(), kept_as)
        columns.append(value.label(name))
    return select(*columns)


def facts(**values: object) -> ColumnElement[Any]:
    """Put plain values together as a matter's facts."""
    pairs = [part for name, value in values.items() for part in (literal(name, Text()), value)]
    return func.jsonb_build_object(*pairs, type_=JSONB())
