"""Movements: money goes to a supplier once, after a second person, with evidence."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text

from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.core.events import events_of
from kashu.ledger.kinds import AccountKind
from kashu.ledger.reads import trial_balance
from kashu.suppliers.errors import UnknownSupplier
from kashu.suppliers.errors_prepaid import (
    EvidenceNeeded,
    ExposureOver,
    FileTooLarge,
    MovementAskedOtherwise,
    MovementElsewhere,
    MovementNeedsAnother,
    MovementWrong,
    NoFileKept,
    NotClaimed,
    NotOwed,
    PrepaidShort,
    ReasonMissing,
    UnknownMovement,
)
from kashu.suppliers.exposure import check_room, exposure_of
from kashu.suppliers.files import EVIDENCE_MAX, Attached, attached
from kashu.suppliers.kinds_prepaid import CashMethod, MovementKind, MovementState
from kashu.suppliers.limits import LimitChanges, change_limits
from kashu.suppliers.movement_books import cash_account
from kashu.suppliers.movement_reads import evidence_of, movement_list, movement_of
from kashu.suppliers.movements import (
    Evidence,
    WantedMovement,
    approve_movement,
    ask_for_movement,
    end_movement,
    pay_movement,
    post_movement,
)
from tests.conftest import MASTERS, Tenant
from tests.suppliers.books import (
    ANNA,
    BERT,
    TODAY,
    deposit,
    make_supplier,
    move,
    transfer_count,
)

CARLA = "staff:carla"
MONEY_E4 = 5_000_000
SENT = (AccountKind.IN_DOUBT, AccountKind.PREPAID)


def of(supplier_id: UUID, kind: MovementKind = MovementKind.DEPOSIT) -> WantedMovement:
    method = CashMethod.BANK if kind in {MovementKind.DEPOSIT, MovementKind.WITHDRAWAL} else None
    return WantedMovement(supplier_id, kind, MONEY_E4, "十一月充值", method)


async def test_a_deposit_is_asked_approved_paid_and_posted(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    asked = await ask_for_movement(tx, tenant.id, ANNA, of(supplier_id))
    assert asked.state is MovementState.ASKED
    approved = await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    assert (approved.state, approved.approved_by) == (MovementState.APPROVED, BERT)
    file = Attached("回单.png", b"\x89PNG...")
    paid = await pay_movement(
        tx, tenant.id, ANNA, asked.id, Evidence("ICBC-1", file), masters=MASTERS
    )
    assert (paid.state, paid.reference, paid.evidence_name) == (
        MovementState.PAID,
        "ICBC-1",
        "回单.png",
    )
    assert await transfer_count(tx) == 0
    posted = await post_movement(tx, tenant.id, ANNA, asked.id, posted_on=TODAY)
    assert posted.state is MovementState.POSTED
    assert posted.transfer_id is not None
    exposure = (await exposure_of(tx, tenant.id, [supplier_id]))[supplier_id]
    assert (exposure.available_e4, exposure.room_e4) == (MONEY_E4, MONEY_E4)
    balances = {
        (row.kind, row.owner_id): row.balance_e4
        for row in (await trial_balance(tx, tenant.id)).accounts
    }
    assert balances == {
        ("prepaid", supplier_id): MONEY_E4,
        ("cash", cash_account(CashMethod.BANK).owner_id): -MONEY_E4,
    }
    assert [event.kind for event in await events_of(tx, tenant.id, asked.id)] == [
        "movement.asked",
        "movement.approved",
        "movement.paid",
        "movement.posted",
    ]
    assert await evidence_of(tx, tenant.id, asked.id, MASTERS) == file


async def test_the_evidence_is_sealed_in_the_database(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    asked = await ask_for_movement(tx, tenant.id, ANNA, of(supplier_id))
    await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    file = Attached("回单.txt", b"an account number")
    await pay_movement(tx, tenant.id, ANNA, asked.id, Evidence("", file), masters=MASTERS)
    kept = (await tx.execute(text("SELECT sealed_evidence FROM suppliers.movements"))).scalar_one()
    assert b"account" not in bytes(kept)
    assert "account" not in repr(file)


async def test_who_asked_cannot_approve(tx: Tx, tenant: Tenant) -> None:
    asked = await ask_for_movement(tx, tenant.id, ANNA, of(await make_supplier(tx, tenant.id)))
    with pytest.raises(MovementNeedsAnother):
        await approve_movement(tx, tenant.id, ANNA, asked.id, posted_on=TODAY)
    assert await movement_of(tx, tenant.id, asked.id) == asked


async def test_the_database_itself_keeps_asker_and_approver_apart(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        asked = await ask_for_movement(tx, tenant.id, ANNA, of(supplier_id))
    with pytest.raises(MovementNeedsAnother):
        async with database.transaction(tenant.id) as tx:
            await tx.execute(text("UPDATE suppliers.movements SET approved_by = asked_by"))
    async with database.transaction(tenant.id) as tx:
        assert await movement_of(tx, tenant.id, asked.id) == asked


async def test_nothing_is_paid_or_posted_out_of_turn(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    asked = await ask_for_movement(tx, tenant.id, ANNA, of(supplier_id))
    with pytest.raises(MovementElsewhere):
        await pay_movement(tx, tenant.id, ANNA, asked.id, Evidence("1"), masters=MASTERS)
    with pytest.raises(MovementElsewhere):
        await post_movement(tx, tenant.id, ANNA, asked.id, posted_on=TODAY)
    await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    with pytest.raises(MovementElsewhere):
        await approve_movement(tx, tenant.id, CARLA, asked.id, posted_on=TODAY)
    with pytest.raises(MovementElsewhere):
        await post_movement(tx, tenant.id, ANNA, asked.id, posted_on=TODAY)
    with pytest.raises(UnknownMovement):
        await post_movement(tx, tenant.id, ANNA, uuid4(), posted_on=TODAY)
    assert (await movement_of(tx, tenant.id, asked.id)).approved_by == BERT
    assert await transfer_count(tx) == 0


@pytest.mark.parametrize(
    ("evidence", "error"),
    [
        (Evidence(" "), EvidenceNeeded),
        (Evidence("x" * 101), EvidenceNeeded),
        (Evidence("", Attached("f", b"x" * (EVIDENCE_MAX + 1))), FileTooLarge),
    ],
)
async def test_a_payment_needs_evidence_that_can_be_kept(
    tx: Tx, tenant: Tenant, evidence: Evidence, error: type[KashuError]
) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    asked = await ask_for_movement(tx, tenant.id, ANNA, of(supplier_id))
    approved = await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    with pytest.raises(error):
        await pay_movement(tx, tenant.id, ANNA, asked.id, evidence, masters=MASTERS)
    assert await movement_of(tx, tenant.id, asked.id) == approved
    with pytest.raises(NoFileKept):
        await evidence_of(tx, tenant.id, asked.id, MASTERS)


async def test_a_movement_is_refused_or_cancelled_until_it_is_paid(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    for state in (MovementState.REFUSED, MovementState.CANCELLED):
        asked = await ask_for_movement(tx, tenant.id, ANNA, of(supplier_id))
        with pytest.raises(ReasonMissing):
            await end_movement(tx, tenant.id, BERT, asked.id, state=state, because=" ")
        ended = await end_movement(tx, tenant.id, BERT, asked.id, state=state, because="太多")
        assert (ended.state, ended.ended_because) == (state, "太多")
        with pytest.raises(MovementElsewhere):
            await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    await deposit(tx, tenant.id, supplier_id, MONEY_E4)
    posted = (await movement_list(tx, tenant.id, state=MovementState.POSTED))[0]
    with pytest.raises(MovementElsewhere):
        await end_movement(
            tx, tenant.id, BERT, posted.id, state=MovementState.CANCELLED, because="?"
        )
    assert await transfer_count(tx) == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"amount_e4": 0}, MovementWrong),
        ({"amount_e4": -1}, MovementWrong),
        ({"amount_e4": 10**12}, MovementWrong),
        ({"method": None}, MovementWrong),
        ({"kind": MovementKind.CORRECTION}, MovementWrong),
        ({"reason": " "}, ReasonMissing),
        ({"supplier_id": UUID(int=7)}, UnknownSupplier),
        ({"kind": MovementKind.WITHDRAWAL}, PrepaidShort),
        ({"kind": MovementKind.PAYMENT}, NotOwed),
        ({"kind": MovementKind.RETURNED, "method": None}, NotClaimed),
    ],
)
async def test_what_cannot_be_is_not_asked_for(
    tx: Tx, tenant: Tenant, change: dict[str, object], error: type[KashuError]
) -> None:
    wanted = replace(of(await make_supplier(tx, tenant.id)), **change)  # type: ignore[arg-type]
    with pytest.raises(error):
        await ask_for_movement(tx, tenant.id, ANNA, wanted)
    assert await movement_list(tx, tenant.id) == []
    assert await transfer_count(tx) == 0


async def test_a_request_that_comes_twice_asks_once(tx: Tx, tenant: Tenant) -> None:
    wanted = replace(of(await make_supplier(tx, tenant.id)), request_key="r1")
    first = await ask_for_movement(tx, tenant.id, ANNA, wanted)
    assert await ask_for_movement(tx, tenant.id, ANNA, wanted) == first
    with pytest.raises(MovementAskedOtherwise):
        await ask_for_movement(tx, tenant.id, ANNA, replace(wanted, amount_e4=1))
    assert await movement_list(tx, tenant.id) == [first]


async def test_no_more_is_deposited_than_may_be_out(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    limit = LimitChanges(exposure_max_e4=MONEY_E4 + 1)
    await change_limits(tx, tenant.id, "cli", "fulu", limit)
    second = await ask_for_movement(tx, tenant.id, ANNA, of(supplier_id))
    await deposit(tx, tenant.id, supplier_id, MONEY_E4)
    with pytest.raises(ExposureOver):
        await ask_for_movement(tx, tenant.id, ANNA, of(supplier_id))
    with pytest.raises(ExposureOver):
        await approve_movement(tx, tenant.id, BERT, second.id, posted_on=TODAY)
    assert await movement_of(tx, tenant.id, second.id) == second
    assert await transfer_count(tx) == 1


async def test_a_correction_is_posted_when_it_is_approved_and_may_go_down(
    tx: Tx, tenant: Tenant
) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    for kind, amount_e4 in ((MovementKind.OPENING, 70), (MovementKind.CORRECTION, -30)):
        wanted = WantedMovement(supplier_id, kind, amount_e4, "对账差异")
        asked = await ask_for_movement(tx, tenant.id, ANNA, wanted)
        posted = await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
        assert posted.state is MovementState.POSTED
    exposure = (await exposure_of(tx, tenant.id, [supplier_id]))[supplier_id]
    assert exposure.available_e4 == 40


async def test_what_was_asked_back_comes_as_balance_or_cash_or_is_written_off(
    tx: Tx, tenant: Tenant
) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    asked_back = (AccountKind.RECOVERIES, AccountKind.COST_OF_GOODS)
    await move(tx, tenant.id, supplier_id, asked_back, 100)
    for kind in (MovementKind.RETURNED, MovementKind.WRITTEN_OFF):
        asked = await ask_for_movement(
            tx, tenant.id, ANNA, WantedMovement(supplier_id, kind, 40, "赔付")
        )
        await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    exposure = (await exposure_of(tx, tenant.id, [supplier_id]))[supplier_id]
    assert (exposure.available_e4, exposure.recoveries_e4) == (40, 20)


async def test_no_more_is_sent_than_is_there_with_its_credit(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    await deposit(tx, tenant.id, supplier_id, 100)
    await check_room(tx, tenant.id, supplier_id, 100)
    with pytest.raises(PrepaidShort):
        await check_room(tx, tenant.id, supplier_id, 101)
    await change_limits(tx, tenant.id, "cli", "fulu", LimitChanges(credit_max_e4=50))
    await check_room(tx, tenant.id, supplier_id, 150)
    with pytest.raises(PrepaidShort):
        await check_room(tx, tenant.id, supplier_id, 151)
    await move(tx, tenant.id, supplier_id, SENT, 60)
    await change_limits(tx, tenant.id, "cli", "fulu", LimitChanges(exposure_max_e4=100))
    await check_room(tx, tenant.id, supplier_id, 40)
    with pytest.raises(ExposureOver):
        await check_room(tx, tenant.id, supplier_id, 41)


# Shown by hand: without the state in the UPDATE of _move() both post, and the books have it twice.
async def _both(
    database: Database, tenant: Tenant, movement_id: UUID, what: str
) -> list[BaseException | None]:
    async def one(actor: str) -> None:
        async with database.transaction(tenant.id) as tx:
            if what == "approve":
                await approve_movement(tx, tenant.id, actor, movement_id, posted_on=TODAY)
            else:
                await post_movement(tx, tenant.id, actor, movement_id, posted_on=TODAY)

    done = await asyncio.gather(one(BERT), one(CARLA), return_exceptions=True)
    return [each for each in done if each is not None]


@pytest.mark.parametrize("kind", [MovementKind.DEPOSIT, MovementKind.OPENING])
async def test_two_who_approve_at_once_approve_once(
    database: Database, tenant: Tenant, kind: MovementKind
) -> None:
    async with database.transaction(tenant.id) as tx:
        asked = await ask_for_movement(
            tx, tenant.id, ANNA, of(await make_supplier(tx, tenant.id), kind)
        )
    failed = await _both(database, tenant, asked.id, "approve")
    assert [type(each) for each in failed] == [MovementElsewhere]
    async with database.transaction(tenant.id) as tx:
        assert await transfer_count(tx) == int(kind is MovementKind.OPENING)


async def test_two_who_post_at_once_post_once(
    database: Database, tenant: Tenant, owner_url: str
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        asked = await ask_for_movement(tx, tenant.id, ANNA, of(supplier_id))
        await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
        await pay_movement(tx, tenant.id, ANNA, asked.id, Evidence("1"), masters=MASTERS)
    failed = await _both(database, tenant, asked.id, "post")
    assert [type(each) for each in failed] == [MovementElsewhere]
    with psycopg.connect(owner_url) as connection:
        posted = connection.execute(
            "SELECT (SELECT count(*) FROM ledger.transfers),"
            " (SELECT sum(prepaid_debit_e4) FROM ledger.supplier_days)"
        ).fetchone()
    assert posted == (1, MONEY_E4)


async def test_two_who_send_at_once_send_no_more_than_there_is(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        await deposit(tx, tenant.id, supplier_id, 100)

    async def send() -> None:
        async with database.transaction(tenant.id) as tx:
            await check_room(tx, tenant.id, supplier_id, 60)
            await move(tx, tenant.id, supplier_id, SENT, 60)

    done = await asyncio.gather(*(send() for _ in range(4)), return_exceptions=True)
    assert [type(each) for each in done if each is not None] == [PrepaidShort] * 3
    async with database.transaction(tenant.id) as tx:
        exposure = (await exposure_of(tx, tenant.id, [supplier_id]))[supplier_id]
    assert (exposure.available_e4, exposure.in_doubt_e4) == (40, 60)


def test_the_name_of_a_file_is_no_path() -> None:
    for name, kept in (
        ("..\\..\\a/b.png", "b.png"),
        ("", "file"),
        (None, "file"),
        ("\x00a\n.png", "a.png"),
    ):
        file = attached(name, b"x")
        assert file is not None
        assert file.name == kept
    assert attached("a.png", b"") is None
