"""The numbers of our orders, as suppliers know them."""

import secrets
from typing import Final

from kashu.suppliers.upstream import NUMBER_MAX

_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none looks like another
_BEGIN: Final = "K"  # so that people know whose it is


def new_number() -> str:
    """Make a number of NUMBER_MAX letters and digits.

    90 random bits: nobody else's program makes the same one at a supplier where all customers'
    numbers are told apart together. That ours are is the database's rule.
    """
    return _BEGIN + "".join(secrets.choice(_LETTERS) for _ in range(NUMBER_MAX - 1))
