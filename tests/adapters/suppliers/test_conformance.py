"""Every adapter of ours keeps the promises of the Upstream protocol, against its simulator."""

import pytest

from kashu.suppliers.conformance import CHECKS, Check, checks_for
from kashu.suppliers.upstream import Can
from tests.adapters.suppliers.worlds import Proved, all_proved, world_of

PROVED = all_proved()
CASES = [(proved, check) for proved in PROVED for check in checks_for(proved.upstream)]


@pytest.mark.parametrize(
    ("proved", "check"),
    CASES,
    ids=[f"{proved.upstream.name}-{check.name}" for proved, check in CASES],
)
async def test_an_adapter_keeps_a_promise(proved: Proved, check: Check) -> None:
    async with world_of(proved) as world:
        await check.run(proved.upstream, world)


def test_there_is_a_check_for_all_that_a_supplier_can() -> None:
    checked = {can for check in CHECKS for can in check.needs}
    assert set(Can) - checked == {Can.ASK_THEIRS, Can.NOTICE_PRODUCTS}  # said of others, no call
    assert len({check.name for check in CHECKS}) == len(CHECKS) >= 25


def test_only_what_an_adapter_can_is_asked_of_it() -> None:
    for proved in PROVED:
        names = {check.name for check in checks_for(proved.upstream)}
        assert ("a_statement_tells_each_charge_once" in names) == (
            Can.STATEMENT in proved.upstream.can
        )
        assert len(names) >= 25
