"""Youzan's signatures are what other people's libraries make of the same inputs."""

import json
from pathlib import Path
from typing import Any

import pytest

from kashu.adapters.channels.youzan_signing import is_signed, open_message, push_signature
from kashu.core.secrets import Secret

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "youzan.json").read_text()
)["vectors"]
SIGNED = [vector for vector in VECTORS if vector["kind"] == "sign"]
SEALED = [vector for vector in VECTORS if vector["kind"] == "decrypt"]


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def signed_bytes(vector: dict[str, Any]) -> bytes:
    inputs = vector["inputs"]
    return str(inputs.get("raw_body") or inputs["msg"]).encode()


def test_every_vector_is_tried() -> None:
    assert len(SIGNED) == 3
    assert len(SEALED) == 1


@pytest.mark.parametrize("vector", SIGNED, ids=name_of)
def test_a_signature_is_the_one_of_another_library(vector: dict[str, Any]) -> None:
    client_id, secret = vector["inputs"]["client_id"], Secret(vector["secret"])
    signed = signed_bytes(vector)
    assert client_id.encode() + signed + secret.clear.encode() == vector["text"].encode()
    assert push_signature(client_id, secret, signed) == vector["result"]
    assert is_signed(client_id, secret, signed, vector["result"])


@pytest.mark.parametrize("vector", SIGNED, ids=name_of)
def test_a_changed_byte_is_refused(vector: dict[str, Any]) -> None:
    client_id, secret, right = vector["inputs"]["client_id"], Secret(vector["secret"]), "result"
    signed = signed_bytes(vector)
    for at in range(len(signed)):
        changed = signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]
        assert not is_signed(client_id, secret, changed, vector[right])
    assert not is_signed(client_id + "0", secret, signed, vector[right])
    assert not is_signed(client_id, Secret("another"), signed, vector[right])


@pytest.mark.parametrize("signature", ["", "签名", "4F501F8BB2F94157E065EDDEEAA8A9E4", "\udc80"])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    vector = SIGNED[0]
    client_id, secret = vector["inputs"]["client_id"], Secret(vector["secret"])
    assert not is_signed(client_id, secret, signed_bytes(vector), signature)


@pytest.mark.parametrize("vector", SEALED, ids=name_of)
def test_a_sealed_message_opens(vector: dict[str, Any]) -> None:
    opened = open_message(Secret(vector["secret"]), vector["inputs"]["message"])
    assert opened == vector["result"]


@pytest.mark.parametrize("message", ["", "%%%", "YWJj", "zF%2FXJoU%2FCjN0DjsNf2EKjA%3D%3D"])
def test_what_was_sealed_by_nobody_does_not_open(message: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (any: nothing of it may be told)
        open_message(Secret(SEALED[0]["secret"]), message)
