"""Tenants and the people and programs that act for them."""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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
    # Who of these roles has no second factor yet may do nothing but add one.
    Column("second_factor_roles", ARRAY(Text()), nullable=False, server_default="{}"),
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
    Column("language", Text()),  # the console's; None: as the browser asks
    Column("preferences", JSONB(), nullable=False, server_default="{}"),  # shapes_me.Preferences
    unique("staff_login_is_unique", "login"),
    CheckConstraint("language IN ('zh', 'en')", name="staff_language_is_known"),
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
    # When they last proved who they are: by signing in, or by their password again.
    Column("proved_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()
    ),  # ± 5 min
    Column("device", Text(), nullable=False, server_default=""),  # "Chrome · Windows"; no address
    unique("session_token_is_unique", "token_hash"),
    index("sessions_of_somebody", "staff_id", where="ended_at IS NULL"),
    belongs_to("staff_id", "access.staff", "session_knows_its_staff"),
)

# A right password, waiting for the second factor.
pending_sign_ins: Final = tenant_table(
    "access",
    "pending_sign_ins",
    Column("staff_id", Uuid(), nullable=False),
    Column("token_hash", LargeBinary(), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    unique("pending_sign_in_token_is_unique", "token_hash"),
    index("pending_sign_ins_of_somebody", "staff_id"),
    belongs_to("staff_id", "access.staff", "pending_sign_in_knows_its_staff"),
)

# Somebody's app that shows one-time codes. A new one is in force once it has shown a right code.
authenticators: Final = tenant_table(
    "access",
    "authenticators",
    Column("staff_id", Uuid(), nullable=False),
    Column("sealed_secret", LargeBinary()),  # what codes are checked against
    Column("sealed_next", LargeBinary()),  # what was shown and hasn't been confirmed
    Column("next_until", DateTime(timezone=True)),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("last_step", BigInteger()),  # of the last code that was used: none is good twice
    CheckConstraint(
        "(sealed_secret IS NULL) = (confirmed_at IS NULL)",
        name="authenticator_in_force_was_confirmed",
    ),
    CheckConstraint(
        "(sealed_next IS NULL) = (next_until IS NULL)", name="authenticator_shown_has_an_end"
    ),
    belongs_to("staff_id", "access.staff", "authenticator_knows_its_staff"),
    key=("staff_id",),
)

recovery_codes: Final = tenant_table(
    "access",
    "recovery_codes",
    Column("staff_id", Uuid(), nullable=False),
    Column("code_hash", LargeBinary(), nullable=False),  # under the tenant's index key
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("used_at", DateTime(timezone=True)),
    belongs_to("staff_id", "access.staff", "recovery_code_knows_its_staff"),
    key=("staff_id", "code_hash"),
)

passkeys: Final = tenant_table(
    "access",
    "passkeys",
    Column("staff_id", Uuid(), nullable=False),
    Column("credential_id", LargeBinary(), nullable=False),
    Column("public_key", LargeBinary(), nullable=False),  # COSE
    Column("sign_count", BigInteger(), nullable=False),  # 0 where it doesn't count
    Column("transports", ARRAY(Text()), nullable=False, server_default="{}"),
    Column("backed_up", Boolean(), nullable=False, server_default="false"),  # by its maker's cloud
    Column("name", Text(), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("last_used_at", DateTime(timezone=True)),
    unique("passkey_credential_is_unique", "credential_id"),
    index("passkeys_of_somebody", "staff_id"),
    belongs_to("staff_id", "access.staff", "passkey_knows_its_staff"),
)

# Challenges of passkeys that were answered: none is answered twice.
used_challenges: Final = tenant_table(
    "access",
    "used_challenges",
    Column("nonce", LargeBinary(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    of_a_tenant("used_challenge_knows_its_tenant"),
    key=("nonce",),
)

# A page of the console as somebody left it: the query of its address, under a name.
saved_views: Final = tenant_table(
    "access",
    "saved_views",
    Column("staff_id", Uuid(), nullable=False),
    Column("page", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("query", Text(), nullable=False),
    Column("shared", Boolean(), nullable=False, server_default="false"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("saved_view_name_is_unique", "staff_id", "page", "name"),
    index("saved_views_shared", "page", where="shared"),
    belongs_to("staff_id", "access.staff", "saved_view_knows_its_staff"),
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
