"""Means: what handlers work with, under the names by which they ask for it."""

from dataclasses import dataclass

from litestar.di import NamedDependency, Provide
from litestar.types import Scope

from kashu.access.caller import Caller
from kashu.access.doorkeeper import Doorkeeper
from kashu.access.guards import current_caller
from kashu.access.keyring import Keyrings
from kashu.access.nonces import Nonces
from kashu.channels.ask import Outside
from kashu.core.db import Database
from kashu.delivery.desk import Desk
from kashu.downstream.dialects import Dialects
from kashu.entry.channels import WEB_SHARE, make_outside
from kashu.entry.dialects import make_dialects
from kashu.entry.listeners import Listeners
from kashu.entry.settings import Settings
from kashu.entry.suppliers import make_upstreams
from kashu.orders.intake import Intake
from kashu.suppliers.reach import Upstreams


@dataclass(slots=True)
class Means:
    """All of one application, on one database.

    It can be given others in place: to put hundreds of routes together takes longer than most
    tests, each of which has a database of its own.
    """

    keyrings: Keyrings
    intake: Intake
    doorkeeper: Doorkeeper
    outside: Outside
    upstreams: Upstreams
    desk: Desk
    dialects: Dialects
    listeners: Listeners

    def become(self, other: "Means") -> None:
        """Be another's from the next request on."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))


def gather(database: Database, keyrings: Keyrings, settings: Settings) -> Means:
    """Make all that handlers work with."""
    intake = Intake(database, keyrings)
    outside = make_outside(settings, keyrings, share=WEB_SHARE / settings.web_processes)
    return Means(
        keyrings,
        intake,
        Doorkeeper(database, keyrings.masters, Nonces(database)),
        outside,
        make_upstreams(settings, outside),
        Desk(database, outside),
        make_dialects(intake, keyrings),
        Listeners(database),
    )


def dependencies(means: Means) -> dict[str, Provide]:
    """What handlers ask for by name.

    Each depends on the one before only so that Litestar resolves them one after another: for
    several at once it starts a task group, which costs more than all four.
    """

    def provide_keyrings() -> Keyrings:
        return means.keyrings

    def provide_database(keyrings: NamedDependency[Keyrings]) -> Database:  # noqa: ARG001
        return means.intake.database

    def provide_intake(database: NamedDependency[Database]) -> Intake:  # noqa: ARG001
        return means.intake

    def provide_outside(intake: NamedDependency[Intake]) -> Outside:  # noqa: ARG001
        return means.outside

    def provide_desk(outside: NamedDependency[Outside]) -> Desk:  # noqa: ARG001
        return means.desk

    def provide_upstreams(outside: NamedDependency[Outside]) -> Upstreams:  # noqa: ARG001
        return means.upstreams

    def provide_dialects(outside: NamedDependency[Outside]) -> Dialects:  # noqa: ARG001
        return means.dialects

    def provide_caller(scope: Scope, intake: NamedDependency[Intake]) -> Caller:  # noqa: ARG001
        return current_caller(scope)

    return {
        "keyrings": Provide(provide_keyrings, sync_to_thread=False),
        "database": Provide(provide_database, sync_to_thread=False),
        "intake": Provide(provide_intake, sync_to_thread=False),
        "outside": Provide(provide_outside, sync_to_thread=False),
        "upstreams": Provide(provide_upstreams, sync_to_thread=False),
        "desk": Provide(provide_desk, sync_to_thread=False),
        "dialects": Provide(provide_dialects, sync_to_thread=False),
        "caller": Provide(provide_caller, sync_to_thread=False),
    }
