"""Fulu on the wire, against what three independent libraries and the vendor's sandbox wrote."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from kashu.adapters.suppliers.ecb import open_ecb
from kashu.adapters.suppliers.fulu_notices import read_notice
from kashu.adapters.suppliers.fulu_wire import encode_call, is_signed, sign
from kashu.core.secrets import Secret
from kashu.simulators.suppliers.fulu_wire import compact, sealed, signed
from kashu.suppliers.errors import InputRefused, NoticeNotAuthentic
from kashu.suppliers.upstream import Login, NoticeRequest, Signal

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "fulu.json").read_text())
REQUESTS = [vector for vector in VECTORS if vector["kind"] == "request_sign"]
RESULTS = [vector for vector in VECTORS if vector["kind"] == "response_sign"]
NOTICES = [vector for vector in VECTORS if vector["kind"] == "notify_sign"]
CARDS = [vector for vector in VECTORS if vector["kind"] == "card_decrypt"]
SECRET = "0a091b3aa4324435aab703142518a8f7"  # noqa: S105  (of the vendor's public sandbox)
THEN = datetime(2019, 10, 22, 12, 30, tzinfo=UTC)


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def login_of(vector: dict[str, Any], **options: str) -> Login:
    account = vector["input"].get("params", {}).get("app_key", "app")
    return Login(account, Secret(vector["input"]["app_secret"]), "", options)


def test_every_vector_is_used() -> None:
    assert len(REQUESTS) + len(RESULTS) + len(NOTICES) + len(CARDS) == len(VECTORS)


@pytest.mark.parametrize("vector", REQUESTS, ids=name_of)
def test_a_call_is_signed_as_other_libraries_sign_it(vector: dict[str, Any]) -> None:
    params = vector["input"]["params"]
    business = json.loads(params["biz_content"])
    sent = json.loads(
        encode_call(login_of(vector), params["method"], params["timestamp"], business)
    )
    assert sent == {**params, **vector["expect"]}


@pytest.mark.parametrize("vector", REQUESTS, ids=name_of)
def test_the_simulator_signs_as_other_libraries_do(vector: dict[str, Any]) -> None:
    text = compact(vector["input"]["params"])
    assert signed(vector["input"]["app_secret"], text) == vector["expect"]["sign"]


@pytest.mark.parametrize("vector", RESULTS, ids=name_of)
def test_the_signature_of_an_answer_is_over_its_exact_text(vector: dict[str, Any]) -> None:
    text, given = vector["input"]["result"], vector["expect"]["sign"]
    assert is_signed(text, SECRET, given)
    assert not is_signed(text.replace(",", ", "), SECRET, given)
    assert not is_signed(text, SECRET[::-1], given)


def test_an_amount_that_is_written_otherwise_is_another_text() -> None:
    text, given = RESULTS[1]["input"]["result"], RESULTS[1]["expect"]["sign"]
    assert not is_signed(text.replace("5.0", "5"), SECRET, given)


@pytest.mark.parametrize("vector", NOTICES, ids=name_of)
@pytest.mark.parametrize("shape", ["json", "form", "query"])
def test_a_notice_is_read_in_each_of_its_shapes(vector: dict[str, Any], shape: str) -> None:
    fields = {**vector["input"]["fields"], **vector["expect"]}
    request = NoticeRequest("POST", "/", "", {}, json.dumps(fields).encode())
    if shape == "form":
        request = NoticeRequest("POST", "/", "", {}, urlencode(fields).encode())
    if shape == "query":
        request = NoticeRequest("GET", "/", urlencode(fields), {}, b"")
    notice = read_notice(login_of(vector), request, THEN)
    if "order_id" in fields:
        assert (notice.signal, notice.number) == (Signal.ORDER, fields["customer_order_no"])
        assert (notice.their_number, notice.said) == (fields["order_id"], "success")
    else:
        assert (notice.signal, notice.ref) == (Signal.PRODUCT, fields["product_id"])


@pytest.mark.parametrize("vector", NOTICES, ids=name_of)
def test_a_notice_with_one_field_changed_is_refused(vector: dict[str, Any]) -> None:
    for name in vector["input"]["fields"]:
        fields = {**vector["input"]["fields"], **vector["expect"], name: "changed"}
        request = NoticeRequest("POST", "/", "", {}, json.dumps(fields).encode())
        with pytest.raises(NoticeNotAuthentic):
            read_notice(login_of(vector), request, THEN)


@pytest.mark.parametrize("vector", CARDS, ids=name_of)
def test_a_card_that_they_encrypted_opens(vector: dict[str, Any]) -> None:
    ciphertext = vector["input"]["ciphertext_base64"]
    assert open_ecb(SECRET, ciphertext) == vector["expect"]["plaintext"]
    assert sealed(vector["expect"]["plaintext"], SECRET) == ciphertext


@pytest.mark.parametrize("spoilt", ["", "AAAA", "卡号", "Gu8k2+8wDXH3zpNv5MIFjQ==", "A" * 44])
def test_what_is_no_card_is_refused_without_being_told(spoilt: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Za-z0-9'. -]+$") as refused:
        open_ecb(SECRET, spoilt)
    assert not spoilt or spoilt not in str(refused.value)


def test_a_secret_that_is_no_key_is_refused() -> None:
    with pytest.raises(ValueError, match="as long as a key"):
        open_ecb("short", CARDS[0]["input"]["ciphertext_base64"])


@pytest.mark.parametrize("odd", ["😀", "a\x00b", "tab\t", "line\u2028end", "\x7f", "\ud83d"])
def test_a_character_that_their_programs_sign_differently_is_not_sent(odd: str) -> None:
    login = Login("app", Secret(SECRET), "")
    with pytest.raises(InputRefused) as refused:
        encode_call(login, "fulu.order.direct.add", "2026-01-01 08:00:00", {"charge_account": odd})
    assert odd not in refused.value.text("zh")


def test_a_result_with_a_character_beyond_the_bmp_is_verified_however_they_sort_it() -> None:
    text = compact({"product_name": "黄金会员😀🎮"})
    halves = text.encode("utf-16-be")
    units = sorted(halves[at : at + 2] for at in range(0, len(halves), 2))
    by_halves = b"".join(units).decode("utf-16-be", "replace")
    assert is_signed(text, SECRET, sign(text, SECRET))
    given = hashlib.md5((by_halves + SECRET).encode()).hexdigest()  # noqa: S324  (the partner's)
    assert given != sign(text, SECRET)
    assert is_signed(text, SECRET, given)
    assert not is_signed(text, SECRET, sign(text + " ", SECRET))


def test_another_gateway_of_this_kind_has_its_own_names() -> None:
    login = Login(
        "app",
        Secret(SECRET),
        "",
        {"version": "1.0", "auth_token": "absent", "fulu.order.info.get": "order.query"},
    )
    sent = msgspec.json.decode(
        encode_call(login, "fulu.order.info.get", "2026-01-01 08:00:00", {}), type=dict[str, str]
    )
    assert (sent["version"], sent["method"]) == ("1.0", "order.query")
    assert "app_auth_token" not in sent
    text = compact({name: told for name, told in sent.items() if name != "sign"})
    assert sent["sign"] == signed(SECRET, text)
