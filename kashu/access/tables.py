"""Tenants and the people and programs that act for them."""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY

from kashu.core.schema import (
    belongs_to,
    index,
    metadata,
    of_a_tenant,
    one_of,
    state_column,
    tenant_table,
    unique,
)


class StaffState(StrEnum):
    """May somebody sign in?"""

    INVITED = "invited"  # has a one-time link, no password yet
    ACTIVE = "active"  # signs in
    DISABLED = "disabled"  # may not any more; what they did stays theirs


class KeyPurpose(StrEnum):
    """What a tenant's data key is for."""

    SEAL = "seal"  # encrypts cards; rotates
    INDEX = "index"  # the blind index; stays, or duplicates of old cards would pass as new


class KeyState(StrEnum):
    """Is a data key used for new things?"""

    CURRENT = "current"  # seals what is new
    RETIRING = "retiring"  # still opens what hasn't been resealed yet
    RETIRED = "retired"  # nothing is sealed under it any more; its key is erased


# The one table without a tenant's row-level security: the list of tenants itself, no secrets in it.
tenants: Final = Table(
    "tenants",
    metadata,
    Column("id", BigInteger(), Identity(always=True), primary_key=True),
    Column("code", Text(), nullable=False, unique=True),
    Column("name", Text(), nullable=False),
    Column("timezone", Text(), nullable=False, server_default="Asia/Shanghai"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    schema="access",
)

staff: Final = tenant_table(
    "access",
    "staff",
    Column("login", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("role", Text(), nullable=False),
    Column("password_hash", Text()),  # argon2id
    state_column(StaffState.INVITED),
    Column("failed_count", Integer(), nullable=False, server_default="0"),
    Column("locked_until", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("staff_login_is_unique", "login"),
    one_of("state", StaffState, "staff_state_is_known"),
    CheckConstraint(
        "state <> 'active' OR password_hash IS NOT NULL", name="active_staff_has_a_password"
    ),
    of_a_tenant("staff_knows_its_tenant"),
)

invitations: Final = tenant_table(
    "access",
    "invitations",
    Column("staff_id", Uuid(), nullable=False),
    Column("token_hash", LargeBinary(), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    unique("invitation_token_is_unique", "token_hash"),
    belongs_to("staff_id", "access.staff", "invitation_knows_its_staff"),
)

sessions: Final = tenant_table(
    "access",
    "sessions",
    Column("staff_id", Uuid(), nullable=False),
    Column("token_hash", LargeBinary(), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    unique("session_token_is_unique", "token_hash"),
    belongs_to("staff_id", "access.staff", "session_knows_its_staff"),
)

api_keys: Final = tenant_table(
    "access",
    "api_keys",
    Column("name", Text(), nullable=False),
    Column("scopes", ARRAY(Text()), nullable=False),
    Column("sealed_secret", LargeBinary(), nullable=False),  # HMAC needs it back in clear
    Column("customer_id", Uuid()),  # orders by this key are this customer's
    Column("store_id", Uuid()),  # … and this store's
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    of_a_tenant("api_key_knows_its_tenant"),
    belongs_to("store_id", "channels.stores", "api_key_knows_its_store"),
    belongs_to("customer_id", "customers.customers", "api_key_knows_its_customer"),
)

nonces: Final = tenant_table(
    "access",
    "nonces",
    Column("key_id", Uuid(), nullable=False),
    Column("nonce", Text(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    index("nonces_by_age", "at"),
    key=("key_id", "nonce"),
)

data_keys: Final = tenant_table(
    "access",
    "data_keys",
    Column("version", Integer(), nullable=False),
    Column("purpose", Text(), nullable=False),
    Column("wrapped", LargeBinary(), nullable=False),  # under the master key, which is elsewhere
    Column("master_key_id", Text(), nullable=False),  # which master key wrapped it
    state_column(KeyState.CURRENT),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    one_of("state", KeyState, "data_key_state_is_known"),
    one_of("purpose", KeyPurpose, "data_key_purpose_is_known"),
    unique("one_current_key_a_purpose", "purpose", where="state = 'current'"),
    of_a_tenant("data_key_knows_its_tenant"),
    key=("purpose", "version"),
)
