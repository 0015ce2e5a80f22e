import asyncio
from dataclasses import replace

import pytest
from msgspec.json import decode
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.orders.answers import OrdersAnswer
from kashu.orders.bodies import LineBody, OrderBody, OrdersBody
from kashu.orders.errors import KeyReused, OrderWrong, RequestInFlight
from kashu.orders.intake import Intake
from kashu.orders.reads import recent_orders
from kashu.orders.refund import NewRefund, Wanted, refund
from tests.conftest import Tenant
from tests.orders.builders import make_shop, submission


@pytest.fixture
async def intake(database: Database, tenant: Tenant, keyrings: Keyrings) -> Intake:
    async with database.transaction(tenant.id) as tx:
        await make_shop(tx, tenant.id, keyrings, cards=20)
    return Intake(database, keyrings)


async def count(database: Database, tenant: Tenant, table: str) -> int:
    async with database.transaction(tenant.id) as tx:
        return int((await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def test_the_answer_has_the_card_and_a_replay_is_the_same_to_the_byte(
    intake: Intake, database: Database, tenant: Tenant
) -> None:
    first = await intake.submit(tenant.id, submission("A1"))
    again = await intake.submit(tenant.id, submission("A1"))
    assert (first.replayed, again.replayed) == (False, True)
    assert first.content == again.content
    card = decode(first.content, type=OrdersAnswer).orders[0].lines[0].cards[0]
    assert card.password == f"pw-{card.number}"
    assert await count(database, tenant, "orders.orders") == 1
    assert await count(database, tenant, "stock.reveals") == 2  # a replay shows the card again


async def test_a_replay_says_the_same_after_the_order_was_refunded(
    intake: Intake, database: Database, tenant: Tenant
) -> None:
    first = await intake.submit(tenant.id, submission("A1"))
    async with database.transaction(tenant.id) as tx:
        order, _ = (await recent_orders(tx, tenant.id, before=None, external_id="A1", most=1))[0]
        new = NewRefund(order.source, "R1", "A1", Wanted())
        await refund(tx, tenant.id, "test", new, day_of(now()))
    assert (await intake.submit(tenant.id, submission("A1"))).content == first.content


async def test_a_key_with_another_body_is_a_conflict_and_changes_nothing(
    intake: Intake, database: Database, tenant: Tenant
) -> None:
    await intake.submit(tenant.id, submission("A1", key="k"))
    with pytest.raises(KeyReused):
        await intake.submit(tenant.id, submission("A1", 2, key="k"))
    assert await count(database, tenant, "orders.orders") == 1


async def test_fifty_at_once_with_one_key_have_one_effect(
    intake: Intake, database: Database, tenant: Tenant
) -> None:
    results = await asyncio.gather(
        *(intake.submit(tenant.id, submission("A1")) for _ in range(50)), return_exceptions=True
    )
    answered = [result for result in results if not isinstance(result, BaseException)]
    refused = [result for result in results if isinstance(result, BaseException)]
    assert answered
    assert len({result.content for result in answered}) == 1
    assert {type(result) for result in refused} <= {RequestInFlight}
    assert await count(database, tenant, "stock.allocations") == 1


async def test_one_key_at_two_processes_at_once_has_one_effect(
    intake: Intake, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    other = Intake(database, keyrings)
    for n in range(5):
        answers = await asyncio.gather(
            intake.submit(tenant.id, submission(f"A{n}")),
            other.submit(tenant.id, submission(f"A{n}")),
        )
        assert answers[0].content == answers[1].content
        assert sorted(answer.replayed for answer in answers) == [False, True]
    assert await count(database, tenant, "stock.allocations") == 5


async def test_a_wrong_order_takes_nothing_from_those_written_with_it(
    intake: Intake, database: Database, tenant: Tenant
) -> None:
    good, wrong = await asyncio.gather(
        intake.submit(tenant.id, submission("A1")),
        intake.submit(tenant.id, submission("A2", sku="nothing", price="1.234567")),
        return_exceptions=True,
    )
    assert not isinstance(good, BaseException)
    assert isinstance(wrong, OrderWrong)
    assert [(problem.at, problem.code) for problem in wrong.problems] == [
        ("/orders/0/lines/0/sku", "unknown_sku"),
        ("/orders/0/lines/0/price", "amount_unreadable"),
    ]
    assert await count(database, tenant, "orders.orders") == 1


async def test_an_order_under_another_key_is_told_as_there_already(
    intake: Intake, tenant: Tenant
) -> None:
    first = decode((await intake.submit(tenant.id, submission("A1"))).content, type=OrdersAnswer)
    second = decode(
        (await intake.submit(tenant.id, submission("A1", key="other"))).content, type=OrdersAnswer
    )
    assert not second.orders[0].new
    assert second.orders[0].order_id == first.orders[0].order_id
    assert second.orders[0].lines[0].cards == ()


async def test_keys_of_two_callers_are_independent(
    intake: Intake, database: Database, tenant: Tenant
) -> None:
    await intake.submit(tenant.id, submission("A1", key="k"))
    await intake.submit(tenant.id, replace(submission("A2", key="k"), caller="key:other"))
    assert await count(database, tenant, "orders.orders") == 2


async def test_more_buyers_than_cards_get_exactly_the_cards(intake: Intake, tenant: Tenant) -> None:
    answers = await asyncio.gather(
        *(intake.submit(tenant.id, submission(f"B{n}")) for n in range(200))
    )
    cards = [
        card.number
        for answer in answers
        for line in decode(answer.content, type=OrdersAnswer).orders[0].lines
        for card in line.cards
    ]
    assert len(cards) == len(set(cards)) == 20


async def test_errors_of_the_database_reach_whoever_asked(
    tenant: Tenant, keyrings: Keyrings
) -> None:
    nowhere = Intake(Database("postgresql://nobody@/nothing?host=/nonexistent"), keyrings)
    with pytest.raises(KashuError, match="busy"):
        await nowhere.submit(tenant.id, submission("A1"))


async def test_an_order_that_is_there_with_other_lines_is_told_as_it_is(
    intake: Intake, database: Database, tenant: Tenant
) -> None:
    await intake.submit(tenant.id, submission("A1", 2, price="39.60"))
    other = submission("A1", 7, key="other", price="1.00")
    told = decode((await intake.submit(tenant.id, other)).content, type=OrdersAnswer).orders[0]
    line = told.lines[0]
    assert (told.new, told.differs) == (False, True)
    assert (line.quantity, line.delivered, line.waiting) == (2, 2, 0)
    both = replace(other, key="both", body=OrdersBody((order("A2", 1), order("A2", 1, 1))))
    first, second = decode((await intake.submit(tenant.id, both)).content, type=OrdersAnswer).orders
    assert (first.new, second.new, second.differs) == (True, False, True)
    assert len(second.lines) == 1
    assert await count(database, tenant, "orders.lines") == 2


def order(external_id: str, *quantities: int) -> OrderBody:
    return OrderBody(
        external_id, tuple(LineBody("mgtv-month", quantity, "1.00") for quantity in quantities)
    )
