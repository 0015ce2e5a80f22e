"""The line between an adapter and its supplier, where a check changes what is heard."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from kashu.core.http import DEADLINE_S, Answer, Http
from kashu.suppliers.upstream import Link

Hear: TypeAlias = Callable[[Answer], Awaitable[Answer]]
Reach: TypeAlias = Callable[[], Awaitable[Answer | None]]

SENTENCE: Final = b'{"message":"no"}'


async def _as_it_is(answer: Answer) -> Answer:
    return answer


async def _all_the_way() -> None:
    return None


class Line(Http):
    """As the line it is made of; what is told on it is kept."""

    def __init__(self, http: Http, *, hear: Hear = _as_it_is, reach: Reach = _all_the_way) -> None:
        """`hear`: what becomes of an answer. `reach`: what is told in place of calling, if any."""
        self._http, self._hear, self._reach = http, hear, reach
        self.told: list[Answer] = []

    async def call(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Answer:
        """Call, unless something is told in its place."""
        answer = await self._reach()
        if answer is None:
            answer = await self._http.call(
                method, url, content=content, headers=headers, deadline_s=deadline_s
            )
            self.told.append(answer)
        return await self._hear(answer)


def heard_as(link: Link, hear: Callable[[Answer], Answer]) -> Link:
    """A link on which every answer is heard as another."""

    async def heard(answer: Answer) -> Answer:
        return hear(answer)

    return replace(link, http=Line(link.http, hear=heard))


def replayed(link: Link, told: list[Answer]) -> Link:
    """A link on which nobody is called: what was told before is told again, the last for ever."""
    rest = list(told)

    async def again() -> Answer | None:
        return rest.pop(0) if len(rest) > 1 else rest[0]

    return replace(link, http=Line(link.http, reach=again))
