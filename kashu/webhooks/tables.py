"""Addresses that are told what happens, what each is to be told, and each try."""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY

from kashu.core.schema import (
    belongs_to,
    index,
    of_a_tenant,
    one_of,
    state_column,
    tenant_table,
    unique,
)
from kashu.webhooks.kinds import DeliveryState, EndpointState

endpoints: Final = tenant_table(
    "webhooks",
    "endpoints",
    Column("name", Text(), nullable=False),
    Column("url", Text(), nullable=False),
    Column("types", ARRAY(Text()), nullable=False),  # which it chose; none: all
    Column("store_id", Uuid()),  # it hears of this store's orders only …
    Column("customer_id", Uuid()),  # … or of this customer's
    state_column(EndpointState.OPEN),
    Column("said", Text(), nullable=False, server_default=""),  # why it is disabled
    Column("sealed_secret", LargeBinary(), nullable=False),
    Column("sealed_earlier", LargeBinary()),  # the one before, which signs, too …
    Column("earlier_until", DateTime(timezone=True)),  # … until then
    Column("failing_since", DateTime(timezone=True)),  # since when no try of it succeeded
    Column("resume_at", DateTime(timezone=True)),  # it can't be reached or wants a rest: until then
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    of_a_tenant("endpoint_knows_its_tenant"),
    belongs_to("store_id", "channels.stores", "endpoint_knows_its_store"),
    belongs_to("customer_id", "customers.customers", "endpoint_knows_its_customer"),
    one_of("state", EndpointState, "endpoint_state_is_known"),
    CheckConstraint(
        "(sealed_earlier IS NULL) = (earlier_until IS NULL)", name="earlier_secret_has_an_end"
    ),
    CheckConstraint(
        "store_id IS NULL OR customer_id IS NULL", name="endpoint_is_bound_to_one_thing"
    ),
)

# One message for one address. Sent again it is the same: its id, its body.
deliveries: Final = tenant_table(
    "webhooks",
    "deliveries",
    Column("endpoint_id", Uuid(), nullable=False),
    Column("message_id", Uuid(), nullable=False),  # the event's
    Column("type", Text(), nullable=False),
    Column("body", Text(), nullable=False),  # as it is signed and sent: never a card
    Column("happened_at", DateTime(timezone=True), nullable=False),
    state_column(DeliveryState.DUE),
    Column("tries", Integer(), nullable=False, server_default="0"),  # of this round: see replay.py
    Column("attempts", Integer(), nullable=False, server_default="0"),  # ever: whose lease it is
    Column("next_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    unique("endpoint_is_told_once", "endpoint_id", "message_id"),
    index("deliveries_due", "endpoint_id", "next_at", where="state = 'due'"),
    index("deliveries_by_state", "endpoint_id", "state", "message_id"),
    index("deliveries_ended", "ended_at", where="ended_at IS NOT NULL"),
    belongs_to("endpoint_id", "webhooks.endpoints", "delivery_knows_its_endpoint"),
    one_of("state", DeliveryState, "delivery_state_is_known"),
    CheckConstraint("(state = 'due') = (ended_at IS NULL)", name="delivery_ends_once"),
    fillfactor=70,
)

attempts: Final = tenant_table(
    "webhooks",
    "attempts",
    Column("delivery_id", Uuid(), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("took_ms", Integer(), nullable=False),
    Column("status", Integer()),  # what it answered; none: no answer came
    Column("said", Text(), nullable=False),  # why it was in vain
    belongs_to("delivery_id", "webhooks.deliveries", "attempt_knows_its_delivery"),
    key=("delivery_id", "number"),
)
