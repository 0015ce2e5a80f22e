"""Every code that a table shows has a Chinese word."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from kashu.catalog.entries import Terminal
from kashu.catalog.kinds import Fulfilment, Period, SkuState
from kashu.channels.kinds import ChannelKind, Mode, Step, StoreState
from kashu.core.schema import metadata
from kashu.entry import modules, words  # noqa: F401  (declares every table)
from kashu.entry.words import Glossary
from kashu.orders.reads import CAME_TO
from kashu.orders.tables import RefundState
from kashu.reports.verify import INVARIANTS
from kashu.stock.recognise import RejectClass
from kashu.stock.strategy import Prefer
from kashu.stock.tables import ImportState

ORDERS = Path(__file__).parents[2] / "kashu" / "orders"

EVERY = {
    "order states": (words.ORDER_STATES, CAME_TO),
    "refund states": (words.REFUND_STATES, RefundState),
    "import states": (words.IMPORT_STATES, ImportState),
    "rejects": (words.REJECTS, RejectClass),
    "fulfilments": (words.FULFILMENTS, Fulfilment),
    "periods": (words.PERIODS, Period),
    "terminals": (words.TERMINALS, Terminal),
    "SKU states": (words.SKU_STATES, SkuState),
    "store states": (words.STORE_STATES, StoreState),
    "channels": (words.CHANNELS, ChannelKind),
    "modes": (words.MODES, Mode),
    "steps": (words.STEPS, Step),
    "invariants": (words.INVARIANTS, INVARIANTS),
    "tables": (words.TABLES, [f"{t.schema}.{t.name}" for t in metadata.sorted_tables]),
    "decisions": (
        words.DECISIONS,
        [*get_args(get_type_hints(Prefer)["prefer"]), "last_left", "only_one", "received_first"],
    ),
    "order events": (
        words.ORDER_EVENTS,
        {
            *(f"order.{state}" for state in CAME_TO),
            *(
                kind
                for path in ORDERS.glob("*.py")
                for kind in re.findall(r'"((?:order|cards)\.[a-z_]+)"', path.read_text())
            ),
        },
    ),
}


@pytest.mark.parametrize("of", EVERY)
def test_every_code_has_a_chinese_word_of_its_own_and_no_word_is_left_over(of: str) -> None:
    glossary: Glossary
    codes: Iterable[str]
    glossary, codes = EVERY[of]
    assert set(glossary) == {str(code) for code in codes}
    assert all(re.search("[\u4e00-\u9fff]", word) for word in glossary.values())
