import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from sqlalchemy import text

from kashu.adapters.downstream.agiso_wire import read_call, sign
from kashu.core.clock import now
from kashu.core.secrets import Secret
from tests.api.calls import client_of
from tests.api.snapshot import snapshot
from tests.downstream.agents import Selling

VECTORS = json.loads(
    (Path(__file__).parents[1] / "adapters" / "vectors" / "agiso_supplier.json").read_text()
)


@dataclass
class Platform:
    """Their server, with a login at ours; it signs by code of its own."""

    client: httpx.AsyncClient
    address: str
    user: int
    login_id: str
    secret: str = field(repr=False)
    app_secret: str = field(repr=False)

    def signed(self, told: dict[str, Any]) -> dict[str, Any]:
        key = self.app_secret + self.secret
        pairs = "&".join(f"{name}={told[name]}" for name in sorted(told))
        digest = hashlib.md5(f"{key}{pairs}{key}".encode())  # noqa: S324  (theirs)
        return told | {"sign": digest.hexdigest().upper()}

    async def call(self, operation: str, told: dict[str, Any], **more: Any) -> httpx.Response:  # noqa: ANN401
        every = {"userId": self.user, "timestamp": int(now().timestamp()), "version": "1.0"}
        body = json.dumps(self.signed(every | told) | more, ensure_ascii=False)
        return await self.client.post(
            f"{self.address}/agisoAcprSupplierApi/{operation}",
            content=body.encode(),
            headers={"Content-Type": "application/json"},
        )

    async def ok(self, operation: str, **told: Any) -> Any:  # noqa: ANN401
        answer = await self.call(operation, told)
        assert (answer.status_code, answer.json()["code"]) == (200, 200), answer.text
        return answer.json()["data"]

    async def no(self, operation: str, **told: Any) -> int:  # noqa: ANN401
        answer = await self.call(operation, told)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"] is None
        return int(answer.json()["code"])

    def opened(self, sealed: str) -> Any:  # noqa: ANN401
        cipher = Cipher(algorithms.AES(self.app_secret.encode()), modes.ECB())  # noqa: S305
        opening = cipher.decryptor()
        bare = PKCS7(128).unpadder()
        padded = opening.update(base64.b64decode(sealed)) + opening.finalize()
        return json.loads(bare.update(padded) + bare.finalize())


async def make_platform(selling: Selling, code: str = "acme") -> Platform:
    body = {"dialect": "agiso", "name": "阿奇索"}
    made = await selling.ask("POST", f"/v1/customers/{code}/logins", body)
    login = made["login"]
    return Platform(
        client_of(selling.app),
        login["address"],
        login["user_number"],
        login["id"],
        made["secret"],
        made["app_secret"],
    )


@pytest.fixture
async def platform(selling: Selling) -> Platform:
    return await make_platform(selling)


async def product_of(platform: Platform) -> str:
    [item] = (await platform.ok("product/getList", productType=2, pageIndex=1, pageSize=20))[
        "items"
    ]
    return str(item["productNo"])


async def kept(selling: Selling) -> dict[str, str]:
    told = await snapshot(selling.database, selling.tenant.id)
    return {table: print_ for table, print_ in told.items() if table != "downstream.logins"}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_parameters_are_signed_as_the_published_example_is(vector: dict[str, Any]) -> None:
    told = vector["input"]
    written = json.dumps(told["params"], ensure_ascii=False).encode()
    key = Secret(told["app_secret_plus_merchant_secret"])
    assert sign(key, read_call(written)) == vector["expect"]["sign"]


def test_decimals_are_signed_without_trailing_zeros_and_objects_compactly() -> None:
    plain = sign(Secret("k"), read_call(b'{"a":"x","n":5.5,"o":{"b":1}}'))
    assert sign(Secret("k"), read_call(b'{"n":5.50,"o":{"b": 1}, "a":"x","sign":"y"}')) == plain
    assert sign(Secret("k"), read_call(b'{"n":"5.50","o":{"b":1},"a":"x"}')) != plain


async def test_the_catalogue_tells_own_costs_and_stock(
    selling: Selling, platform: Platform
) -> None:
    listed = await platform.ok("product/getList", productType=2, keyword="", pageIndex=1)
    assert listed["hasNextPage"] is False
    [item] = listed["items"]
    assert (item["productCost"], item["productType"]) == (15.0, 2)
    assert (await platform.ok("product/getList", productType=1))["items"] == []
    assert (await platform.ok("product/getList", keyword="不存在"))["items"] == []
    told = await platform.ok("product/getTemplate", productNo=item["productNo"])
    assert (told["apiType"], told["productStock"], told["attach"]) == (1, 40, [])
    assert await platform.no("product/getTemplate", productNo="77") == 1100
    await selling.ask("PUT", "/v1/agent-goods", {"goods": [{"sku": selling.sku, "on_sale": False}]})
    assert await platform.no("product/getTemplate", productNo=item["productNo"]) == 1100


async def test_an_order_is_answered_with_its_cards_and_its_repeat_the_same(
    selling: Selling, platform: Platform
) -> None:
    await selling.deposit("100.00")
    wanted = {"orderNo": "P1", "productNo": await product_of(platform), "buyNum": 2}
    wanted |= {"attach": "", "maxAmount": 30, "callbackUrl": ""}
    told = await platform.ok("order/createPurchase", **wanted)
    assert (told["orderNo"], told["orderStatus"], told["orderCost"]) == ("P1", 20, 30.0)
    cards = platform.opened(told["cards"])
    assert [card["cardPwd"] for card in cards] == [f"pw-{card['cardNo']}" for card in cards]
    assert len({card["cardNo"] for card in cards}) == 2
    again = await platform.ok("order/createPurchase", **wanted)
    asked = await platform.ok("order/get", orderNo="P1")
    assert told == again == asked
    assert await selling.wallet() == "70.00"
    async with selling.database.transaction(selling.tenant.id) as tx:
        rows = await tx.execute(text("SELECT actor, recipient FROM stock.reveals"))
        assert rows.all() == [(f"login:{platform.login_id}", "acme")] * 6
    before = await kept(selling)
    assert await platform.no("order/createPurchase", **(wanted | {"buyNum": 1})) == 9999
    assert await kept(selling) == before
    await selling.is_sound()


async def test_what_costs_more_than_allowed_or_is_not_there_is_refused(
    selling: Selling, platform: Platform
) -> None:
    product = await product_of(platform)
    wanted = {"orderNo": "P1", "productNo": product, "buyNum": 2}
    assert await platform.no("order/createPurchase", **wanted) == 9999  # no money
    await selling.deposit("1000.00")
    before = await kept(selling)
    assert await platform.no("order/createPurchase", **wanted, maxAmount="29.99") == 1220
    assert await platform.no("order/createPurchase", **(wanted | {"productNo": "77"})) == 1100
    assert await platform.no("order/createRecharge", **wanted) == 1100
    assert await kept(selling) == before
    many = {"orderNo": "P2", "productNo": product, "buyNum": 60}
    for _ in range(2):
        assert await platform.no("order/createPurchase", **many) == 1230
    told = await platform.ok("order/get", orderNo="P2")
    assert (told["orderStatus"], told["failCode"]) == (30, 1230)
    assert await selling.wallet() == "1000.00"
    assert await platform.no("order/get", orderNo="nothing") == 9999


@pytest.mark.parametrize(
    "wrong",
    [
        {"buyNum": 0},
        {"buyNum": 1.5},
        {"buyNum": "many"},
        {"orderNo": ""},
        {"orderNo": "P 1"},
        {"maxAmount": "1E+100"},
        {"maxAmount": "a lot"},
        {"version": "2.0"},
    ],
    ids=str,
)
async def test_what_is_not_an_order_is_refused_and_changes_nothing(
    selling: Selling, platform: Platform, wrong: dict[str, Any]
) -> None:
    await selling.deposit("100.00")
    wanted = {"orderNo": "P1", "productNo": await product_of(platform), "buyNum": 1} | wrong
    before = await kept(selling)
    assert await platform.no("order/createPurchase", **wanted) == 9999
    assert await kept(selling) == before


async def test_who_is_not_known_or_signs_wrongly_or_late_is_refused(
    selling: Selling, platform: Platform
) -> None:
    before = await snapshot(selling.database, selling.tenant.id)
    late = int(now().timestamp()) - 600
    assert await platform.no("product/getList", timestamp=late) == 408
    assert await platform.no("product/getList", userId=platform.user + 1) == 401
    answer = await platform.call("product/getList", {}, keyword="added later")
    assert answer.json()["code"] == 401
    answer = await platform.call("product/getList", {}, keyword=None)
    assert answer.json()["code"] == 9999  # how it is signed isn't known
    platform.address = f"/downstream/agiso/dl_{selling.tenant.id}_{'0' * 32}"
    assert await platform.no("product/getList") == 401
    assert await snapshot(selling.database, selling.tenant.id) == before


async def test_the_number_of_the_login_is_told_to_anybody_and_nothing_else(
    platform: Platform,
) -> None:
    bare = await platform.client.post(
        f"{platform.address}/agisoAcprSupplierApi/app/getAppId", json={}
    )
    assert bare.json() == {
        "code": 200,
        "message": "接口调用成功",
        "data": {"appId": platform.user},
    }
    other = await platform.client.post(
        f"{platform.address}/agisoAcprSupplierApi/product/getList", json={}
    )
    assert other.json()["code"] == 401


async def test_only_an_order_whose_cards_nobody_saw_is_cancelled(
    selling: Selling, platform: Platform
) -> None:
    await selling.deposit("1000.00")
    wanted = {"orderNo": "P1", "productNo": await product_of(platform), "buyNum": 1}
    await platform.ok("order/createPurchase", **wanted)
    before = await kept(selling)
    assert await platform.ok("order/cancelOrder", orderNo="P1") == {"cancelStatus": 30}
    assert await kept(selling) == before
    unseen = {"sku": selling.sku, "quantity": 1}
    body = {"orders": [{"external_id": "P2", "lines": [unseen]}], "deliver": "later"}
    await selling.agent.call("POST", "/v1/orders", body, **{"Idempotency-Key": "k"})
    assert await platform.no("order/cancelOrder", orderNo="P2") == 9999  # not placed this way
    assert await platform.no("order/cancelOrder", orderNo="nothing") == 9999
    await selling.is_sound()


async def test_what_neither_source_shows_is_not_offered(platform: Platform) -> None:
    told = {"productNo": "1", "supplierAccountGuid": "x"}
    assert await platform.no("product/subscribePriceNotify", **told) == 9999
    assert await platform.no("product/anything") == 9999


async def test_a_login_of_another_dialect_is_none_here(
    selling: Selling, platform: Platform
) -> None:
    made = await selling.ask(
        "POST", "/v1/customers/acme/logins", {"dialect": "dujiao_next", "name": "分站"}
    )
    platform.address = f"/downstream/agiso/{made['login']['api_key']}"
    assert await platform.no("product/getList") == 401
    nowhere = await platform.client.post("/downstream/nothing/x/y", json={})
    assert nowhere.status_code == 404
