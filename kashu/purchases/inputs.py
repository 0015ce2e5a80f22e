"""What is typed for a top-up: personal. Sealed while it is needed, and then erased."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec

from kashu.core.secrets import Keyring

# What an order line knows of its own; each supplier has its own name for it: see send.py.
ACCOUNT: Final = "account"

_SHOWN_MAX: Final = 4  # of the account, in a mask
_SHOWN_SHARE: Final = 3  # a mask shows at most a third at each end


def seal_inputs(
    keyring: Keyring, sku_id: UUID, purchase_id: UUID, inputs: Mapping[str, str]
) -> bytes:
    """Seal what goes into Order.inputs, under `keyring.version`, bound to its purchase."""
    written = msgspec.json.encode(dict(inputs)).decode()
    return keyring.seal(written, kind=sku_id, owner=purchase_id)


def open_inputs(
    keyring: Keyring, sku_id: UUID, purchase_id: UUID, sealed: bytes, version: int
) -> dict[str, str]:
    """Open what seal_inputs() sealed. Raises: SealBroken."""
    secret = keyring.open(sealed, version, kind=sku_id, owner=purchase_id)
    return msgspec.json.decode(secret.clear, type=dict[str, str])


def mask_account(account: str) -> str:
    """Show so much of an account that people can compare it: 138•••5678."""
    shown = min(_SHOWN_MAX, len(account) // _SHOWN_SHARE)
    if not shown:
        return "•••"
    begin = min(shown, 3)
    return f"{account[:begin]}•••{account[-shown:]}"


def may_be(account: str, told: str) -> bool:
    """Whether what a supplier tells may be this account: it may have hidden parts of it by stars.

    What is hidden matches anything; what is shown must stand where the account has it.
    """
    ours, theirs = account.strip().casefold(), told.strip().casefold()
    if not any(star in theirs for star in "*•＊×x" if star not in ours):
        return ours == theirs
    for star in "•＊×x":
        if star not in ours:
            theirs = theirs.replace(star, "*")
    begin, _, _ = theirs.partition("*")
    _, _, end = theirs.rpartition("*")
    return ours.startswith(begin) and ours.endswith(end) and len(begin) + len(end) <= len(ours)
