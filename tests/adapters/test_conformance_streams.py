"""The conformance checks catch streams that break a promise: each of these breaks one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from kashu.adapters.channels.pinduoduo import PinduoduoChannel
from kashu.channels.channel import Can, Link
from kashu.channels.conformance import CHECKS, NotConforming
from kashu.channels.streaming import Stream, Told
from kashu.core.errors import OutsideError
from kashu.core.sockets import Sockets
from tests.adapters.worlds import PROVED, Proved, world_of

ON = next(proved.on for proved in PROVED if proved.channel.name == "pinduoduo")


class _Changed:
    def __init__(self, stream: Stream, *, eager: bool, deaf: bool, shop: str) -> None:
        self._stream, self._eager, self._deaf, self._shop = stream, eager, deaf, shop

    async def told(self) -> Told:
        told = await self._stream.told()
        if self._eager:
            await self._stream.taken(told)
        if self._shop:
            pushes = tuple(replace(push, shop_id=self._shop) for push in told.pushes)
            return replace(told, pushes=pushes)
        return told

    async def taken(self, told: Told) -> None:
        if not self._deaf:
            await self._stream.taken(told)


class Changed(PinduoduoChannel):
    eager = deaf = False
    shop = ""

    def stream(self, link: Link, sockets: Sockets) -> AbstractAsyncContextManager[Stream]:
        return self._changed(super().stream(link, sockets))

    @asynccontextmanager
    async def _changed(self, opened: AbstractAsyncContextManager[Stream]) -> AsyncIterator[Stream]:
        async with opened as stream:
            yield _Changed(stream, eager=self.eager, deaf=self.deaf, shop=self.shop)


class AcknowledgesWhatNobodyWroteDown(Changed):
    eager, deaf = True, True


class AcknowledgesNothing(Changed):
    deaf = True


class NamesAnotherShop(Changed):
    shop = "1"


class ForgetsWhatItWants(PinduoduoChannel):
    def streams(self, options: Mapping[str, str]) -> bool:
        return super().streams({}) and not options


class LetsAnybodyListen(PinduoduoChannel):
    def stream(self, link: Link, sockets: Sockets) -> AbstractAsyncContextManager[Stream]:
        return self._open(super().stream(link, sockets))

    @asynccontextmanager
    async def _open(self, opened: AbstractAsyncContextManager[Stream]) -> AsyncIterator[Stream]:
        try:
            async with opened as stream:
                yield stream
        except OutsideError:
            yield _Silent()


class _Silent:
    async def told(self) -> Told:
        return Told((), ())

    async def taken(self, told: Told) -> None:
        del told


BROKEN = [
    (NamesAnotherShop, "a_stream_says_which_order_of_which_shop_to_read"),
    (ForgetsWhatItWants, "a_stream_says_which_order_of_which_shop_to_read"),
    (AcknowledgesWhatNobodyWroteDown, "what_was_not_taken_is_told_again"),
    (AcknowledgesNothing, "what_was_taken_is_not_told_again"),
    (LetsAnybodyListen, "an_application_with_another_secret_hears_nothing"),
]


@pytest.mark.parametrize(
    ("broken", "name"), BROKEN, ids=[f"{broken.__name__}-{name}" for broken, name in BROKEN]
)
async def test_a_broken_stream_is_caught(
    broken: type[PinduoduoChannel], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kashu.channels.conformance.streams.PATIENCE_S", 1.0)
    (check,) = [check for check in CHECKS if check.name == name]
    async with world_of(Proved(broken(), ON)) as world:
        with pytest.raises(NotConforming):
            await check.run(broken(), world)


def test_every_promise_of_streams_has_its_breaker() -> None:
    promises = {check.name for check in CHECKS if Can.STREAM in check.needs}
    assert {name for _, name in BROKEN} == promises
