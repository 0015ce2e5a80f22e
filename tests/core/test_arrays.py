"""What array_literal() writes, PostgreSQL reads back as it was."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kashu.core.arrays import array_literal

NAIVE = datetime(2200, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # as hypothesis wants its bounds

CASES = {
    "uuid": st.uuids(),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    "bytea": st.binary(max_size=40),
    "date": st.dates(date(1, 1, 1)),
    "timestamptz": st.datetimes(NAIVE.replace(year=1900), NAIVE, timezones=st.just(UTC)),
}


@pytest.mark.parametrize("kind", CASES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_every_value_survives(owner_url: str, kind: str, data: st.DataObject) -> None:
    values: list[Any] = data.draw(st.lists(st.none() | CASES[kind], max_size=6))
    with psycopg.connect(owner_url) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        row = connection.execute(
            f"SELECT %s::text::{kind}[]",  # type: ignore[arg-type, unused-ignore]
            [array_literal(values)],
        ).fetchone()
    assert row is not None
    assert row[0] == values


def test_an_id_is_written_without_dashes() -> None:
    assert array_literal([UUID(int=1), None]) == "{00000000000000000000000000000001,NULL}"
