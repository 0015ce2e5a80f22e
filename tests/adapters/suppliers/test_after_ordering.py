"""An order that was made is there, whatever becomes of the calls that fetch its cards."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from kashu.adapters.suppliers.kinguin import KinguinUpstream
from kashu.adapters.suppliers.reloadly import ReloadlyUpstream
from kashu.core.http import DEADLINE_S, Answer, NotReached
from kashu.suppliers.conformance.line import Line
from kashu.suppliers.conformance.world import made_of, offered_of, order_of
from kashu.suppliers.upstream import Link, OrderState, Upstream
from tests.adapters.suppliers import world_kinguin, world_reloadly
from tests.adapters.suppliers.worlds import Proved, world_of

# What the call for the cards meets, in their own words; 0: nobody is there any more.
TROUBLES = {
    "not reached": (0, b""),
    "busy": (429, b'{"message":"slow down"}'),
    "locked": (409, b'{"kind":"ResourceLock"}'),
    "no login": (401, b'{"kind":"Authorization"}'),
    "forbidden": (403, b'{"kind":"Authorization","message":"no","timeStamp":"1","errorCode":"X"}'),
    "no such order": (404, b'{"kind":"OrderNotFound"}'),
    "refused": (400, b'{"kind":"InsufficientBalance","message":"no","errorCode":"X"}'),
    "error": (500, b""),
    "no cards": (200, b"[]"),
}
CASES = {
    "kinguin": (
        Proved(KinguinUpstream(), world_kinguin.on_store),
        (b'"processing"', b'"completed"', "/keys"),
    ),
    "reloadly": (
        Proved(ReloadlyUpstream(), world_reloadly.on_account),
        (b'"PROCESSING"', b'"SUCCESSFUL"', "/cards"),
    ),
}


class Cards(Line):
    """Orders are done at once; the calls for their cards meet trouble."""

    def __init__(self, link: Link, case: tuple[bytes, bytes, str], trouble: str) -> None:
        super().__init__(link.http)
        self._waits, self._done, self._path = case
        self._status, self._body = TROUBLES[trouble]
        self.met = 0

    async def call(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Answer:
        if url.partition("?")[0].endswith(self._path):
            self.met += 1
            if not self._status:
                raise NotReached(host="gone")
            return Answer(self._status, {"retry-after": "5"}, self._body)
        answer = await super().call(
            method, url, content=content, headers=headers, deadline_s=deadline_s
        )
        return replace(answer, body=answer.body.replace(self._waits, self._done))


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("name", CASES)
async def test_cards_that_cannot_be_fetched_refuse_no_order(name: str, trouble: str) -> None:
    proved, words = CASES[name]
    upstream: Upstream = type(proved.upstream)()
    async with world_of(replace(proved, upstream=upstream)) as world:
        offered = await offered_of(upstream, world)
        order = order_of(world, offered)
        line = Cards(world.link, words, trouble)
        link = replace(world.link, http=line)
        for standing in (await upstream.place(link, order), await upstream.ask(link, order)):
            assert standing.state is OrderState.SUCCEEDED
            assert standing.cards is None  # asked for again
            assert standing.number == order.number
        assert line.met
        assert (await made_of(world, order)).charged_e4 == order.total_max_e4
