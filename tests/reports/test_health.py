"""The self-check: everything once a day, what is recent between, and what it keeps of both."""

from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from kashu.core.clock import now
from kashu.core.events import events
from kashu.core.ids import new_id
from kashu.reports.health import DONE, SUBJECT, Health, last_health
from kashu.reports.sweeps import keep_health
from kashu.reports.verify import OF_ALL, Scope, Verified, verify
from tests.reports.floor import Floor
from tests.reports.sound import Sound

ALL, RECENT = Scope.ALL, Scope.RECENT


async def look(sound: Sound, at: datetime | None = None) -> Verified:
    return await keep_health(sound.database, sound.tenant.id, lambda: at or now())


async def kept(sound: Sound) -> tuple[int, Health]:
    """How many findings are kept, and the last."""
    async with sound.database.transaction(sound.tenant.id) as tx:
        found = await last_health(tx, sound.tenant.id)
        count = (await tx.execute(select(func.count()).select_from(events))).scalar_one()
    assert found is not None
    return count, found


async def test_everything_is_proved_first_and_then_once_a_day(sound: Sound) -> None:
    first = await look(sound)
    assert (first.scope, first.since) == (ALL, None)
    for age in (timedelta(minutes=5), timedelta(hours=23)):
        assert (await look(sound, first.at + age)).scope is RECENT
    assert (await look(sound, first.at + timedelta(days=1))).scope is ALL


async def test_a_recent_proof_begins_before_the_last_one_and_says_so(sound: Sound) -> None:
    first, second = await look(sound), await look(sound)
    assert second.since == first.at - timedelta(minutes=15)
    assert {each.invariant for each in first.checked} == OF_ALL | {
        each.invariant for each in second.checked
    }


async def test_what_is_kept_says_what_was_proved(sound: Sound) -> None:
    first = await look(sound)
    rows = sum(each.rows_checked for each in first.checked)
    assert await kept(sound) == (1, Health(True, first.at, {}, rows, ALL, None))
    await look(sound)  # the same, and soon after: not kept
    assert (await kept(sound))[0] == 1
    sound.break_(
        "UPDATE core.events SET facts = facts || jsonb_build_object('at', %s::text)",
        (first.at - timedelta(minutes=16)).isoformat(),
    )
    second = await look(sound)
    count, last = await kept(sound)
    assert (count, last.scope, last.since, last.at) == (2, RECENT, second.since, second.at)


async def test_a_violation_that_is_found_is_looked_for_everywhere_until_it_is_gone(
    sound: Sound,
) -> None:
    await look(sound)
    sound.break_("UPDATE stock.lots SET void = void + 1 WHERE id = %s", sound.lot.id)
    sound.break_("UPDATE stock.moves SET from_state = 'revealed'")  # found in everything only
    broken = {"lot_counts_what_is_not_there": 1, "inventory_is_not_its_cards": 1}
    for _ in range(2):
        assert (await look(sound)).scope is ALL
        _, last = await kept(sound)
        assert (last.ok, last.broken) == (False, broken)
    sound.break_("UPDATE stock.lots SET void = void - 1 WHERE id = %s", sound.lot.id)
    assert (await look(sound)).ok is False  # though nothing recent is wrong any more
    sound.break_("UPDATE stock.moves SET from_state = 'available'")
    assert (await look(sound)).ok
    assert (await look(sound)).scope is RECENT


async def test_a_finding_of_an_earlier_version_was_of_everything(sound: Sound) -> None:
    facts = {"broken": {}, "rows_checked": 7, "took_ms": 1}
    async with sound.database.transaction(sound.tenant.id) as tx:
        await tx.execute(
            insert(events).values(
                tenant_id=sound.tenant.id,
                id=new_id(),
                kind=DONE,
                actor="system",
                subject_id=SUBJECT,
                facts=facts,
            )
        )
    count, found = await kept(sound)
    assert (count, found.scope, found.rows_checked) == (1, ALL, 7)
    assert (await look(sound)).scope is RECENT


async def test_a_recent_proof_looks_at_what_was_touched_and_at_nothing_else(floor: Floor) -> None:
    await floor.pay(3)
    await floor.see(await floor.pay(2, shared=True))
    of_the_schema = {"rules_in_force", "tenants_apart"}
    since = floor.since
    assert (await _looked_at(floor, since)).keys() == of_the_schema
    await floor.pay(2)
    looked_at = await _looked_at(floor, since)
    assert {name: rows for name, rows in looked_at.items() if name not in of_the_schema} == {
        "card_allocations": 2,
        "card_reservations": 2,
        "lot_counters": 1,
        "lines_add_up": 1,
        "lines_agree": 1,
        "books_balance": 2,
        "daily_totals": 4,  # of the whole day
    }


async def _looked_at(floor: Floor, since: datetime) -> dict[str, int]:
    async with floor.database.transaction(floor.tenant.id) as tx:
        verified = await verify(tx, floor.tenant.id, since)
    assert verified.ok
    return {each.invariant: each.rows_checked for each in verified.checked if each.rows_checked}
