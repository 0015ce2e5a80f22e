"""Agiso's signatures, against those that an independent client made."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from kashu.adapters.channels.agiso_signing import sign
from kashu.core.secrets import Secret
from kashu.simulators.agiso_wire import signature_of

VECTORS = json.loads((Path(__file__).parent / "vectors" / "agiso.json").read_text())


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_it_is_signed_as_an_independent_client_signs_it(vector: dict[str, Any]) -> None:
    assert hashlib.md5(vector["text"].encode()).hexdigest() == vector["signature"]  # noqa: S324
    assert sign(vector["inputs"], Secret(vector["secret"])) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_the_simulator_expects_the_same_signatures(vector: dict[str, Any]) -> None:
    assert signature_of(vector["inputs"], vector["secret"]) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_a_changed_byte_changes_the_signature(vector: dict[str, Any]) -> None:
    secret = Secret(vector["secret"])
    for name, value in vector["inputs"].items():
        assert sign({**vector["inputs"], name: value + "0"}, secret) != vector["signature"]
    assert sign(vector["inputs"], Secret(vector["secret"] + "0")) != vector["signature"]


def test_the_documents_own_order_of_names_is_kept() -> None:
    text = "sbar2foo1foo_bar3foobar4s"  # the example of the platform's page
    expected = hashlib.md5(text.encode()).hexdigest()  # noqa: S324
    told = {"foo": "1", "bar": "2", "foo_bar": "3", "foobar": "4", "sign": "x"}
    assert sign(told, Secret("s")) == expected


def test_capitals_come_before_small_letters_and_texts_are_utf_8() -> None:
    text = "sB1a卡s"
    expected = hashlib.md5(text.encode()).hexdigest()  # noqa: S324
    assert sign({"a": "卡", "B": "1"}, Secret("s")) == expected
