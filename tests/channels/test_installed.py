"""Adapters of other packages are found by their entry points, or said to be unusable."""

import sys
from pathlib import Path

import pytest

from kashu.adapters.channels.youzan import YouzanChannel
from kashu.channels.installed import AdapterUnusable, find_channels

OURS = (YouzanChannel(),)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path where packages may be put."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def put(folder: Path, package: str, source: str, channel: str = "douyin") -> None:
    """Install a package with one adapter, as pip would."""
    (folder / f"{package}.py").write_text(source)
    told = folder / f"{package}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[kashu.channels]\n{channel} = {package}:Adapter\n")
    sys.modules.pop(package, None)


def adapter(name: str) -> str:
    return (
        "from kashu.adapters.channels.youzan import YouzanChannel\n"
        f"class Adapter(YouzanChannel):\n    name = {name!r}\n"
    )


def test_without_other_packages_there_are_ours() -> None:
    assert find_channels(OURS) == {"youzan": OURS[0]}


def test_another_packages_adapter_is_found_by_its_entry_point(install: Path) -> None:
    put(install, "kashu_test_douyin", adapter("douyin"))
    found = find_channels(OURS)
    assert set(found) == {"douyin", "youzan"}
    assert found["douyin"].name == "douyin"


def test_another_packages_adapter_takes_the_place_of_ours(install: Path) -> None:
    put(install, "kashu_test_better", adapter("youzan"))
    assert type(find_channels(OURS)["youzan"]).__module__ == "kashu_test_better"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("raise RuntimeError('secret')\n", "RuntimeError"),
        ("", "AttributeError"),
        ("class Adapter:\n    name = 'x'\n", "no Channel"),
        ("class Adapter:\n    def __init__(self, needs): pass\n", "TypeError"),
    ],
)
def test_what_is_no_adapter_stops_us_by_name(install: Path, source: str, why: str) -> None:
    put(install, "kashu_test_broken", source)
    with pytest.raises(AdapterUnusable, match=why) as raised:
        find_channels(OURS)
    assert "douyin (kashu_test_broken)" in raised.value.text("zh")
    assert "secret" not in raised.value.text("zh")


def test_two_packages_for_one_channel_stop_us(install: Path) -> None:
    put(install, "kashu_test_one", adapter("douyin"), "one")
    put(install, "kashu_test_two", adapter("douyin"), "two")
    with pytest.raises(AdapterUnusable, match="kashu_test_one"):
        find_channels(OURS)
