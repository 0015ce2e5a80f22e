"""Weidian's calls on the wire, against what independent SDKs send. None is signed."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kashu.adapters.channels.weidian_calls import encode_call
from kashu.adapters.channels.weidian_sealed import open_text
from kashu.core.secrets import Secret
from kashu.simulators.weidian_wire import sealed

VECTORS = json.loads((Path(__file__).parent / "vectors" / "weidian.json").read_text())
SEALED = [vector for vector in VECTORS if vector["kind"] == "encrypt"]
CALLS = [vector for vector in VECTORS if "public" in vector["inputs"]]
BODIES = [vector for vector in CALLS if "body" in vector]


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def encoded(vector: dict[str, Any]) -> str:
    public = json.loads(vector["inputs"]["public"])
    param = json.loads(vector["inputs"]["param"])
    return encode_call(public["method"], public["version"], public["access_token"], param).decode()


@pytest.mark.parametrize("vector", BODIES, ids=name_of)
def test_a_call_is_encoded_byte_for_byte_as_another_sdk_does(vector: dict[str, Any]) -> None:
    assert encoded(vector) == vector["body"]


@pytest.mark.parametrize("vector", CALLS, ids=name_of)
def test_a_call_says_the_same_as_another_sdks(vector: dict[str, Any]) -> None:
    ours = {name: json.loads(texts[0]) for name, texts in parse_qs(encoded(vector)).items()}
    assert ours == {name: json.loads(text) for name, text in vector["inputs"].items()}


@pytest.mark.parametrize("vector", BODIES, ids=name_of)
def test_a_changed_byte_is_another_call(vector: dict[str, Any]) -> None:
    changed = dict(vector, inputs=dict(vector["inputs"]))
    changed["inputs"]["param"] = vector["inputs"]["param"].replace("0", "1")
    assert encoded(changed) != vector["body"]


def test_letters_beyond_ascii_are_not_escaped_in_the_json() -> None:
    body = encode_call("m", "1.0", "t", {"note": "芒果"}).decode()
    assert "%E8%8A%92%E6%9E%9C" in body
    assert "%5Cu" not in body


@pytest.mark.parametrize("vector", SEALED, ids=name_of)
def test_a_text_that_an_sdk_encrypted_opens(vector: dict[str, Any]) -> None:
    assert open_text(Secret(vector["secret"]), vector["signature"]) == vector["text"]


@pytest.mark.parametrize("vector", SEALED, ids=name_of)
def test_the_simulator_encrypts_as_the_sdk_does(vector: dict[str, Any]) -> None:
    assert sealed(vector["secret"], vector["text"]) == vector["signature"]


@pytest.mark.parametrize("vector", SEALED, ids=name_of)
def test_a_changed_byte_does_not_open_to_the_same_text(vector: dict[str, Any]) -> None:
    whole = bytearray(base64.b64decode(vector["signature"]))
    for at in (0, 15, 31):
        whole[at] ^= 1
        changed = base64.b64encode(whole).decode()
        whole[at] ^= 1
        try:
            assert open_text(Secret(vector["secret"]), changed) != vector["text"]
        except ValueError:
            continue


def test_what_is_not_padded_to_32_bytes_is_refused() -> None:
    key = SEALED[0]["secret"]
    vector = bytes.fromhex(SEALED[0]["iv_hex"])
    sealing = Cipher(algorithms.AES128(bytes.fromhex(key)), modes.CBC(vector)).encryptor()
    for padded in (b"1" * 16, b"1" * 32, b"1" * 31 + b"\x21", b"1" * 30 + b"\x01\x02"):
        ciphertext = base64.b64encode(sealing.update(padded)).decode()
        with pytest.raises(ValueError, match=r"whole blocks|padding"):
            open_text(Secret(key), ciphertext)


def test_what_is_not_base64_is_refused() -> None:
    for written in ("", "13800000000", "不是密文"):
        with pytest.raises(ValueError, match=r"Base64|whole blocks|ASCII"):
            open_text(Secret(SEALED[0]["secret"]), written)
