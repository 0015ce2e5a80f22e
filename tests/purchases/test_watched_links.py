"""Links in a watched folder are never gone: nothing outside it is written or moved."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kashu.purchases.watched import REPORT, Into, put_away, read, waiting

LATER = datetime.now(UTC) + timedelta(hours=1)


def put(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "prices.csv").write_text("ref,price\n1,2\n")


def test_a_draft_that_is_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("ours")
    put(tmp_path / "shop" / "fulu")
    [file] = waiting(tmp_path / "shop", ["fulu"], LATER)
    content = read(file)
    assert content is not None
    done = tmp_path / "shop" / "fulu" / Into.DONE
    done.mkdir()
    (done / f".{content.mark}{REPORT}").symlink_to(outside)
    put_away(file, content, Into.DONE, {"outcome": "taken"})
    assert outside.read_text() == "ours"
    assert len(list(done.iterdir())) == 2
    assert not any(each.is_symlink() for each in done.iterdir())


def test_a_folder_that_is_a_link_takes_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    put(tmp_path / "shop" / "fulu")
    [file] = waiting(tmp_path / "shop", ["fulu"], LATER)
    content = read(file)
    assert content is not None
    (tmp_path / "shop" / "fulu" / Into.DONE).symlink_to(outside)
    with pytest.raises(OSError, match=r"irectory|link"):
        put_away(file, content, Into.DONE, {"outcome": "taken"})
    assert not list(outside.iterdir())
    assert file.path.exists()
