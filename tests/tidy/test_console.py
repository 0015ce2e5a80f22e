"""The console keeps its promises of size and of names: what was built, and its lock file."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from kashu.entry.console import DIST

CONSOLE: Final = Path(__file__).parents[2] / "console"
FIRST_LOAD_MAX: Final = 400_000  # bytes as they travel, of sign-in and of the home page each
PAGE_MAX: Final = 300_000  # that one more page adds, charts and all

pytestmark = pytest.mark.skipif(not DIST.is_dir(), reason="the console isn't built: ./run console")


def chunks() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((DIST / "manifest.json").read_text())
    return found


def needed(names: list[str]) -> set[str]:
    """The files that these chunks need, with all that they import at once."""
    listed, files, open_names = chunks(), set(), list(names)
    seen: set[str] = set()
    while open_names:
        name = open_names.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = listed[name]
        files |= {chunk["file"], *chunk.get("css", [])}
        open_names += chunk.get("imports", [])
    return files


def weight(files: set[str]) -> int:
    """Their size as a browser without brotli gets them, the larger of the two."""
    return sum((DIST / f"{file}.gz").stat().st_size for file in files)


@pytest.mark.parametrize(
    "page", ["src/pages/sign-in/sign-in.tsx", "src/pages/home/home.tsx"], ids=["sign-in", "home"]
)
def test_the_first_load_stays_small(page: str) -> None:
    words = [f"src/words/{name}.zh.ts" for name in ("shell", "states", "sign-in", "home")]
    files = needed(["index.html", page, *words])
    assert weight(files) <= FIRST_LOAD_MAX


def test_every_page_comes_when_it_is_wanted() -> None:
    listed = chunks()
    pages = re.findall(r'import\("@/(pages/[^"]+)"\)', (CONSOLE / "src/routes.tsx").read_text())
    assert len(pages) > 2
    first = needed(["index.html"])
    for page in pages:
        chunk = listed[f"src/{page}.tsx"]
        assert chunk["isDynamicEntry"]
        assert chunk["file"] not in first
        assert weight(needed([f"src/{page}.tsx"]) - first) <= PAGE_MAX, page


def test_charts_don_t_come_with_the_first_load() -> None:
    for file in needed(["index.html"]):
        assert b"echarts" not in (DIST / file).read_bytes()


def test_no_map_and_no_address_of_a_registry_is_shipped() -> None:
    assert not [file.name for file in DIST.rglob("*.map")]
    assert '"resolved"' not in (CONSOLE / "package-lock.json").read_text()


def test_each_file_says_its_words_in_both_languages() -> None:
    names = {file.name for file in (CONSOLE / "src/words").glob("*.*.ts")} - {"i18next.d.ts"}
    chinese = {name.removesuffix(".zh.ts") for name in names if name.endswith(".zh.ts")}
    english = {name.removesuffix(".en.ts") for name in names if name.endswith(".en.ts")}
    assert chinese == english
    known = (CONSOLE / "src/words/i18next.d.ts").read_text()
    assert [name for name in sorted(chinese) if f'"./{name}.zh"' not in known] == []


def test_pages_name_no_colours_and_write_no_html() -> None:
    """Colours are the theme's; HTML from text is what the content policy refuses."""
    for file in (CONSOLE / "src").rglob("*.tsx"):
        written = file.read_text()
        assert not re.search(r"[\"'`]#[0-9A-Fa-f]{3,8}[\"'`]", written), file
        assert "dangerouslySetInnerHTML" not in written, file
        assert not re.search(r"parseFloat|Number\((row|order|line)\.", written), file
