"""Every event has words: what it happened to in both languages, what was done in Chinese."""

import re
from pathlib import Path
from typing import Final

from kashu.channels.kinds import Mode
from kashu.downstream.kinds import MoveKind
from kashu.entry.event_words import NOUNS, VERBS, event_words
from kashu.entry.hints import TOLD_TO
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.watched import Into
from kashu.suppliers.kinds import ConnectionState
from kashu.suppliers.kinds_prepaid import AlertKind, MovementState

ROOT: Final = Path(__file__).parents[2]
WRITTEN: Final = re.compile(r'(?:Event\(\s*|kind = )"([a-z_]+\.[a-z_]+)"')


def test_each_thing_that_something_happens_to_has_a_name() -> None:
    assert TOLD_TO.keys() - NOUNS.keys() == set()


def test_each_kind_that_is_written_by_name_is_said_in_chinese() -> None:
    kinds = {
        kind
        for path in (ROOT / "kashu").rglob("*.py")
        for kind in WRITTEN.findall(path.read_text())
        if kind.split(".")[0] in NOUNS
    }
    assert len(kinds) > 100
    unsaid = [kind for kind in sorted(kinds) if not {kind, kind.split(".")[1]} & VERBS.keys()]
    assert unsaid == []


def test_states_that_are_written_as_events_are_said_in_chinese_too() -> None:
    kinds = {
        *(f"purchase.{state}" for state in PurchaseState),
        *(f"attempt.{state}" for state in AttemptState),
        *(f"movement.{state}" for state in MovementState),
        *(f"supplier.{kind}{end}" for kind in AlertKind for end in ("", "_cleared")),
        *(f"supplier.connection_{state}" for state in ConnectionState),
        *(f"wallet.{kind}_{end}" for kind in MoveKind for end in ("asked", "posted")),
        *(f"supplier.file_{into}" for into in Into if into is not Into.DONE),
        *(f"store.{mode}" for mode in Mode),
    }
    unsaid = [kind for kind in sorted(kinds) if not {kind, kind.split(".")[1]} & VERBS.keys()]
    assert unsaid == []


def test_what_has_no_words_is_told_by_its_code() -> None:
    assert event_words("order.refunded", chinese=True) == "订单 · 退款"
    assert event_words("shop_order.account_read", chinese=False) == (
        "Platform's order · account read"
    )
    assert event_words("thing.was_done", chinese=True) == "thing · was done"
