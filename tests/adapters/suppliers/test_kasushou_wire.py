"""Kasushou on the wire, against the vendor's own sample and an independent client."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kashu.adapters.suppliers.kasushou_notices import read_notice
from kashu.adapters.suppliers.kasushou_wire import encode, sign
from kashu.core.secrets import Secret
from kashu.simulators.suppliers.kasushou_wire import (
    goods_notice_signed,
    notice_signed,
    params_of,
    signed,
)
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Login, NoticeRequest, Signal

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "kasushou.json").read_text())
REQUESTS = [vector for vector in VECTORS if vector["kind"] == "request_sign"]
ORDERS = [vector for vector in VECTORS if vector["kind"] == "order_callback_sign"]
GOODS = [vector for vector in VECTORS if vector["kind"] == "goods_callback_sign"]


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def login_of(vector: dict[str, Any]) -> Login:
    return Login("user", Secret(vector["input"]["api_key"]), "https://shop.example")


def posted(fields: dict[str, Any]) -> NoticeRequest:
    return NoticeRequest("POST", "/", "", {}, json.dumps(fields).encode())


def sent_at(fields: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(fields["time"] / 1000, UTC)


def test_every_vector_is_used() -> None:
    assert len(REQUESTS) + len(ORDERS) + len(GOODS) == len(VECTORS)


@pytest.mark.parametrize("vector", REQUESTS, ids=name_of)
def test_a_call_is_written_and_signed_as_the_vendor_does(vector: dict[str, Any]) -> None:
    body = encode(vector["input"]["params"])
    assert body.decode() == vector["expect"]["body"]
    key, timestamp = vector["input"]["api_key"], vector["input"]["timestamp"]
    assert sign(timestamp, body.decode(), key) == vector["expect"]["sign"]
    assert sign(timestamp, body.decode() + " ", key) != vector["expect"]["sign"]


@pytest.mark.parametrize("vector", REQUESTS, ids=name_of)
def test_the_simulator_checks_as_the_vendor_does(vector: dict[str, Any]) -> None:
    body = vector["expect"]["body"].encode()
    assert params_of(body) == vector["input"]["params"]
    key, timestamp = vector["input"]["api_key"], vector["input"]["timestamp"]
    assert signed(key, timestamp, body) == vector["expect"]["sign"]


@pytest.mark.parametrize("vector", ORDERS, ids=name_of)
def test_a_notice_that_the_vendor_signed_is_read(vector: dict[str, Any]) -> None:
    fields = vector["input"]["fields"] | vector["expect"]
    notice = read_notice(login_of(vector), posted(fields), sent_at(fields))
    assert (notice.signal, notice.number) == (Signal.ORDER, fields["external_orderno"])
    assert (notice.their_number, notice.said) == (fields["ordersn"], str(fields["status"]))
    assert notice.at == sent_at(fields)
    assert notice_signed(vector["input"]["fields"], vector["input"]["api_key"]) == fields["sign"]


@pytest.mark.parametrize("vector", ORDERS, ids=name_of)
def test_all_but_cards_and_parcels_is_signed(vector: dict[str, Any]) -> None:
    fields = vector["input"]["fields"] | vector["expect"]
    login, at = login_of(vector), sent_at(fields)
    for name in set(fields) - {"card_list", "express_list", "sign", "time"}:
        with pytest.raises(NoticeNotAuthentic):
            read_notice(login, posted({**fields, name: "changed"}), at)
    # Whoever is on the line could change the cards: nothing is taken from them.
    changed = {**fields, "card_list": [{"card_no": "9", "card_password": "9"}]}
    assert read_notice(login, posted(changed), at) == read_notice(login, posted(fields), at)


@pytest.mark.parametrize("vector", ORDERS, ids=name_of)
def test_a_number_that_came_as_a_text_has_another_signature(vector: dict[str, Any]) -> None:
    fields = vector["input"]["fields"] | vector["expect"]
    as_text = {**fields, "status": str(fields["status"])}
    with pytest.raises(NoticeNotAuthentic):
        read_notice(login_of(vector), posted(as_text), sent_at(fields))
    again = notice_signed(as_text, vector["input"]["api_key"])
    signed_anew = posted({**as_text, "sign": again})
    assert read_notice(login_of(vector), signed_anew, sent_at(fields)).number


@pytest.mark.parametrize("vector", GOODS, ids=name_of)
def test_of_a_product_only_its_id_is_believed(vector: dict[str, Any]) -> None:
    fields = vector["input"]["fields"] | vector["expect"]
    login, at = login_of(vector), sent_at(fields)
    notice = read_notice(login, posted(fields), at)
    assert (notice.signal, notice.ref) == (Signal.PRODUCT, str(fields["id"]))
    cheaper = {**fields, "goods_price": "0.01", "stock_num": 9999, "status": 1}
    assert read_notice(login, posted(cheaper), at) == notice
    with pytest.raises(NoticeNotAuthentic):
        read_notice(login, posted({**fields, "id": 9002}), at)
    again = goods_notice_signed(vector["input"]["fields"], vector["input"]["api_key"])
    assert again == fields["sign"]


@pytest.mark.parametrize("vector", [*ORDERS, *GOODS], ids=name_of)
def test_a_notice_of_another_time_is_refused(vector: dict[str, Any]) -> None:
    fields = vector["input"]["fields"] | vector["expect"]
    login, at = login_of(vector), sent_at(fields)
    for minutes in (79, 30, -4):
        assert read_notice(login, posted(fields), at + timedelta(minutes=minutes)).at == at
    for minutes in (81, -6, 100_000):
        with pytest.raises(NoticeNotAuthentic):
            read_notice(login, posted(fields), at + timedelta(minutes=minutes))


@pytest.mark.parametrize("time", ["", "0", "1767225660", "17672256601230", "x" * 13, None, [], 1.5])
def test_a_notice_without_a_time_is_refused(time: object) -> None:
    fields = {**ORDERS[0]["input"]["fields"], **ORDERS[0]["expect"], "time": time}
    with pytest.raises(NoticeNotAuthentic):
        read_notice(login_of(ORDERS[0]), posted(fields), sent_at(ORDERS[0]["input"]["fields"]))


def test_a_name_that_stands_twice_is_no_notice() -> None:
    fields = ORDERS[0]["input"]["fields"] | ORDERS[0]["expect"]
    request = posted(fields)
    twice = replace(request, body=request.body[:-1] + b',"status":5}')
    with pytest.raises(NoticeNotAuthentic):
        read_notice(login_of(ORDERS[0]), twice, sent_at(fields))
