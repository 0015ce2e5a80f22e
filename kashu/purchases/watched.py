"""The watched folder on disk: which files have stopped growing, and where they are put away.

    <folder>/<shop>/<supplier>/prices.xlsx      here people, or a program, put files
    <folder>/<shop>/<supplier>/done/            taken; beside each what became of it
    <folder>/<shop>/<supplier>/refused/         not taken, and why
    <folder>/<shop>/<supplier>/left/            nobody knows what of: a person decides

Everything here blocks: call it in a thread. Links are never gone, and nothing outside is touched.
"""

import hashlib
import json
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from kashu.core.naming import is_code

QUIET_S: Final = 20.0  # without a change: whoever wrote it is done
CONTENT_MAX: Final = 20 << 20  # bytes
FOUND_MAX: Final = 2_000  # files of one look
UNFINISHED: Final = (".part", ".partial", ".tmp", ".crdownload", ".download", ".filepart", ".swp")
REPORT: Final = ".report.json"


class Into(StrEnum):
    """Where a file is put away."""

    DONE = "done"
    REFUSED = "refused"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that has stopped growing. Its name may hold anything: it is shown to nobody."""

    supplier: str  # the code, as the folder says
    path: Path = field(repr=False)
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it was read, whole."""

    raw: bytes = field(repr=False)
    sha256: bytes

    @property
    def mark(self) -> str:
        """What names it in logs: the beginning of its hash."""
        return self.sha256.hex()[:8]


def folders(shop: Path) -> list[str]:
    """Name the folders of a shop, each by a supplier's code; none where it has no folder."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(shop) as entries:
        return [
            entry.name
            for entry in entries
            if is_code(entry.name) and entry.is_dir(follow_symlinks=False)
        ]
    return []


def waiting(shop: Path, codes: Collection[str], at: datetime) -> list[Waiting]:
    """Find what has stopped growing in some suppliers' folders, the oldest first."""
    found = [each for code in codes for each in _files(shop / code, at)]
    return sorted(found, key=lambda each: (each.changed_ns, each.path.name))[:FOUND_MAX]


def read(file: Waiting) -> Content | None:
    """Read a file whole; None where it is gone, changes after all, or is no plain file any more."""
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as opened:
        raw = opened.read(CONTENT_MAX + 1)
        after = os.fstat(opened.fileno())
    same = (after.st_size, after.st_mtime_ns) == (file.size, file.changed_ns)
    if not same or not stat.S_ISREG(after.st_mode):
        return None
    if file.size <= CONTENT_MAX and len(raw) != file.size:
        return None
    return Content(raw, hashlib.sha256(raw).digest())


def put_away(file: Waiting, content: Content, into: Into, report: Mapping[str, Any]) -> None:
    """Write what became of a file beside where it goes, then move it there. Harmless to repeat."""
    folder = file.path.parent / into
    folder.mkdir(exist_ok=True)
    name = f"{file.path.stem[:120]}-{content.mark}{file.path.suffix[:16]}"
    draft = f".{content.mark}{REPORT}"
    # Whoever may put files here may put links here: neither folder nor draft may be one.
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=held)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=held)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
        os.replace(draft, name + REPORT, src_dir_fd=held, dst_dir_fd=held)
        os.replace(file.path, name, dst_dir_fd=held)
    finally:
        os.close(held)


def _files(folder: Path, at: datetime) -> Iterator[Waiting]:
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if _is_unfinished(entry.name) or not entry.is_file(follow_symlinks=False):
                continue
            with suppress(FileNotFoundError):
                about = entry.stat(follow_symlinks=False)
                if _is_quiet(about, at):
                    path = Path(entry.path)
                    yield Waiting(folder.name, path, about.st_size, about.st_mtime_ns)


def _is_quiet(about: os.stat_result, at: datetime) -> bool:
    """Whether nothing was written for a while. A time to come is another machine's clock."""
    now_s = at.timestamp()
    changed_s = about.st_mtime if about.st_mtime <= now_s else about.st_ctime
    return now_s - changed_s >= QUIET_S


def _is_unfinished(name: str) -> bool:
    """Whether a name is that of a file which some program is still writing or locking."""
    return name.startswith((".", "~")) or name.lower().endswith(UNFINISHED)
