"""A counted list: a file or pasted text of cards, of which nothing stays but blind indexes."""

from typing import Final

from kashu.core.secrets import Keyring
from kashu.core.sheets.rows import Sheet
from kashu.stock.recognise import Reject, identity, normalise, recognise
from kashu.stock.recognise_cells import NEVER
from kashu.stock.secret import mask
from kashu.stock.stocktake import COUNTED_MAX, Counted, CountedWrong

_ANY_DAY: Final = NEVER.min  # a card that has expired was counted all the same


def read_counted(sheet: Sheet, keyring: Keyring) -> tuple[list[Counted], list[tuple[int, str]]]:
    """Read which cards a list names, and which of its rows name none and why.

    It works as long as the list is: call it in a thread.
    Raises: CountedWrong, and what reading a sheet raises.
    """
    counted: list[Counted] = []
    unreadable: list[tuple[int, str]] = []
    for found in recognise(sheet, today=_ANY_DAY):
        if isinstance(found, Reject):
            if found.reason.needs_correction:
                unreadable.append((found.row, found.reason.value))
            continue
        parts = (found.number, found.password, found.url)
        blind_index = keyring.blind_index(normalise(identity(*parts)))
        counted.append(Counted(found.row, blind_index, mask(*parts)))
        if len(counted) > COUNTED_MAX:
            raise CountedWrong(most=COUNTED_MAX)
    return counted, unreadable
