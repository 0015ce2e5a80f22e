"""The simulators of Fulu, Kasushou and Kayixin refuse what their suppliers refuse."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from kashu.core.http import Http
from kashu.simulators.serving import serving
from kashu.simulators.suppliers import fulu, fulu_wire, kasushou, kayixin, kayixin_wire
from kashu.simulators.suppliers.house import Asked, House, Kind
from kashu.simulators.suppliers.kasushou_wire import signed as signed_by_kasushou
from kashu.simulators.suppliers.simulator import SupplierSimulator


@pytest.fixture
def house() -> House:
    there = House()
    there.offer("会员", 141_250)
    account = Asked("充值账号", "充值账号", is_account=True)
    there.offer("话费", 300_000, kind=Kind.TOPUP, asked=[account])
    return there


@asynccontextmanager
async def calling(app: SupplierSimulator, path: str = "") -> AsyncIterator[Any]:
    http = Http(private_allowed=True)
    async with serving(app) as url:

        async def call(body: bytes, headers: Mapping[str, str], at: str = path) -> dict[str, Any]:
            answer = await http.call("POST", url + at, content=body, headers=headers)
            told: dict[str, Any] = json.loads(answer.body)
            return told

        yield call
    await http.close()


def fulu_params(house: House, method: str, business: object, **others: str) -> dict[str, str]:
    params = {
        "app_key": fulu.APP_KEY,
        "method": method,
        "timestamp": fulu_wire.time_of(house.now()) or "",
        **fulu_wire.FIXED,
        "biz_content": fulu_wire.compact(business),
        **others,
    }
    return params | {"sign": fulu_wire.signed(fulu.APP_SECRET, fulu_wire.compact(params))}


async def test_fulu_refuses_what_is_not_exactly_as_it_should_be(house: House) -> None:
    good = fulu_params(house, "fulu.user.info.get", {})
    late = fulu_wire.time_of(house.now() - timedelta(minutes=11)) or ""
    wrong = {
        1000: fulu_params(house, "fulu.user.info.get", {}, version="1.0"),
        1004: fulu_params(house, "fulu.user.info.get", {}, timestamp=late),
        1006: fulu_params(house, "fulu.user.info.get", {}, app_key="another"),
        1007: fulu_params(house, "fulu.no.such", {}),
        1016: {**good, "sign": "0" * 32},
        1018: {name: told for name, told in good.items() if name != "app_auth_token"},
    }
    json_type = {"content-type": "application/json"}
    async with calling(fulu.FuluSimulator(house), fulu.PATH) as call:
        assert (await call(json.dumps(good).encode(), json_type))["code"] == 0
        for code, params in wrong.items():
            assert (await call(json.dumps(params).encode(), json_type))["code"] == code
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert (await call(json.dumps(good).encode(), form))["code"] == 1000
        spaced = {**good, "biz_content": "{ }"}  # another text, and the first one's signature
        assert (await call(json.dumps(spaced).encode(), json_type))["code"] == 1016


async def test_fulu_makes_an_order_once_and_only_when_filled_in(house: House) -> None:
    card, topup = house.goods
    order = {"product_id": card, "buy_num": 1, "customer_order_no": "K1"}
    account = {"charge_account": "13800138000", "充值账号": "x"}
    tried = [
        ("fulu.order.card.add", order, 0),
        ("fulu.order.card.add", order, 3000),
        ("fulu.order.card.add", {**order, "customer_order_no": "K" * 51}, 1018),
        ("fulu.order.card.add", {**order, "customer_order_no": "K2", "buy_num": "1"}, 1018),
        ("fulu.order.direct.add", {**order, "customer_order_no": "K3"}, 1018),
        ("fulu.order.direct.add", {**order, "product_id": topup, "customer_order_no": "K4"}, 1018),
        (
            "fulu.order.direct.add",
            {**order, **account, "product_id": topup, "customer_order_no": "K5"},
            0,
        ),
    ]
    json_type = {"content-type": "application/json"}
    async with calling(fulu.FuluSimulator(house), fulu.PATH) as call:
        for method, business, code in tried:
            body = json.dumps(fulu_params(house, method, business)).encode()
            told = await call(body, json_type)
            assert told["code"] == code, business
            assert "cards" not in told["result"] or json.loads(told["result"])["cards"] is None
    assert [made.number for made in house.orders] == ["K1", "K5"]


async def test_kasushou_refuses_a_body_that_is_not_sorted_or_not_signed(house: House) -> None:
    async with calling(kasushou.KasushouSimulator(house), kasushou.BUY) as call:

        async def say(body: bytes, *, time_ms: int | None = None, **headers: str) -> str:
            at = str(time_ms or int(house.now().timestamp() * 1000))
            sign = signed_by_kasushou(kasushou.API_KEY, at, body)
            sent = {"content-type": "application/json", "sign": sign, "timestamp": at}
            told = await call(body, {**sent, "userid": kasushou.USER_ID, **headers})
            return str(told["msg"])

        good = next(iter(house.goods))
        body = b'{"external_orderno":"K1","id":%d,"quantity":1,"safe_price":"14.125"}' % good
        hour_ago = int((house.now() - timedelta(hours=1)).timestamp() * 1000)
        assert await say(b'{"quantity":1,"id":%d,"external_orderno":"K1"}' % good) == "签名错误"
        assert await say(body.replace(b",", b", ")) == "签名错误"
        assert await say(body, sign="0" * 40) == "签名错误"
        assert await say(body, userid="another") == "用户密钥错误"
        assert await say(body, time_ms=hour_ago) == "时间戳已过期"
        assert await say(body, time_ms=1_700_000_000) == "时间戳错误"
        assert await say(body.replace(b'"14.125"', b'"14.12"')) == "商品价格高于安全价"
        assert await say(body.replace(b'"14.125"', b"14.125")) == "参数错误"
        assert not house.orders
        assert await say(body) == "成功"
        assert await say(body) == "外部订单号重复"
    assert len(house.orders) == 1


async def test_kayixin_refuses_a_body_that_is_not_whole_or_not_signed(house: House) -> None:
    card, topup = house.goods
    good = {
        "goodsId": card,
        "count": 1,
        "notifyUrl": "",
        "outerNumber": "K1",
        "safePrice": 14.125,
        "sku": "",
        "attach": [],
    }
    async with calling(kayixin.KayixinSimulator(house), kayixin.CREATE) as call:

        async def say(
            told: object,
            headers: Mapping[str, str] | None = None,
            *,
            at: timedelta = timedelta(),
        ) -> str:
            body = kayixin_wire.written(told)
            time = str(int((house.now() + at).timestamp()))
            sent = {
                "x-app-id": kayixin.APP_ID,
                "x-version": "3.0",
                "x-timestamp": time,
                "x-signature": kayixin_wire.signed(kayixin.APP_ID, kayixin.APP_SECRET, time, body),
            }
            return str((await call(body, {**sent, **(headers or {})}))["msg"])

        assert await say(good, {"x-signature": "0" * 32}) == "签名错误"
        assert await say(good, {"x-version": "2.0"}) == "请求方式错误"
        assert await say(good, {"x-app-id": "1"}) == "客户编号不存在"
        assert await say(good, at=timedelta(minutes=-6)) == "时间戳已过期"
        assert await say({name: good[name] for name in good if name != "sku"}) == "参数不完整"
        assert await say({**good, "safePrice": 14.1249}) == "订单总成本高于安全价格"
        assert await say({**good, "safePrice": "14.125"}) == "参数格式错误"
        assert await say({**good, "count": "1"}) == "参数不完整"
        assert await say({**good, "sku": "SK"}) == "规格编码错误"
        assert await say({**good, "goodsId": topup, "safePrice": 30}) == "充值信息不完整"
        assert not house.orders
        assert await say(good) == "success"
        assert await say(good) == "采购单号重复"
    assert len(house.orders) == 1
