"""What is to be bought, and for whose sake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kashu.core.ids import new_id
from kashu.purchases.kinds import Cause
from kashu.suppliers.kinds import Goods


@dataclass(frozen=True, slots=True)
class Request:
    """Which request of whom wants it: the same one has one effect."""

    key: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be bought, and for whose sake."""

    sku_id: UUID
    goods: Goods
    quantity: int  # units of our SKU
    cause: Cause = Cause.HAND
    id: UUID = field(default_factory=new_id)  # sealed inputs are bound to it
    warehouse_id: UUID | None = None  # for cards; None: as the rules say
    subject_id: UUID | None = None  # the order line that waits for it
    store_id: UUID | None = None
    customer_id: UUID | None = None
    supplier_id: UUID | None = None  # only from this one
    # All that one may cost. By hand: as said, None: a little above the best offer. By itself: the
    # rules bound it, too.
    unit_cost_max_e4: int | None = None
    selling_e4: int | None = None  # what the line that waits was sold for, a unit; None: not told
    facts: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None  # None: as the rules say
    draft: bool = False  # to be decided by a person
    confirm: bool = False  # somebody looked at what is unusual
    request: Request | None = None
    # What is topped up: sealed by who knows it.
    sealed_inputs: bytes | None = field(default=None, repr=False)
    key_version: int | None = None
    masked_account: str = ""
