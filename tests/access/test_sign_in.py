"""Sign in: guesses in parallel, unknown logins, and what is kept."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from kashu.access import passwords
from kashu.access.caller import Caller
from kashu.access.errors import LastOwner, SignInBusy, SignInFailed
from kashu.access.invite import accept_invitation, invite
from kashu.access.permissions import Role
from kashu.access.sign_in import begin_session, find_candidate, nobody, note_failure
from kashu.access.staff import change_role
from kashu.access.sweeps import forget_what_is_over
from kashu.access.tables import invitations, sessions, staff
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from tests.api.calls import add_staff
from tests.conftest import Tenant


def cost_of(password_hash: str) -> str:
    return password_hash.rpartition("$")[0].rpartition("$")[0]


async def test_an_unknown_login_costs_as_much_as_a_known_one() -> None:
    made = await passwords.hash_password("correct horse 42")
    assert cost_of(made) == cost_of(passwords.NOBODY) == "$argon2id$v=19$m=65536,t=3,p=4"
    assert await passwords.matches("correct horse 42", made)
    assert not await passwords.matches("correct horse 43", made)
    assert not await passwords.matches("correct horse 42", None)
    assert not await passwords.matches("correct horse 42", "no hash at all")


async def test_a_flood_of_sign_ins_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAITING_MAX", 2)
    outcomes = await asyncio.gather(
        *(passwords.matches("x", None) for _ in range(5)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes].count(SignInBusy) == 3
    assert outcomes.count(False) == 2
    assert not await passwords.matches("x", None)


async def test_of_guesses_in_parallel_none_gets_in_after_the_fifth(
    database: Database, tenant: Tenant
) -> None:
    caller = await add_staff(database, tenant.id, Role.OPS, "ann")
    async with database.transaction(tenant.id) as tx:
        candidate = await find_candidate(tx, tenant.id, "ANN")  # all read "not locked" first
    assert caller.actor == f"staff:{candidate.staff_id}"

    async def guess_wrong() -> None:
        async with database.transaction(tenant.id) as tx:
            await note_failure(tx, candidate)

    await asyncio.gather(*(guess_wrong() for _ in range(20)))
    with pytest.raises(SignInFailed):
        async with database.transaction(tenant.id) as tx:
            await begin_session(tx, candidate)
    async with database.transaction(tenant.id) as tx:
        person = (await tx.execute(select(staff.c.failed_count, staff.c.locked_until))).one()
        assert person.failed_count == 5  # while it is locked nothing is counted
        assert person.locked_until <= now() + timedelta(seconds=30)
        kept = await tx.execute(select(func.count()).select_from(sessions))
        assert kept.scalar_one() == 0


async def test_a_lock_is_never_longer_than_a_quarter_of_an_hour(
    database: Database, tenant: Tenant
) -> None:
    await add_staff(database, tenant.id, Role.OPS, "ann")
    async with database.transaction(tenant.id) as tx:
        candidate = await find_candidate(tx, tenant.id, "ann")
        for failed_count in (10, 1_000, 2_000_000_000):
            await tx.execute(update(staff).values(failed_count=failed_count, locked_until=None))
            await note_failure(tx, candidate)
            until = (await tx.execute(select(staff.c.locked_until))).scalar_one()
            assert timedelta(minutes=14) < until - now() <= timedelta(minutes=15)


async def test_nobody_gets_no_session(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        assert (await find_candidate(tx, tenant.id, "ghost")).password_hash is None
        await note_failure(tx, nobody(tenant.id))
        with pytest.raises(SignInFailed):
            await begin_session(tx, nobody(tenant.id))


async def test_a_password_changed_meanwhile_is_not_signed_in_with(
    database: Database, tenant: Tenant
) -> None:
    await add_staff(database, tenant.id, Role.OPS, "ann")
    async with database.transaction(tenant.id) as tx:
        candidate = await find_candidate(tx, tenant.id, "ann")
        await tx.execute(update(staff).values(password_hash="another"))
        with pytest.raises(SignInFailed):
            await begin_session(tx, candidate)


async def test_two_owners_cant_depose_each_other(database: Database, tenant: Tenant) -> None:
    first = await add_staff(database, tenant.id, Role.OWNER)
    second = await add_staff(database, tenant.id, Role.OWNER)

    async def depose(tx: Tx, caller: Caller, other: Caller) -> None:
        staff_id = UUID(other.actor.removeprefix("staff:"))
        await change_role(tx, tenant.id, caller, staff_id, Role.OPS)

    async def depose_the_first() -> None:
        async with database.transaction(tenant.id) as tx:
            await depose(tx, second, first)

    async with database.transaction(tenant.id) as tx:
        await depose(tx, first, second)
        meanwhile = asyncio.create_task(depose_the_first())
        while not meanwhile.done() and not await somebody_waits(tx):
            pass
    with pytest.raises(LastOwner):
        await meanwhile
    async with database.transaction(tenant.id) as tx:
        roles = list((await tx.execute(select(staff.c.role))).scalars())
    assert sorted(roles) == ["ops", "owner"]


async def somebody_waits(tx: Tx) -> bool:
    waiting = await tx.execute(
        text(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    )
    return bool(waiting.scalar_one())


async def test_sessions_and_links_are_forgotten_a_month_after_their_end(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        for login in ("ann", "ben"):
            made = await invite(tx, tenant.id, "cli", login=login, name=login, role=Role.OPS)
            await accept_invitation(tx, tenant.id, made.token, "hash")
            await begin_session(tx, await find_candidate(tx, tenant.id, login))
        ann = (await find_candidate(tx, tenant.id, "ann")).staff_id
        long_ago = now() - timedelta(days=31)
        for table in (sessions, invitations):
            await tx.execute(
                update(table).where(table.c.staff_id == ann).values(expires_at=long_ago)
            )
    await forget_what_is_over(database)
    async with database.transaction(tenant.id) as tx:
        for table in (sessions, invitations):
            left = list((await tx.execute(select(table.c.staff_id))).scalars())
            assert len(left) == 1
            assert ann not in left
