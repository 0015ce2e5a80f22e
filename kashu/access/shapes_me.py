"""What goes over the wire of somebody's own account: factors, sessions, preferences, views."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kashu.access.permissions import Permission, Role
from kashu.access.shapes import Name, Password, Shop

Code = Annotated[str, Meta(pattern=r"^[0-9]{6}$")]
RecoveryCode = Annotated[str, Meta(min_length=10, max_length=20)]
Language = Literal["zh", "en"]
Page = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9/_-]{0,59}$")]
Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,60}$")]
Zone = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+/-]{1,60}$")]
Query = Annotated[str, Meta(max_length=2000, pattern=r"^[^#\s]*$")]


class Preferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the console remembers for somebody, on every machine."""

    theme: Literal["system", "light", "dark"] = "system"
    density: Literal["compact", "roomy"] = "compact"
    columns: Annotated[
        dict[Page, Annotated[list[Word], Meta(max_length=60)]], Meta(max_length=60)
    ] = {}
    page_sizes: Annotated[dict[Page, Annotated[int, Meta(ge=10, le=500)]], Meta(max_length=60)] = {}
    ticks: Annotated[list[Word], Meta(max_length=100)] = []  # of the first-run checklist
    home: Page | None = None  # the page to begin with
    timezone: Zone | None = None  # in which moments are shown; none: the shop's


class Me(msgspec.Struct, frozen=True):
    """Who I am, and what I may do."""

    actor: str
    tenant: Shop
    permissions: list[Permission]
    name: str | None = None
    login: str | None = None
    role: Role | None = None
    csrf_token: str | None = None  # to be sent as X-Kashu-CSRF with every change
    expires_at: datetime | None = None
    language: Language | None = None  # none: as the browser asks
    preferences: Preferences | None = None
    must_enrol: bool = False  # may do nothing but add a second factor


class FactorKinds(msgspec.Struct, frozen=True):
    """Which second factors there are to finish with."""

    authenticator: bool
    passkey: bool
    recovery_codes: bool


class SecondFactorWanted(msgspec.Struct, frozen=True):
    """The password was right; the second step is POST /v1/session/second-factor."""

    factors: FactorKinds
    expires_at: datetime


class SecondStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the three."""

    code: Code | None = None
    recovery_code: RecoveryCode | None = None
    passkey: dict[str, Any] | None = None  # what navigator.credentials.get() gave, as JSON

    def __repr__(self) -> str:
        return "SecondStep(•••)"


class PasskeyOptions(msgspec.Struct, frozen=True):
    """What to hand to navigator.credentials, as JSON (WebAuthn Level 3, 5.1)."""

    options: dict[str, Any]


class PasskeySignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What navigator.credentials.get() gave, as JSON."""

    passkey: dict[str, Any]

    def __repr__(self) -> str:
        return "PasskeySignIn(•••)"


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password again, where the session isn't fresh."""

    password: Password | None = None

    def __repr__(self) -> str:
        return "Proof(•••)"


class AuthenticatorShown(msgspec.Struct, frozen=True):
    """What an app is to be told, once: as text, and as the address that a QR code holds."""

    secret: str
    uri: str

    def __repr__(self) -> str:
        return "AuthenticatorShown(•••)"


class AuthenticatorCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the app shows now."""

    code: Code

    def __repr__(self) -> str:
        return "AuthenticatorCode(•••)"


class FactorAdded(msgspec.Struct, frozen=True):
    """A second factor is in force. Recovery codes are told with the first one, and never again."""

    me: Me
    recovery_codes: list[str]  # empty where there are some already

    def __repr__(self) -> str:
        return "FactorAdded(•••)"


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Ten codes, each good once; told once."""

    recovery_codes: list[str]

    def __repr__(self) -> str:
        return "RecoveryCodes(•••)"


class PasskeyShown(msgspec.Struct, frozen=True):
    """A passkey, as its owner sees it."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool


class SecondFactor(msgspec.Struct, frozen=True):
    """What somebody proves themselves with, beside their password."""

    authenticator_since: datetime | None
    recovery_codes_left: int
    passkeys: list[PasskeyShown]
    required: bool  # of their role, by the shop
    fresh: bool  # no password is asked for again, for now
    passkeys_work_here: bool
    passkeys_hint: str | None = None  # why they don't, and what to do


class NewPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name, and what navigator.credentials.create() gave, as JSON."""

    name: Name
    passkey: dict[str, Any]


class PasskeyName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to call it."""

    name: Name


class RequiredRoles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose role needs a second factor."""

    roles: Annotated[list[Role], Meta(max_length=len(Role))]


class SessionShown(msgspec.Struct, frozen=True):
    """Where somebody is signed in."""

    id: UUID
    device: str  # "Chrome · Windows"; no address is kept
    created_at: datetime
    seen_at: datetime  # within five minutes
    expires_at: datetime
    current: bool


class SessionList(msgspec.Struct, frozen=True):
    """The latest first."""

    sessions: list[SessionShown]


class SessionsEnded(msgspec.Struct, frozen=True):
    """How many."""

    ended: int


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The old one, and the new one."""

    old: Password
    new: Password

    def __repr__(self) -> str:
        return "PasswordChange(•••)"


class MeChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays."""

    name: Name | UnsetType = UNSET
    language: Language | UnsetType | None = UNSET


class NewView(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page as it is now, under a name."""

    page: Page
    name: Name
    query: Query  # what stands behind the ? of its address
    shared: bool = False  # with everybody in the shop


class ViewChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays."""

    name: Name | UnsetType = UNSET
    query: Query | UnsetType = UNSET
    shared: bool | UnsetType = UNSET


class View(msgspec.Struct, frozen=True):
    """A saved view."""

    id: UUID
    page: str
    name: str
    query: str
    shared: bool
    mine: bool
    by: str  # who saved it
    created_at: datetime
    can: list[str]


class ViewList(msgspec.Struct, frozen=True):
    """One's own and the shared ones, by name."""

    views: list[View]
