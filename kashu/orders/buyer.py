"""Whose order it is, of those that no platform told us of: as somebody wrote, phones masked."""

import re
from typing import Final

from kashu.core.prefixes import typed
from kashu.orders.account_rule import mask_account

BUYER_MAX: Final = 100
_PHONE: Final = re.compile(r"\+?[0-9](?:[ -]?[0-9]){6,19}")  # as people write them
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+")
_MOBILE: Final = 11  # digits: of so many the first three stay, too


def mask_buyer(written: str) -> str:
    """Keep what tells buyers apart: a name as it is, of a phone its last four, as platforms do."""
    plain = " ".join(typed(written).split())
    without = _EMAIL.sub(lambda found: mask_account(found[0]), plain)
    return _PHONE.sub(lambda found: _masked(found[0]), without)


def _masked(number: str) -> str:
    digits = re.sub("[^0-9]", "", number)
    if len(digits) > _MOBILE:
        digits = digits.removeprefix("86")
    return f"{digits[:3] if len(digits) >= _MOBILE else ''}****{digits[-4:]}"
