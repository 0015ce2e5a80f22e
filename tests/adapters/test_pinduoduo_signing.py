"""Pinduoduo's signatures, against those that independent SDKs made."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from kashu.adapters.channels.pinduoduo_signing import message_path, sign
from kashu.core.secrets import Secret
from kashu.simulators.pinduoduo_wire import signature_of

VECTORS = json.loads((Path(__file__).parent / "vectors" / "pinduoduo.json").read_text())
SIGNED = [vector for vector in VECTORS if vector["kind"] == "sign"]
PATHS = [vector for vector in VECTORS if vector["kind"] == "message_path"]


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize("vector", SIGNED, ids=name_of)
def test_a_call_is_signed_as_independent_sdks_sign_it(vector: dict[str, Any]) -> None:
    assert hashlib.md5(vector["text"].encode()).hexdigest().upper() == vector["signature"]  # noqa: S324
    assert sign(vector["inputs"], Secret(vector["secret"])) == vector["signature"]


@pytest.mark.parametrize("vector", SIGNED, ids=name_of)
def test_the_simulator_expects_the_same_signatures(vector: dict[str, Any]) -> None:
    assert signature_of(vector["inputs"], vector["secret"]) == vector["signature"]


@pytest.mark.parametrize("vector", SIGNED, ids=name_of)
def test_a_changed_byte_changes_the_signature(vector: dict[str, Any]) -> None:
    secret = Secret(vector["secret"])
    for name, value in vector["inputs"].items():
        assert sign({**vector["inputs"], name: value + "0"}, secret) != vector["signature"]
    assert sign(vector["inputs"], Secret(vector["secret"][:-1] + "0")) != vector["signature"]


def test_what_is_empty_and_the_signature_itself_are_left_out() -> None:
    vector = SIGNED[0]
    more = {**vector["inputs"], "trade_type": "", "sign": "0"}
    assert sign(more, Secret(vector["secret"])) == vector["signature"]


def test_names_are_sorted_by_their_bytes() -> None:
    text = "kB1a3b2k"
    expected = hashlib.md5(text.encode()).hexdigest().upper()  # noqa: S324
    assert sign({"b": "2", "a": "3", "B": "1"}, Secret("k")) == expected


def test_texts_are_signed_as_utf_8() -> None:
    text = "knote芒果TV月卡k"
    expected = hashlib.md5(text.encode()).hexdigest().upper()  # noqa: S324
    assert sign({"note": "芒果TV月卡"}, Secret("k")) == expected


@pytest.mark.parametrize("vector", PATHS, ids=name_of)
def test_the_message_socket_has_the_path_that_an_independent_client_opens(
    vector: dict[str, Any],
) -> None:
    digest = hashlib.md5(vector["text"].encode()).hexdigest()  # noqa: S324
    assert base64.b64encode(digest.encode()).decode() == vector["signature"]
    found = message_path(**vector["inputs"], secret=Secret(vector["secret"]))
    assert found == vector["path"]
    later = {**vector["inputs"], "milliseconds": "1772933400124"}
    assert message_path(**later, secret=Secret(vector["secret"])) != vector["path"]
