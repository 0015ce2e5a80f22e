"""Card moves: from which state a card may go to which. Whatever moves cards keeps to it."""

from typing import Final

from kashu.stock.tables import CardState

CARD_MOVES: Final[dict[CardState, frozenset[CardState]]] = {
    CardState(state): frozenset(CardState(to) for to in targets.split())
    for state, targets in {
        "available": "reserved allocated quarantined void returned",
        "reserved": "available allocated",
        "allocated": "available revealed quarantined",
        "revealed": "redeemed quarantined",
        "redeemed": "quarantined",
        "quarantined": "void returned",
        "void": "",
        "returned": "",
    }.items()
}
