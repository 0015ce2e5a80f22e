import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from kashu.core.secrets import (
    KEY_BYTES,
    Keyring,
    MasterKey,
    MasterKeyMissing,
    MasterKeys,
    MasterKeyUnusable,
    SealBroken,
    Secret,
    add_master_key,
    parse_master_keys,
    read_master_keys,
    unwrap,
    wrap,
)

SKU, CARD = UUID(int=1), UUID(int=2)
RING = Keyring.of(7, 2, {1: b"a" * KEY_BYTES, 2: b"b" * KEY_BYTES}, b"i" * KEY_BYTES)


def test_what_is_sealed_opens_only_where_it_belongs() -> None:
    sealed = RING.seal("ABCD-1234", kind=SKU, owner=CARD)
    assert b"ABCD" not in sealed
    assert RING.open(sealed, 2, kind=SKU, owner=CARD).clear == "ABCD-1234"
    elsewhere = Keyring.of(8, 2, {2: b"b" * KEY_BYTES}, b"i" * KEY_BYTES)
    for ring, version, kind, owner in (
        (RING, 2, SKU, UUID(int=3)),  # another card
        (RING, 2, UUID(int=3), CARD),  # another SKU
        (RING, 1, SKU, CARD),  # another key
        (elsewhere, 2, SKU, CARD),  # another tenant
    ):
        with pytest.raises(SealBroken):
            ring.open(sealed, version, kind=kind, owner=owner)


@pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
def test_one_flipped_bit_is_noticed(place: int) -> None:
    sealed = bytearray(RING.seal("ABCD-1234", kind=SKU, owner=CARD))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        RING.open(bytes(sealed), 2, kind=SKU, owner=CARD)


def test_a_nonce_is_never_used_twice() -> None:
    nonces = {RING.seal("same", kind=SKU, owner=CARD)[:12] for _ in range(20_000)}
    assert len(nonces) == 20_000


def test_the_blind_index_is_equal_for_equal_texts_of_one_tenant() -> None:
    other = Keyring.of(8, 1, {1: b"a" * KEY_BYTES}, b"j" * KEY_BYTES)
    assert RING.blind_index("A1") == RING.blind_index("A1") != RING.blind_index("A2")
    assert RING.blind_index("A1") != other.blind_index("A1")
    assert len(RING.blind_index("A1")) == 32


def test_a_data_key_is_bound_to_whose_and_which_it_is() -> None:
    masters = MasterKeys(MasterKey.of(b"m" * KEY_BYTES))
    wrapped = wrap(masters.current, b"d" * KEY_BYTES, "kashu:1:seal:1")
    assert unwrap(masters, masters.current.id, wrapped, "kashu:1:seal:1") == b"d" * KEY_BYTES
    with pytest.raises(SealBroken):
        unwrap(masters, masters.current.id, wrapped, "kashu:2:seal:1")
    with pytest.raises(MasterKeyMissing):
        unwrap(MasterKeys(MasterKey.of(b"x" * KEY_BYTES)), masters.current.id, wrapped, "k")


def test_nothing_secret_is_printed_by_accident() -> None:
    master = MasterKey.of(b"m" * KEY_BYTES)
    shown = f"{Secret('ABCD')!r} {Secret('ABCD')} {master!r} {RING!r}"
    assert "ABCD" not in shown
    assert "mmm" not in shown
    assert "aaa" not in shown


def test_two_who_start_at_once_get_one_master_key(tmp_path: Path) -> None:
    for n in range(20):
        path = tmp_path / f"{n}" / "master.key"
        with ThreadPoolExecutor(8) as starters:
            found = list(starters.map(lambda _, path=path: read_master_keys(path), range(8)))
        assert len({keys.current.id for keys in found}) == 1
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(path.parent.iterdir()) == [path]


def test_a_new_master_key_stands_before_the_earlier_ones(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    first = read_master_keys(path)
    second = add_master_key(path)
    assert second.current.id != first.current.id
    assert [key.id for key in second.earlier] == [first.current.id]
    assert read_master_keys(path).current.id == second.current.id


@pytest.mark.parametrize("written", ["", "short", base64.b64encode(b"x" * 31).decode(), "ä" * 44])
def test_what_is_no_key_is_refused_by_its_place(written: str) -> None:
    with pytest.raises(MasterKeyUnusable, match="KASHU_MASTER_KEY"):
        parse_master_keys(written, "KASHU_MASTER_KEY")
