"""Addresses that are told: their secrets, and which are refused."""

from datetime import timedelta

import pytest
from standardwebhooks import WebhookVerificationError

from kashu.core.http import Http
from kashu.core.secrets import MasterKey, MasterKeys
from kashu.webhooks.endpoints import reseal_endpoints, rotate_secret
from kashu.webhooks.errors import WebhookUrlWrong
from kashu.webhooks.lease import lease
from kashu.webhooks.replay import send_test
from tests.conftest import MASTERS
from tests.webhooks.conftest import IMPORTED, Told, imported
from tests.webhooks.receiver import Receiver


async def test_a_secret_is_changed_while_serving_and_sealed_under_another_master(
    told: Told, receiver: Receiver
) -> None:
    made, first = await told.endpoint(receiver.url, types=[IMPORTED])
    async with told.database.transaction(told.tenant.id) as tx:
        changed, second = await rotate_secret(tx, told.caller, MASTERS, made.id, told.at)
    assert changed.earlier_until == told.at + timedelta(hours=24)
    await told.happens(imported())
    await told.pass_on()
    assert receiver.verified(first) == receiver.verified(second.clear)
    async with told.database.transaction(told.tenant.id) as tx:
        day_ago = told.at - timedelta(hours=24)
        _, third = await rotate_secret(tx, told.caller, MASTERS, made.id, day_ago)
    receiver.heard.clear()
    await told.happens(imported())
    await told.pass_on()
    assert len(receiver.verified(third.clear)) == 1
    with pytest.raises(WebhookVerificationError, match="No matching"):
        receiver.verified(second.clear)
    fresh = MasterKeys(MasterKey.of(b"n" * 32), (MASTERS.current,))
    async with told.database.transaction(told.tenant.id) as tx:
        assert await reseal_endpoints(tx, told.tenant.id, fresh) == 1
        assert await reseal_endpoints(tx, told.tenant.id, fresh) == 0
        only = MasterKeys(fresh.current)
        await send_test(tx, told.tenant.id, "staff:owner", made.id, told.at)
        to = await lease(tx, told.tenant.id, made.id, told.at, only)
    assert to is not None
    assert [each.clear for each in to.secrets] == [third.clear]


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pass@erp.example/hook",
        "https://erp.example/hook#part",
        "ftp://erp.example/hook",
        "https:///hook",
        "https://erp.example:99999/",
        "https://erp.example/a b",
        "https://店铺.example/",
        "https://erp.example/" + "a" * 2_000,
        "https://[::1",
    ],
)
async def test_an_address_that_can_t_be_told_is_refused(told: Told, url: str) -> None:
    with pytest.raises(WebhookUrlWrong):
        await told.endpoint(url)


@pytest.mark.parametrize(
    "url", ["http://erp.example/", "https://127.0.0.1/", "https://[::ffff:10.0.0.1]/"]
)
async def test_nobody_inside_is_told_anything(told: Told, url: str) -> None:
    told.http = Http()
    made, _ = await told.endpoint(url, types=[IMPORTED])  # the edge refuses it; a name may move
    await told.happens(imported())
    await told.pass_on()
    [delivery] = await told.deliveries(made)
    [tried] = await told.tries(delivery.id)
    assert (tried.status, tried.said) == (None, "address_forbidden")
    await told.http.close()
