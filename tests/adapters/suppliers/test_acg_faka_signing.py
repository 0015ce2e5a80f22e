"""acg-faka: how calls are signed."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kashu.adapters.suppliers.acg_faka_calls import sign
from kashu.core.secrets import Secret
from kashu.simulators.suppliers.acg_faka_wire import parameters_of, signature_of

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "acg_faka.json").read_text(encoding="utf-8")
)
SCOPE = {
    "method": "POST",
    "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@pytest.mark.parametrize("vector", VECTORS, ids=[each["name"] for each in VECTORS])
def test_every_vector_is_signed_alike(vector: dict[str, Any]) -> None:
    told = vector["input"]
    assert sign(told["params"], Secret(told["app_key"])) == vector["expect"]["sign"]
    assert signature_of(told["params"], told["app_key"]) == vector["expect"]["sign"]


def test_a_plus_in_the_key_is_decoded_with_the_rest() -> None:
    assert sign({"app_id": "1"}, Secret("A+B")) == sign({"app_id": "1"}, Secret("A B"))


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), TEXTS, max_size=6), TEXTS)
def test_whatever_is_typed_is_signed_as_the_shop_reads_it(told: dict[str, str], sku: str) -> None:
    asked: dict[str, Any] = {name: text for name, text in told.items() if name != "sku"}
    form = urlencode({**asked, "sku[区服]": sku}).encode()
    read = parameters_of(SCOPE, form)
    signed = sign({**asked, "sku": {"区服": sku}}, Secret("A1B2C3D4"))
    assert signature_of(read, "A1B2C3D4") == signed
