"""Statements in .sql files: what several share is written once, and put in its place."""

from dataclasses import dataclass
from pathlib import Path

from kashu.core.db import Tx
from kashu.core.sql import Statement

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of the statement below."""

    first: int
    second: int


async def test_a_line_stands_for_what_is_in_the_file_beside_it(tx: Tx, tmp_path: Path) -> None:
    (tmp_path / "shared.sql").write_text("-- Twice :it.\n       2 * :it::int AS second\n")
    (tmp_path / "whole.sql").write_text("-- Both.\nSELECT :it::int AS first,\n\\ir shared.sql\n")
    statement = Statement(str(tmp_path / "verb.py"), "whole.sql", Answer)
    assert statement.parameters == {"it"}
    assert await statement(tx, it=21) == [Answer(21, 42)]


def test_who_must_add_a_second_factor_is_said_in_one_place() -> None:
    said = [path for path in (ROOT / "kashu").rglob("*.sql") if "ANY (shop.sec" in path.read_text()]
    assert [path.name for path in said] == ["must_enrol.sql"]
