"""Kayixin on the wire, against the vendor's examples and an independent client."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kashu.adapters.suppliers.ecb import open_ecb
from kashu.adapters.suppliers.kayixin_notices import read_notice
from kashu.adapters.suppliers.kayixin_orders import open_cards
from kashu.adapters.suppliers.kayixin_wire import sign
from kashu.core.errors import Unclear
from kashu.core.secrets import Secret
from kashu.simulators.suppliers.kayixin_wire import sealed, signed
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Login, NoticeRequest, Signal

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "kayixin.json").read_text())
REQUESTS = [vector for vector in VECTORS if vector["kind"] == "request_sign"]
NOTICES = [vector for vector in VECTORS if vector["kind"] == "callback_sign"]
CARDS = [vector for vector in VECTORS if vector["kind"] == "callback_cards_decrypt"]
TOLD = {  # number and password of each vector's card
    "kyx-aes-1": ("123456789", ""),
    "kyx-aes-2": ("", "MGTV-0001-AAAA"),
}


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def login_of(vector: dict[str, Any]) -> Login:
    told = vector["input"]
    return Login(told["app_id"], Secret(told["app_secret"]), "https://shop.example")


def request_of(vector: dict[str, Any]) -> NoticeRequest:
    told = vector["input"]
    headers = {
        "x-app-id": told["app_id"],
        "x-version": told["version"],
        "x-timestamp": told["timestamp"],
        "x-signature": vector["expect"]["sign"],
    }
    return NoticeRequest("POST", "/", "", headers, told["raw_body"].encode())


def sent_at(vector: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(vector["input"]["timestamp"]), UTC)


def test_every_vector_is_used() -> None:
    assert len(REQUESTS) + len(NOTICES) + len(CARDS) == len(VECTORS)


@pytest.mark.parametrize("vector", [*REQUESTS, *NOTICES], ids=name_of)
def test_raw_bytes_are_signed_as_other_clients_sign_them(vector: dict[str, Any]) -> None:
    told = vector["input"]
    body = told["raw_body"].encode()
    expected = vector["expect"]["sign"]
    assert sign(told["app_id"], told["app_secret"], told["timestamp"], body) == expected
    assert signed(told["app_id"], told["app_secret"], told["timestamp"], body) == expected
    assert sign(told["app_id"], told["app_secret"], told["timestamp"], body + b" ") != expected


@pytest.mark.parametrize("vector", NOTICES, ids=name_of)
def test_a_notice_is_read_whose_signature_is_right(vector: dict[str, Any]) -> None:
    notice = read_notice(login_of(vector), request_of(vector), sent_at(vector))
    fields = json.loads(vector["input"]["raw_body"])
    assert (notice.signal, notice.number) == (Signal.ORDER, fields["outerNumber"])
    assert (notice.their_number, notice.said) == (fields["orderNumber"], "3")
    shouted = vector["expect"]["sign"].upper()
    headers = {**request_of(vector).headers, "x-signature": shouted}
    again = read_notice(
        login_of(vector), replace(request_of(vector), headers=headers), sent_at(vector)
    )
    assert again == notice


@pytest.mark.parametrize("vector", NOTICES, ids=name_of)
def test_a_notice_with_anything_changed_is_refused(vector: dict[str, Any]) -> None:
    login, request, at = login_of(vector), request_of(vector), sent_at(vector)
    spoilt = [
        replace(request, headers={**request.headers, name: told})
        for name, told in {
            "x-app-id": "10001",
            "x-version": "2.0",
            "x-timestamp": "1767225701",
            "x-signature": "0" * 32,
        }.items()
    ]
    spoilt += [
        replace(
            request, headers={name: told for name, told in request.headers.items() if name != x}
        )
        for x in request.headers
    ]
    spoilt.append(replace(request, body=request.body.replace(b"12.5", b"1.25")))
    for each in spoilt:
        with pytest.raises(NoticeNotAuthentic):
            read_notice(login, each, at)
    for minutes in (-6, 6, 60):
        with pytest.raises(NoticeNotAuthentic):
            read_notice(login, request, at + timedelta(minutes=minutes))


@pytest.mark.parametrize("vector", CARDS, ids=name_of)
def test_cards_that_they_encrypted_open(vector: dict[str, Any]) -> None:
    secret, ciphertext = vector["input"]["app_secret"], vector["input"]["ciphertext_base64"]
    assert open_ecb(secret, ciphertext) == vector["expect"]["plaintext"]
    assert sealed(vector["expect"]["plaintext"].encode(), secret) == ciphertext
    cards = open_cards(Secret(secret), ciphertext)
    assert [(card.number, card.password) for card in cards] == [TOLD[vector["name"]]]


@pytest.mark.parametrize("vector", CARDS, ids=name_of)
def test_cards_do_not_open_with_another_secret(vector: dict[str, Any]) -> None:
    with pytest.raises(Unclear) as error:
        open_cards(Secret("0" * 32), vector["input"]["ciphertext_base64"])
    told = f"{error.value!r} {error.value.__cause__!r} {error.value.__context__!r}"
    assert not any(text in told for text in TOLD[vector["name"]] if text)
