"""By value: whether what somebody typed into a search is a card of ours; guesses are limited."""

from collections.abc import Sequence
from dataclasses import dataclass

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.stock.errors import CardQuestionsUsed
from kashu.stock.questions import Where, note_question, unknown_so_far
from kashu.stock.reads import CardShown, cards_by_id, cards_by_value
from kashu.stock.which_cards import which_cards


@dataclass(frozen=True, slots=True)
class ByValue:
    """The cards that have such a value; `refused`: nobody looked."""

    cards: Sequence[CardShown] = ()
    unknown: int = 0
    refused: CardQuestionsUsed | None = None


async def look_by_value(tx: Tx, caller: Caller, keyrings: Keyrings, written: str) -> ByValue:
    """Find cards by all of their value, or a line with it; settle() what came of the search.

    Locks: what this actor asks about cards, one at a time.
    """
    try:
        await unknown_so_far(tx, caller)
    except CardQuestionsUsed as refused:
        return ByValue(refused=refused)
    keyring = await keyrings.of(tx, caller.tenant_id)
    whole = await cards_by_value(tx, caller.tenant_id, keyring, written)
    if whole:
        return ByValue(whole)
    asked = await which_cards(tx, caller.tenant_id, keyring, [written])  # a line with its password
    ids = [card.card_id for card in asked.cards if card is not None]
    return ByValue(await cards_by_id(tx, caller.tenant_id, ids), asked.unknown)


async def settle(tx: Tx, caller: Caller, looked: ByValue, *, found_otherwise: bool) -> None:
    """Write down that somebody asked about a card, unless it was about something else.

    Who may not ask for now is told so only where the search found nothing else.
    Raises: CardQuestionsUsed.
    """
    if found_otherwise and not looked.cards:
        return
    if looked.refused is not None:
        raise looked.refused
    await note_question(
        tx,
        caller,
        Where.SEARCH,
        values=1,
        found=int(bool(looked.cards)),
        unknown=looked.unknown,
    )
