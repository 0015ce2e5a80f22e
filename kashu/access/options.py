"""Options of a connection to a platform or a supplier: those that are secrets are sealed."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

import msgspec

from kashu.access.errors import OptionHidden
from kashu.access.keyring import open_for_access, seal_for_access
from kashu.core.secrets import MasterKeys, Secret

HIDDEN: Final = "•••"  # how a secret is shown

# How names of secrets end, also where an adapter forgot to say that it is one.
_ENDS: Final = ("key", "secret", "token", "password")


def is_secret(name: str, declared: Collection[str] = ()) -> bool:
    """Whether an option is never to be shown; `declared`: those that its adapter names."""
    return name in declared or name.casefold().endswith(_ENDS)


def sort_options(
    options: Mapping[str, str], declared: Collection[str] = ()
) -> tuple[dict[str, str], dict[str, str]]:
    """Tell the options that anybody may see from those that are secret."""
    secret = {name: value for name, value in options.items() if is_secret(name, declared)}
    return {name: value for name, value in options.items() if name not in secret}, secret


def keep_hidden(
    told: Mapping[str, str], stored: Mapping[str, str], *, trusted: bool
) -> dict[str, str]:
    """Put what is stored in place of what came back as it is shown, hidden.

    `trusted`: it goes to the same application at the same address as before.
    Raises: OptionHidden where nothing is stored, or it may not be handed on.
    """
    kept = dict(told)
    for name in [name for name, value in told.items() if value == HIDDEN]:
        if not trusted or name not in stored:
            raise OptionHidden(name=name)
        kept[name] = stored[name]
    return kept


def seal_options(
    masters: MasterKeys, secret: Mapping[str, str], *, tenant_id: int, owner: UUID
) -> bytes | None:
    """Seal secret options; None where there are none."""
    if not secret:
        return None
    clear = Secret(msgspec.json.encode(secret).decode())
    return seal_for_access(masters, clear, tenant_id=tenant_id, owner=owner)


def open_options(
    masters: MasterKeys, sealed: bytes | None, *, tenant_id: int, owner: UUID
) -> dict[str, str]:
    """Open what seal_options() sealed. Raises: MasterKeyMissing, SealBroken."""
    if sealed is None:
        return {}
    clear = open_for_access(masters, sealed, tenant_id=tenant_id, owner=owner)
    return msgspec.json.decode(clear.clear, type=dict[str, str])
