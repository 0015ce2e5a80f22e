"""Every adapter of ours keeps the promises of the Channel protocol, against its simulator."""

import pytest

from kashu.channels.conformance import Check, checks_for
from tests.adapters.worlds import PROVED, Proved, world_of

CASES = [(proved, check) for proved in PROVED for check in checks_for(proved.channel)]


@pytest.mark.parametrize(
    ("proved", "check"),
    CASES,
    ids=[f"{proved.channel.name}-{check.name}" for proved, check in CASES],
)
async def test_an_adapter_keeps_a_promise(proved: Proved, check: Check) -> None:
    async with world_of(proved) as world:
        await check.run(proved.channel, world)
