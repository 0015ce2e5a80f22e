"""What other programs are told: each thing once, signed, until it is heard; and nothing secret."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from standardwebhooks import Webhook, WebhookVerificationError

from kashu.access.keyring import Keyrings
from kashu.core.events import Event, events, record
from kashu.core.ids import new_id
from kashu.core.untold import take_untold, untold, wanted_kinds
from kashu.orders.fulfil import fulfil
from kashu.webhooks.deliver import deliver_due
from kashu.webhooks.endpoints import (
    change_endpoint,
    disable,
    endpoint_by_id,
)
from kashu.webhooks.errors import (
    DeliveryDue,
    WebhookBoundTwice,
    WebhookDisabled,
    WebhookTypesWrong,
)
from kashu.webhooks.fan_out import fan_out
from kashu.webhooks.kinds import (
    KEPT,
    SCHEDULE,
    DeliveryState,
    EndpointState,
)
from kashu.webhooks.lease import lease
from kashu.webhooks.replay import replay, replay_failed, send_test
from kashu.webhooks.settle import Ended, settle
from kashu.webhooks.sweeps import forget_deliveries
from tests.conftest import MASTERS, Tenant
from tests.orders.builders import make_shop, order_of
from tests.webhooks.conftest import IMPORTED, Told, imported, moment
from tests.webhooks.receiver import Receiver, listening
from tests.webhooks.test_messages import schema_of


async def test_an_order_is_told_of_once_signed_and_without_its_cards(
    told: Told, receiver: Receiver, keyrings: Keyrings
) -> None:
    made, secret = await told.endpoint(receiver.url)
    async with told.database.transaction(told.tenant.id) as tx:
        shop = await make_shop(tx, told.tenant.id, keyrings, cards=2)
        order = order_of(shop, quantity=2)
        await fulfil(tx, told.tenant.id, [order], shop.today)
    await told.pass_on()
    await told.pass_on()
    [message] = [each for each in receiver.verified(secret) if each["type"] == "order.filled"]
    assert message["data"]["external_id"] == order.external_id
    assert message["data"]["store_id"] == str(shop.store_id)
    assert set(message["data"]) == set(schema_of("order")["data"]["properties"])
    [heard] = [each for each in receiver.heard if b"order.filled" in each.body]
    assert heard.headers["content-type"] == "application/json"
    [delivery] = [each for each in await told.deliveries(made) if each.type == "order.filled"]
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)
    [tried] = await told.tries(delivery.id)
    assert (tried.number, tried.status, tried.said) == (1, 204, "")
    async with told.database.transaction(told.tenant.id) as tx:
        assert await tx.scalar(select(func.count()).select_from(untold)) == 0
        at = await tx.scalar(
            select(events.c.at).where(
                events.c.tenant_id == told.tenant.id, events.c.kind == "order.filled"
            )
        )
    assert moment(message["timestamp"]) == at


async def test_nothing_is_noted_for_nobody_and_nothing_told_that_was_undone(
    told: Told, receiver: Receiver, other_tenant: Tenant
) -> None:
    await told.happens(imported())
    made, secret = await told.endpoint(receiver.url, types=[IMPORTED])
    with pytest.raises(ZeroDivisionError):
        async with told.database.transaction(told.tenant.id) as tx:
            await record(tx, told.tenant.id, "system", [imported()])
            raise ZeroDivisionError
    await told.happens(Event("import.failed", new_id()), mine := imported())
    async with told.database.transaction(other_tenant.id) as tx:
        await record(tx, other_tenant.id, "system", [imported()])
    await told.pass_on()
    [message] = receiver.verified(secret)
    assert message["data"] == {"import_id": str(mine.subject_id)}  # names, and no facts
    async with told.database.transaction(told.tenant.id) as tx:
        await disable(tx, told.tenant.id, "cli", made.id, said="by_person")
        assert (await tx.execute(select(wanted_kinds))).all() == []
    await told.happens(imported())
    assert await fan_out(told.database, told.tenant.id, told.at) is False
    assert len(await told.deliveries(made)) == 1


async def test_what_commits_late_is_told_all_the_same(told: Told, receiver: Receiver) -> None:
    _, secret = await told.endpoint(receiver.url, types=[IMPORTED])
    async with told.database.transaction(told.tenant.id) as slow:
        await record(slow, told.tenant.id, "system", [late := imported()])
        await told.happens(early := imported())
        await told.pass_on()
    await told.pass_on()
    told_of = [each["data"]["import_id"] for each in receiver.verified(secret)]
    assert told_of == [str(early.subject_id), str(late.subject_id)]


async def test_two_who_fan_out_at_once_tell_once(told: Told, receiver: Receiver) -> None:
    made, _ = await told.endpoint(receiver.url, types=[IMPORTED])
    await told.happens(*[imported() for _ in range(20)])
    async with told.database.transaction(told.tenant.id) as tx:
        taken = await take_untold(tx, told.tenant.id, 5)
        await fan_out(told.database, told.tenant.id, told.at)  # passes over what is locked
        assert len(taken) == 5
        await tx.rollback()
    await fan_out(told.database, told.tenant.id, told.at)
    assert len({each.message_id for each in await told.deliveries(made)}) == 20


async def test_a_bound_address_hears_of_its_own_orders_only(
    told: Told, receiver: Receiver, keyrings: Keyrings
) -> None:
    async with told.database.transaction(told.tenant.id) as tx:
        shop = await make_shop(tx, told.tenant.id, keyrings, cards=2)
    async with listening() as elsewhere:
        _, secret = await told.endpoint(receiver.url, store_id=shop.store_id)
        with pytest.raises(WebhookTypesWrong):
            await told.endpoint(elsewhere.url, store_id=shop.store_id, types=[IMPORTED])
        with pytest.raises(WebhookBoundTwice):
            await told.endpoint(elsewhere.url, store_id=shop.store_id, customer_id=new_id())
        async with told.database.transaction(told.tenant.id) as tx:
            order = order_of(shop, quantity=1)
            await fulfil(tx, told.tenant.id, [order], shop.today)
        await told.happens(imported(), Event("order.filled", new_id()))  # of no order of ours
        await told.pass_on()
        told_of = [each["data"]["external_id"] for each in receiver.verified(secret)]
        assert set(told_of) == {order.external_id}


async def test_it_is_tried_again_for_days_and_then_given_up(told: Told, receiver: Receiver) -> None:
    made, secret = await told.endpoint(receiver.url, types=[IMPORTED])
    receiver.answers = ["500 Oh"]
    await told.happens(imported())
    await told.pass_on()
    for number, wait in enumerate(SCHEDULE, start=1):
        [delivery] = await told.deliveries(made)
        assert (delivery.state, delivery.attempts) == (DeliveryState.DUE, number)
        assert delivery.next_at - told.at == wait
        await told.pass_on(wait - timedelta(seconds=1))
        assert len(receiver.heard) == number  # not before its time
        await told.pass_on(timedelta(seconds=1))
    [delivery] = await told.deliveries(made)
    assert (delivery.state, len(receiver.heard)) == (DeliveryState.FAILED, len(SCHEDULE) + 1)
    assert len({(each.name, each.body) for each in receiver.heard}) == 1  # the same each time
    stamps = {each.headers["webhook-timestamp"] for each in receiver.heard}
    assert len(stamps) == len(receiver.heard)  # signed anew: who verifies refuses old ones
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(receiver.heard[0].body + b" ", receiver.heard[0].headers)
    receiver.answers = ["200 OK"]
    async with told.database.transaction(told.tenant.id) as tx:
        await replay(tx, told.tenant.id, "staff:owner", delivery.id, told.at)
    async with told.database.transaction(told.tenant.id) as tx:
        with pytest.raises(DeliveryDue):
            await replay(tx, told.tenant.id, "staff:owner", delivery.id, told.at)
    await told.pass_on()
    [delivery] = await told.deliveries(made)
    assert delivery.state is DeliveryState.DELIVERED
    assert [each.status for each in await told.tries(delivery.id)] == [500] * 10 + [200]


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        ("429 Slow down\r\nretry-after: 90", timedelta(seconds=90)),
        ("503 Later\r\nretry-after: 1", timedelta(seconds=5)),  # not sooner than ours
        ("502 Gateway", timedelta(seconds=5)),
        ("302 Found\r\nlocation: http://127.0.0.1:1/elsewhere", timedelta(seconds=5)),
        ("well", timedelta(seconds=5)),  # no line of HTTP: nothing clear came
    ],
)
async def test_only_2xx_is_heard_and_who_asks_to_be_left_alone_is(
    told: Told, receiver: Receiver, answer: str, wait: timedelta
) -> None:
    made, _ = await told.endpoint(receiver.url, types=[IMPORTED])
    receiver.answers = [answer, "204 No Content"]
    await told.happens(imported())
    await told.pass_on()
    [delivery] = await told.deliveries(made)
    assert (delivery.state, delivery.next_at - told.at) == (DeliveryState.DUE, wait)
    await told.happens(imported())
    rests = answer[:3] in {"429", "502", "503"} or answer == "well"
    await told.pass_on()
    assert len(receiver.heard) == (1 if rests else 2)
    await told.pass_on(wait)
    assert [each.state for each in await told.deliveries(made)] == [DeliveryState.DELIVERED] * 2


async def test_gone_is_told_nothing_more(told: Told, receiver: Receiver) -> None:
    made, _ = await told.endpoint(receiver.url, types=[IMPORTED])
    receiver.answers = ["410 Gone"]
    await told.happens(imported())
    await told.pass_on()
    await told.happens(imported())
    await told.pass_on(timedelta(days=1))
    assert len(receiver.heard) == 1
    async with told.database.transaction(told.tenant.id) as tx:
        known = await endpoint_by_id(tx, told.tenant.id, made.id)
        assert (known.state, known.said) == (EndpointState.DISABLED, "gone")
        with pytest.raises(WebhookDisabled):
            await send_test(tx, told.tenant.id, "staff:owner", made.id, told.at)
    receiver.answers = ["204 No Content"]
    async with told.database.transaction(told.tenant.id) as tx:
        await change_endpoint(tx, told.caller, made.id, state=EndpointState.OPEN)
        since = told.at - timedelta(days=3)
        count = await replay_failed(
            tx, told.tenant.id, "staff:owner", made.id, since=since, at=told.at
        )
    assert count == 1
    await told.pass_on()
    assert [each.state for each in await told.deliveries(made)] == [DeliveryState.DELIVERED]


async def test_five_days_in_vain_are_enough_and_a_dead_address_is_asked_seldom(
    told: Told, receiver: Receiver
) -> None:
    made, _ = await told.endpoint("http://127.0.0.1:9/hook", types=[IMPORTED])
    await told.happens(*[imported() for _ in range(50)])
    for _ in range(60):
        await told.pass_on(timedelta(seconds=10))
    tried = sum(each.attempts for each in await told.deliveries(made))
    assert 10 < tried < 60  # 50 messages over ten minutes: not each of them again and again
    await told.pass_on(timedelta(days=5))
    async with told.database.transaction(told.tenant.id) as tx:
        known = await endpoint_by_id(tx, told.tenant.id, made.id)
    assert (known.state, known.said) == (EndpointState.DISABLED, "failing")
    assert {each.state for each in await told.deliveries(made)} == {DeliveryState.FAILED}
    assert receiver.heard == []


async def test_who_is_slow_holds_up_nobody_else(told: Told, receiver: Receiver) -> None:
    receiver.waits = asyncio.Event()
    await told.endpoint(receiver.url, types=[IMPORTED])
    async with listening() as fast:
        await told.endpoint(fast.url, types=[IMPORTED])
        await told.happens(imported())
        await fan_out(told.database, told.tenant.id, told.at)
        delivering = asyncio.create_task(deliver_due(told.database, told.tenant.id, told.way))
        await receiver.has_heard(1)
        await told.happens(imported())
        await fan_out(told.database, told.tenant.id, told.at)
        await fast.has_heard(2)
        assert not delivering.done()
        receiver.waits.set()
        async with asyncio.timeout(10):
            assert await delivering is False
    assert len(receiver.heard) == 2


async def test_one_that_died_while_telling_is_followed_by_another(
    told: Told, receiver: Receiver
) -> None:
    made, secret = await told.endpoint(receiver.url, types=[IMPORTED])
    await told.happens(imported())
    await fan_out(told.database, told.tenant.id, told.at)
    async with told.database.transaction(told.tenant.id) as tx:  # it leased, and hangs
        slow = await lease(tx, told.tenant.id, made.id, told.at, MASTERS)
    assert slow is not None
    await told.pass_on(timedelta(seconds=30))
    assert receiver.heard == []  # it may be at it still
    await told.pass_on(timedelta(seconds=31))
    assert len(receiver.verified(secret)) == 1
    late = Ended(told.at, 61_000, None, "no_clear_answer", next_at=told.at)
    async with told.database.transaction(told.tenant.id) as tx:
        assert await settle(tx, told.tenant.id, made.id, slow.leased[0], late) is False
    [delivery] = await told.deliveries(made)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 2)


async def test_what_ended_long_ago_is_forgotten(told: Told, receiver: Receiver) -> None:
    made, _ = await told.endpoint(receiver.url, types=[IMPORTED])
    await told.happens(imported())
    await told.pass_on()
    assert await forget_deliveries(told.database, told.tenant.id, told.at + KEPT) is False
    assert len(await told.deliveries(made)) == 1
    later = told.at + KEPT + timedelta(seconds=1)
    assert await forget_deliveries(told.database, told.tenant.id, later) is False
    assert await told.deliveries(made) == []


async def test_a_test_message_tells_nothing_and_who_stops_leaves_it(
    told: Told, receiver: Receiver
) -> None:
    made, secret = await told.endpoint(receiver.url)
    async with told.database.transaction(told.tenant.id) as tx:
        await send_test(tx, told.tenant.id, "staff:owner", made.id, told.at)
    told.stopping = True
    await told.pass_on()
    assert receiver.heard == []
    told.stopping = False
    await told.pass_on()
    [message] = receiver.verified(secret)
    assert message["type"] == "webhook.test"
    assert len(json.dumps(message)) < 20_000
