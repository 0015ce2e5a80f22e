"""Who is calling, and what they may do."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kashu.access.errors_second import SecondFactorRequired
from kashu.access.permissions import Permission
from kashu.core.clock import SHANGHAI
from kashu.core.errors import NotAllowed

LANGUAGES: Final = ("zh", "en")  # the first is used when the reader asks for neither


@dataclass(frozen=True, slots=True)
class Caller:
    """A person or a program that we know, for the length of one request."""

    tenant_id: int
    actor: str  # "staff:<uuid>", "key:<uuid>"
    permissions: frozenset[Permission]
    timezone: str = SHANGHAI
    language: str = LANGUAGES[0]
    store_id: UUID | None = None  # an API key may be bound to one store …
    customer_id: UUID | None = None  # … and to one customer
    must_enrol: bool = False  # may do nothing before they have a second factor

    @property
    def bound(self) -> bool:
        """Whether it is a key of one store or customer, which sees nothing of the others."""
        return self.store_id is not None or self.customer_id is not None

    def may(self, permission: Permission) -> bool:
        """Tell whether something is allowed."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Refuse unless it is allowed. Raises: NotAllowed, SecondFactorRequired."""
        if self.must_enrol:
            raise SecondFactorRequired
        if permission not in self.permissions:
            raise NotAllowed(permission=permission.value)


def language_of(accept_language: str) -> str:
    """Choose "zh" or "en" as an Accept-Language header asks; "zh" when it asks for neither.

    Source: RFC 9110, section 12.5.4.
    """
    best, best_weight = LANGUAGES[0], 0.0
    for wish in accept_language.split(","):
        tag, _, parameter = wish.strip().partition(";")
        language = tag.strip().partition("-")[0].lower()
        try:
            weight = float(parameter.partition("q=")[2] or 1)
        except ValueError:
            continue
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best
