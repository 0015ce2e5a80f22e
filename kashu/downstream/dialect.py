"""The Dialect protocol: how other systems, that know how to buy, buy from us.

A dialect is one file of its own among the adapters: it says whose call it is, checks its signature,
reads it strictly, asks the Counter, and answers in its own words. It opens no transaction, and
knows neither tables nor HTTP frameworks. What it doesn't know it refuses; it never guesses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from kashu.core.errors import KashuError
from kashu.core.secrets import Secret
from kashu.downstream.counter import Counter


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came. Header names are in lower case."""

    method: str
    path: str  # the whole of it, as it was sent
    login: str  # as the address names it; empty where the dialect's address doesn't
    rest: str  # what follows the dialect's address, without a slash in front
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, in JSON."""

    body: bytes = field(repr=False)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Login:
    """Who an agent's system signs in as."""

    tenant_id: int
    id: UUID
    customer_id: UUID
    name: str  # on the wire
    number: int
    secrets: Mapping[str, Secret] = field(repr=False)  # by what the dialect calls each


@runtime_checkable
class Dialect(Protocol):
    """One way that other systems buy."""

    name: str
    address: str  # of its calls, below ours: what a client is told; {login} stands for the login

    def make_secrets(self) -> Mapping[str, Secret]:
        """Draw the secrets of a new login."""
        ...

    def whose(self, call: Call) -> str:
        """Say which login a call names. Raises: LoginWrong."""
        ...

    def check(self, login: Login, call: Call, at: datetime) -> bool:
        """See that a call was signed by this login, just now; False: it needs no signature.

        Raises: LoginWrong, ClockOff, CallWrong.
        """
        ...

    async def answer(self, login: Login, call: Call, counter: Counter) -> Reply:
        """Do what a call asks for. Raises: what the Counter refuses, CallWrong, CallNotOffered."""
        ...

    def refuse(self, error: KashuError) -> Reply:
        """Say no, in the dialect's own codes. What isn't in its table is an error of ours."""
        ...
