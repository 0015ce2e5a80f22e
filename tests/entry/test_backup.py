import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from kashu.core.postgres_programs import find_binaries
from tests.entry.conftest import Terminal


@pytest.fixture
def empty_url(server_url: str) -> Iterator[str]:
    """An empty database."""
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type, unused-ignore]
    yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type, unused-ignore]


@pytest.fixture
def backup(terminal: Terminal) -> Path:
    """A backup of a shop with some sold cards."""
    terminal.stock(50)
    place = ["order", "place", "--sku", "mgtv-month", "--quantity", "3", "--price", "59.40"]
    terminal.ask(*place, "--external-id", "A-1", "--deliver")
    path = terminal.folder / "kashu.backup"
    manifest = terminal.ask("backup", str(path))
    assert manifest["counts"]["stock.cards"] == 50
    assert manifest["counts"]["orders.orders"] == 1
    return path


def script_of(backup: Path, folder: Path) -> bytes:
    """All that is in a dump, uncompressed."""
    with zipfile.ZipFile(backup) as archive:
        dump = Path(archive.extract("database.dump", folder))
    made = subprocess.run(  # noqa: S603  (PostgreSQL's own)
        [find_binaries() / "pg_restore", "-f", "-", dump], capture_output=True, check=True
    )
    assert b"COPY stock.cards" in made.stdout
    return made.stdout


def tables_in(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
    return [row[0] for row in rows]


def test_a_restored_database_is_the_same_and_proved(
    terminal: Terminal, backup: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = terminal.ask("order", "show", "A-1")
    monkeypatch.setenv("KASHU_DATABASE_URL", empty_url)
    restored = terminal.ask("restore", str(backup))
    assert restored["ok"] is True
    assert restored["opens"] is True
    assert terminal.ask("order", "show", "A-1") == before
    assert terminal.ask("verify")["ok"] is True
    place = ["order", "place", "--sku", "mgtv-month", "--price", "19.80", "--deliver"]
    (order,) = terminal.ask(*place)["orders"]
    assert order["lines"][0]["cards"][0]["number"].startswith("C")


def test_a_backup_leaves_its_trace_in_the_shop_s_trail(terminal: Terminal, backup: Path) -> None:
    with psycopg.connect(terminal.url) as connection:
        [(actor, facts)] = connection.execute(
            "SELECT actor, facts FROM core.events WHERE kind = 'backup.made'"
        ).fetchall()
    assert actor == "cli"
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert (facts["sha256"], facts["bytes"]) == (manifest["sha256"], manifest["bytes"])
    assert facts["made_at"].startswith(manifest["created_at"][:19])


def test_without_the_master_key_a_restored_database_reveals_nothing(
    terminal: Terminal,
    backup: Path,
    empty_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("KASHU_DATABASE_URL", empty_url)
    monkeypatch.setenv("KASHU_DATA_DIR", str(elsewhere))
    done = terminal.run("restore", str(backup))
    assert done.exit_code == 0
    assert json.loads(done.stdout)["opens"] is False
    assert not (elsewhere / "master.key").exists()  # none was made in passing
    place = ["order", "place", "--sku", "mgtv-month", "--price", "19.80", "--deliver"]
    assert "master_key_missing" in terminal.refused(*place)
    with psycopg.connect(empty_url) as connection:
        left = connection.execute("SELECT count(*) FROM stock.cards WHERE state = 'available'")
        assert left.fetchone() == (47,)
    monkeypatch.setenv("KASHU_DATA_DIR", str(tmp_path))  # where the master key is
    assert terminal.ask(*place)["orders"][0]["state"] == "filled"


def test_neither_a_card_nor_a_key_is_in_a_backup(terminal: Terminal, tmp_path: Path) -> None:
    canaries = [number.encode() for number in terminal.stock(50)]
    path = tmp_path / "kashu.backup"
    terminal.ask("backup", str(path))
    master = (tmp_path / "master.key").read_bytes().strip()
    for content in (path.read_bytes(), script_of(path, tmp_path)):
        assert not [canary for canary in canaries if canary in content]
        assert master not in content
    assert path.stat().st_mode & 0o077 == 0


def test_a_database_with_anything_in_it_is_never_restored_into(
    terminal: Terminal, backup: Path
) -> None:
    before = terminal.ask("order", "show", "A-1")
    assert "database_in_use" in terminal.refused("restore", str(backup))
    assert terminal.ask("order", "show", "A-1") == before


def test_a_backup_never_replaces_a_file(terminal: Terminal, backup: Path) -> None:
    content = backup.read_bytes()
    assert "backup_there" in terminal.refused("backup", str(backup))
    assert backup.read_bytes() == content


def test_a_damaged_backup_restores_nothing(
    terminal: Terminal, backup: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 1
    damaged = backup.with_name("damaged")
    damaged.write_bytes(content)
    cut = backup.with_name("cut")
    cut.write_bytes(content[:1000])
    foreign = backup.with_name("foreign")
    foreign.write_text("not a backup")
    monkeypatch.setenv("KASHU_DATABASE_URL", empty_url)
    for path in (damaged, cut, foreign):
        assert "backup_unreadable" in terminal.refused("restore", str(path))
        assert tables_in(empty_url) == []


def test_a_backup_that_would_miss_rows_is_refused(
    terminal: Terminal, owner_url: str, tmp_path: Path
) -> None:
    role = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x' IN ROLE pg_read_all_data")  # type: ignore[arg-type, unused-ignore]
    url = make_url(owner_url).set(username=role, password="x")
    path = tmp_path / "kashu.backup"
    told = terminal.refused("backup", str(path), "--url", url.render_as_string(hide_password=False))
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(f"DROP ROLE {role}")  # type: ignore[arg-type, unused-ignore]
    assert "backup_sees_too_little" in told
    assert role in told
    assert not path.exists()
    assert not list(tmp_path.glob("*.part"))


def test_a_password_is_never_among_the_arguments_of_a_program() -> None:
    from kashu.entry.postgres_tools import Tools  # noqa: PLC0415

    tools = Tools("18", "kashu", {"PGPASSWORD": "secret"})
    assert "secret" not in repr(tools)
