"""The Streaming protocol: platforms that tell over a connection which we hold open.

It stands beside Channel, for adapters that can STREAM. A stream is an application's: it tells of
all shops that the application acts for. It tells again what wasn't acknowledged; so we acknowledge
what is written down, and what comes twice has one effect. A push of a stream is believed for no
more than one over HTTP: for an order's number.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kashu.channels.channel import Link, Push
from kashu.core.sockets import Sockets


@dataclass(frozen=True, slots=True)
class Told:
    """What came at once. What can't be read is left out, is logged, and counts as taken."""

    pushes: tuple[Push, ...]
    receipts: tuple[str | int, ...]  # the adapter's own: what to acknowledge by


class Stream(Protocol):
    """An open stream."""

    async def told(self) -> Told:
        """Wait for what comes next. Raises: OutsideError, when there will be no more."""
        ...

    async def taken(self, told: Told) -> None:
        """Acknowledge what was written down; until then the platform tells it again."""
        ...


@runtime_checkable
class Streaming(Protocol):
    """An adapter of a platform with streams."""

    def streams(self, options: Mapping[str, str]) -> bool:
        """Whether an application with these options is to be listened to."""
        ...

    async def permit_stream(self, link: Link) -> None:
        """Have the platform tell of this link's shop, too. Harmless to repeat."""
        ...

    def stream(self, link: Link, sockets: Sockets) -> AbstractAsyncContextManager[Stream]:
        """Open a stream for the link's application; the link has no grant.

        Lets go of whatever it holds when the block ends. Raises: OutsideError, AddressForbidden.
        """
        ...
