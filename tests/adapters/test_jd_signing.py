"""JD's signatures and ciphers, against what other people's code and JD's own documents give."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kashu.adapters.channels.jd_signing import (
    decrypt,
    encrypt,
    game_sign,
    gateway_sign,
    same,
    virtual_sign,
)
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.jd_asking import JdGameSimulator, JdVirtualSimulator
from kashu.simulators.jd_wire import signature_of

VECTORS = json.loads((Path(__file__).parent / "vectors" / "jd.json").read_text())
SIGNERS: dict[str, Callable[[Mapping[str, str], Secret], str]] = {
    "gateway": gateway_sign,
    "game": game_sign,
    "virtual": virtual_sign,
}
each_signature = pytest.mark.parametrize(
    "vector", VECTORS["signatures"], ids=lambda vector: vector["name"]
)
each_cipher = pytest.mark.parametrize(
    "vector", VECTORS["ciphers"], ids=lambda vector: vector["name"]
)


@each_signature
def test_a_signature_is_what_others_compute(vector: dict[str, Any]) -> None:
    signed = SIGNERS[vector["protocol"]](vector["inputs"], Secret(vector["secret"]))
    assert signed == vector["signature"]


@each_signature
def test_a_vector_is_true_to_itself(vector: dict[str, Any]) -> None:
    digest = hashlib.md5(vector["text"].encode(), usedforsecurity=False).hexdigest()
    assert digest == vector["signature"].lower()


@each_signature
def test_a_changed_byte_changes_the_signature(vector: dict[str, Any]) -> None:
    sign = SIGNERS[vector["protocol"]]
    for name in vector["inputs"]:
        if name == "signType":
            continue
        changed = dict(vector["inputs"])
        changed[name] = changed[name][:-1] + chr(ord(changed[name][-1]) ^ 1)
        assert not same(vector["signature"], sign(changed, Secret(vector["secret"]))), name
    assert not same(vector["signature"], sign(vector["inputs"], Secret(vector["secret"] + "0")))


def test_an_empty_parameter_is_not_signed_where_jd_leaves_it_out() -> None:
    secret = Secret("0a1b2c3d4e5f60718293a4b5c6d7e8f9")
    for sign in (game_sign, virtual_sign):
        assert sign({"a": "1", "version": ""}, secret) == sign({"a": "1"}, secret)


@each_cipher
def test_cards_are_encrypted_as_jd_and_others_do(vector: dict[str, Any]) -> None:
    assert encrypt(vector["clear"], Secret(vector["key"])) == vector["sealed"]
    assert decrypt(vector["sealed"], Secret(vector["key"])) == vector["clear"]


@each_cipher
def test_what_was_encrypted_under_another_key_does_not_open(vector: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="padding"):
        decrypt(vector["sealed"], Secret("f" * 32))


@pytest.mark.parametrize("key", ["", "short", "1" * 33])
def test_a_key_of_another_length_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        encrypt("[]", Secret(key))


def test_what_is_not_base64_does_not_open() -> None:
    with pytest.raises(ValueError, match="Base64"):
        decrypt("***", Secret("1" * 32))


@each_signature
def test_the_simulators_expect_the_same_signatures(vector: dict[str, Any]) -> None:
    inputs, secret, signature = vector["inputs"], vector["secret"], vector["signature"]
    http = Http()
    if vector["protocol"] == "gateway":
        assert signature_of(inputs, secret) == signature
    elif vector["protocol"] == "game":
        game = JdGameSimulator(http)
        game.key = secret
        assert game.sign(inputs) == signature
    else:
        virtual = JdVirtualSimulator(http)
        virtual.key = secret
        assert virtual.sign(inputs) == signature
