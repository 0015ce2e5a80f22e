"""Cards that came by mail or chat: the file of one order, taken whole, once, and at its cost."""

from pathlib import Path

import pytest

from kashu.access.keyring import Keyrings
from kashu.adapters.suppliers.by_hand import NAME, WAITS, ByHandUpstream
from kashu.core.db import Database
from kashu.purchases.errors import AttemptSettled, UnknownAttempt
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.purchases.moves import Occasion
from kashu.purchases.reads import Attempt
from kashu.purchases.receive_file import (
    BY_HAND,
    RULES,
    AttemptNotByHand,
    AttemptTakesNoCards,
    FileNotWhole,
    Handed,
    NoCardsInFile,
    expect,
    find_cards,
    foresee,
    receive_file,
)
from kashu.simulators.suppliers.house import Fate, Kind
from kashu.stock.imports_reading import Source, open_file, open_pasted
from kashu.suppliers.conformance import shape
from tests.conftest import Tenant
from tests.purchases.by_hand import CARDS, CODE, COST_E4, open_by_hand, ordered
from tests.purchases.world import DEPOSIT_E4, World


@pytest.fixture
async def world(database: Database, tenant: Tenant, keyrings: Keyrings) -> World:
    return await open_by_hand(database, tenant, keyrings)


async def _hand_in(
    world: World, number: str, source: Source, handed: Handed | None = None
) -> Attempt:
    occasion = _occasion(world)
    async with world.buyer.transaction() as tx:
        expected = await expect(tx, occasion, number)
    found = await find_cards(expected, source)
    async with world.buyer.transaction() as tx:
        return await receive_file(tx, occasion, expected, found, handed or Handed())


async def _money(world: World) -> list[object]:
    """What the books say of each supplier, and what is in stock."""
    return [await world.money(code) for code in world.suppliers] + [await world.stock_count()]


def _occasion(world: World) -> Occasion:
    buyer = world.buyer
    keyrings = buyer.upstreams.keyrings
    return Occasion(buyer.tenant_id, "cli", buyer.now(), buyer.timezone, keyrings, RULES)


async def test_an_order_waits_for_its_file_and_is_asked_about_without_a_call(world: World) -> None:
    attempt = await ordered(world)
    assert (attempt.state, attempt.said) == (AttemptState.PROCESSING, WAITS)
    await world.later(hours=30)
    await world.ask()
    assert (await world.attempts(attempt.purchase_id))[0].state is AttemptState.PROCESSING
    assert (await world.money(CODE)).in_doubt_e4 == 3 * COST_E4


async def test_nobody_looks_in_a_month_and_a_person_is_told(world: World) -> None:
    attempt = await ordered(world)
    for _ in range(40):
        await world.later(hours=3)
        await world.ask()
    [left] = await world.attempts(attempt.purchase_id)
    assert left.state is AttemptState.MANUAL
    settled = await _hand_in(world, attempt.number, open_pasted(CARDS))
    assert settled.state is AttemptState.SUCCEEDED


async def test_a_file_ends_its_order_and_its_money_is_exact(world: World, tmp_path: Path) -> None:
    attempt = await ordered(world)
    path = tmp_path / "cards.csv"
    path.write_text(
        "卡号,密码\nKAMI00000001,P00000001\nKAMI00000002,P00000002\nKAMI00000003,P00000003\n"
    )
    settled = await _hand_in(world, attempt.number, open_file(path))
    assert (settled.state, settled.received_count) == (AttemptState.SUCCEEDED, 3)
    assert (await world.purchase(attempt.purchase_id)).state is PurchaseState.DONE
    assert await world.stock_count() == 3
    money = await world.money(CODE)
    assert (money.in_doubt_e4, money.recoveries_e4) == (0, 0)
    [told] = await world.happened("attempt.file_received")
    assert told["cards"] == 3
    assert "KAMI" not in str(told)
    await world.proved()


async def test_a_file_is_taken_once(world: World) -> None:
    attempt = await ordered(world)
    await _hand_in(world, attempt.number, open_pasted(CARDS))
    before = await _money(world)
    with pytest.raises(AttemptSettled):
        await _hand_in(world, attempt.number, open_pasted(CARDS))
    assert await _money(world) == before
    assert await world.stock_count() == 3


async def test_two_who_hand_in_at_once_are_one(world: World) -> None:
    attempt = await ordered(world)
    occasion = _occasion(world)
    async with world.buyer.transaction() as tx:
        expected = await expect(tx, occasion, attempt.number)
    found = await find_cards(expected, open_pasted(CARDS))
    async with world.buyer.transaction() as tx:
        await receive_file(tx, occasion, expected, found, Handed())
    before = await _money(world)
    other = await find_cards(expected, open_pasted(CARDS.replace("KAMI", "ANDERE")))
    with pytest.raises(AttemptSettled):
        async with world.buyer.transaction() as tx:
            await receive_file(tx, occasion, expected, other, Handed())
    assert await _money(world) == before
    assert await world.stock_count() == 3


@pytest.mark.parametrize(
    ("text", "cards", "wrong"),
    [
        ("KAMI00000001 P00000001\nKAMI00000002 P00000002\n", 2, 0),
        (CARDS + "KAMI00000004,MIMA00000004\n", 4, 0),
        ("卡号,密码\nKAMI00000001,P00000001\nKAMI00000002,P00000002\n你好\n", 2, 1),
    ],
    ids=["fewer", "more", "unreadable"],
)
async def test_what_does_not_fit_is_refused_and_its_rows_are_named(
    world: World, text: str, cards: int, wrong: int
) -> None:
    attempt = await ordered(world)
    before = await _money(world)
    with pytest.raises(FileNotWhole) as caught:
        await _hand_in(world, attempt.number, open_pasted(text))
    facts = caught.value.facts
    assert (facts["ordered"], facts["cards"], facts["wrong"]) == (3, cards, wrong)
    assert len(caught.value.problems) == wrong
    assert "KAMI" not in f"{caught.value} {caught.value.problems}"
    assert await _money(world) == before
    assert await world.stock_count() == 0
    assert (await world.attempts(attempt.purchase_id))[0].state is AttemptState.PROCESSING


async def test_fewer_are_taken_as_they_are_and_the_rest_is_asked_back(world: World) -> None:
    attempt = await ordered(world)
    two = open_pasted("KAMI00000001 P00000001\nKAMI00000002 P00000002\n")
    settled = await _hand_in(world, attempt.number, two, Handed(as_it_is=True))
    assert settled.received_count == 2
    money = await world.money(CODE)
    assert (money.in_doubt_e4, money.recoveries_e4) == (0, COST_E4)
    purchase = await world.purchase(attempt.purchase_id)
    assert (purchase.received_count, purchase.state) == (2, PurchaseState.WANTED)
    await world.proved()


async def test_what_was_charged_may_be_said(world: World) -> None:
    attempt = await ordered(world)
    charged = Handed(charged_e4=3 * COST_E4 - 30_000)
    await _hand_in(world, attempt.number, open_pasted(CARDS), charged)
    money = await world.money(CODE)
    assert money.in_doubt_e4 == 0
    assert money.prepaid_e4 == DEPOSIT_E4 - 3 * COST_E4 + 30_000
    await world.proved()


async def test_cards_that_we_have_are_kept_as_evidence(world: World) -> None:
    first = await ordered(world)
    await _hand_in(world, first.number, open_pasted(CARDS))
    second = await ordered(world)
    occasion = _occasion(world)
    async with world.buyer.transaction() as tx:
        expected = await expect(tx, occasion, second.id)
        report = await foresee(
            tx, world.tenant.id, expected, open_pasted(CARDS), keyrings=occasion.keyrings
        )
    assert report.classes["duplicate_in_stock"].count == 3
    assert await world.stock_count() == 3
    settled = await _hand_in(world, second.number, open_pasted(CARDS))
    assert (settled.received_count, settled.turned_away_count) == (0, 3)
    assert await world.stock_count() == 3
    await world.proved()


async def test_a_file_of_nothing_is_refused(world: World) -> None:
    attempt = await ordered(world)
    for text in ("卡号,密码\n", "你好，这是卡密\n"):
        with pytest.raises(NoCardsInFile):
            await _hand_in(world, attempt.number, open_pasted(text), Handed(as_it_is=True))
    assert await world.stock_count() == 0


async def test_nobodys_number_is_unknown(world: World) -> None:
    with pytest.raises(UnknownAttempt):
        await _hand_in(world, "K0000000000000000", open_pasted(CARDS))


async def test_what_we_ask_a_supplier_about_is_not_handed_in(world: World) -> None:
    house = await world.add("machine")
    house.house.fates.append(Fate.WAIT)
    purchase_id = await world.want(3, supplier_id=world.suppliers["machine"])
    await world.place()
    attempt = await world.attempt(purchase_id)
    assert attempt.live
    before = await _money(world)
    with pytest.raises(AttemptNotByHand):
        await _hand_in(world, attempt.number, open_pasted(CARDS))
    assert await _money(world) == before


async def test_a_topup_takes_no_cards(world: World) -> None:
    house = await world.add("machine", kind=Kind.TOPUP)
    house.house.fates.append(Fate.WAIT)
    purchase_id = await world.want_topup(supplier_id=world.suppliers["machine"])
    await world.run(hours=80)
    attempt = await world.attempt(purchase_id)
    assert attempt.state is AttemptState.MANUAL
    with pytest.raises(AttemptTakesNoCards):
        await _hand_in(world, attempt.number, open_pasted(CARDS))


def test_no_repr_tells_a_card() -> None:
    assert BY_HAND == NAME
    found = Handed(charged_e4=1)
    assert "KAMI" not in repr(found)


async def test_it_keeps_the_promises_of_its_shape() -> None:
    await shape.it_is_an_upstream_and_says_what_it_can.run(ByHandUpstream(), None)  # type: ignore[arg-type]
