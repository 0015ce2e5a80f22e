"""What goes over the wire in access's part of the web interface."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kashu.access.passwords import MAXIMUM
from kashu.access.permissions import Permission, Role

Name = Annotated[str, Meta(min_length=1, max_length=60)]
Login = Annotated[str, Meta(min_length=2, max_length=64)]
NewLogin = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{1,63}$")]
Password = Annotated[str, Meta(min_length=1, max_length=MAXIMUM)]
Token = Annotated[str, Meta(min_length=1, max_length=100)]


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs in, and where."""

    tenant: Annotated[str, Meta(min_length=1, max_length=32)]
    login: Login
    password: Password

    def __repr__(self) -> str:
        return "SignIn(•••)"


class Shop(msgspec.Struct, frozen=True):
    """The merchant."""

    code: str
    name: str
    timezone: str


class NewInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to invite, as what."""

    login: NewLogin
    name: Name
    role: Role


class InvitationMade(msgspec.Struct, frozen=True):
    """A link's token: told once, good once."""

    staff_id: UUID
    token: str
    expires_at: datetime


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The link's token, and the password chosen."""

    token: Token
    password: Password

    def __repr__(self) -> str:
        return "Acceptance(•••)"


class Accepted(msgspec.Struct, frozen=True):
    """What to sign in with."""

    tenant: str
    login: str


class StaffMember(msgspec.Struct, frozen=True):
    """One of the staff, and what you can do to them."""

    id: UUID
    login: str
    name: str
    role: Role
    state: str
    created_at: datetime
    locked_until: datetime | None
    can: Sequence[str]


class StaffList(msgspec.Struct, frozen=True):
    """Everybody, in the order in which they came."""

    staff: list[StaffMember]


class StaffChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays."""

    role: Role | UnsetType = UNSET
    state: Literal["active", "disabled"] | UnsetType = UNSET


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a key is for, and what it may do."""

    name: Name
    scopes: Annotated[list[Permission], Meta(min_length=1, max_length=len(Permission))]
    store_id: UUID | None = None
    customer_id: UUID | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class Key(msgspec.Struct, frozen=True):
    """A key, without its secret."""

    id: str
    name: str
    scopes: list[Permission]
    store_id: UUID | None
    customer_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    can: Sequence[str]


class KeyMade(msgspec.Struct, frozen=True):
    """A new key, and its secret, which is never shown again."""

    key: Key
    secret: str

    def __repr__(self) -> str:
        return "KeyMade(•••)"


class KeyList(msgspec.Struct, frozen=True):
    """All keys, newest first."""

    keys: list[Key]
