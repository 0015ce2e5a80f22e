"""The embedded PostgreSQL: it starts from nothing, is shared, and stops with its last user."""

import os
import shutil
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import PGconn, Ping
from sqlalchemy import create_engine, text

from kashu.core import postgres
from kashu.core.postgres_programs import (
    PostgresCannotStart,
    PostgresFolderClosed,
    PostgresFolderForeign,
    PostgresProgramFailed,
)
from tests.embedded import Neighbour, ask, copy_of_programs, empty_folder, leader


@pytest.fixture
def folder() -> Iterator[Path]:
    with empty_folder() as path:
        yield path


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """One for all who only look at it."""
    with empty_folder() as path:
        server = postgres.start(path)
        yield server
        server.close()


def answers(server: postgres.Server) -> bool:
    return PGconn.ping(server.url(role="postgres").encode()) == Ping.OK


def modes(path: Path) -> dict[Path, tuple[int, int]]:
    """Mode and owner of `path` and each folder above it."""
    found = {folder: folder.stat() for folder in (path, *path.parents)}
    return {folder: (stat.S_IMODE(it.st_mode), it.st_uid) for folder, it in found.items()}


def test_it_starts_from_nothing_with_a_database_and_two_plain_roles(
    server: postgres.Server,
) -> None:
    assert ask(server, "SELECT current_database(), current_user", "kashu_owner") == [
        ("kashu", "kashu_owner")
    ]
    assert ask(server, "SELECT current_user", "kashu_app") == [("kashu_app",)]
    assert ask(
        server,
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication"
        " FROM pg_roles WHERE rolname LIKE 'kashu%' ORDER BY 1",
    ) == [("kashu_app", False), ("kashu_owner", False)]
    assert ask(
        server,
        "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocale"
        " FROM pg_database WHERE datname = 'kashu'",
    ) == [("kashu_owner", "UTF8", "C.UTF-8")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("jit", "off"),
        ("TimeZone", "UTC"),
        ("log_parameter_max_length_on_error", "0"),
    ],
)
def test_its_settings_hold(server: postgres.Server, name: str, value: str) -> None:
    assert ask(server, f"SHOW {name}") == [(value,)]


def test_nobody_can_reach_it_by_tcp(server: postgres.Server) -> None:
    assert ask(server, "SHOW listen_addresses") == [("",)]
    written = (server.folder / "postmaster.pid").read_text().splitlines()
    assert written[5].strip() == ""  # the sixth line is the first address listened on
    assert ask(server, "SELECT type FROM pg_hba_file_rules WHERE auth_method <> 'reject'") == [
        ("local",),
        ("local",),
    ]


def test_only_its_account_reaches_its_socket_and_data(server: postgres.Server) -> None:
    for private in (server.folder, server.socket_folder):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert private.stat().st_uid != 0


def test_folders_that_were_there_keep_mode_and_owner(folder: Path) -> None:
    before = modes(folder)
    postgres.start(folder / "deeper" / "still").close()
    assert modes(folder) == before


def test_a_second_process_shares_the_server(server: postgres.Server) -> None:
    ask(server, "CREATE TABLE here AS SELECT 1")
    before = leader(server.folder)
    with Neighbour(server.folder.parents[1]) as other:
        assert other.heard() == str(server.folder)
        assert leader(server.folder) == before
        other.close()
    assert ask(server, "SELECT * FROM here") == [(1,)]


def test_many_starters_at_once_make_one_server(folder: Path) -> None:
    with Neighbour(folder) as one, Neighbour(folder) as two, Neighbour(folder) as three:
        heard = {one.heard(), two.heard(), three.heard()}
        assert heard == {str(folder / "postgres" / "data")}
        started = (folder / "postgres" / "data" / "log").glob("*.log")
        assert "".join(log.read_text() for log in started).count("ready to accept") == 1
        for each in (one, two, three):
            each.close()


def test_it_stops_with_its_last_user_and_not_before(folder: Path) -> None:
    mine, mine_too = postgres.start(folder), postgres.start(folder)
    with Neighbour(folder) as other:
        other.heard()
        mine.close()
        mine.close()
        assert answers(mine_too)
        mine_too.close()
        assert answers(mine_too)
        other.close()
    assert not answers(mine_too)
    assert not (mine.folder / "postmaster.pid").exists()  # stopped in good order


def test_one_who_comes_while_the_last_leaves_is_served(folder: Path) -> None:
    """Shown by hand to fail when `alone` doesn't wait."""

    def come_and_go(_: int) -> list[tuple[object, ...]]:
        server = postgres.start(folder)
        try:
            return ask(server, "SELECT 1")
        finally:
            server.close()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(come_and_go, range(60))) == [[(1,)]] * 60


def test_a_forked_child_keeps_it_up(folder: Path) -> None:
    server = postgres.start(folder)
    hold, release = os.pipe()
    child = os.fork()
    if not child:
        os.close(release)
        os.read(hold, 1)
        os._exit(0)
    server.close()
    assert answers(server)
    os.close(release)
    os.waitpid(child, 0)
    postgres.start(folder).close()
    assert not answers(server)


def test_what_was_committed_is_there_at_the_next_start(folder: Path) -> None:
    first = postgres.start(folder)
    ask(first, "CREATE TABLE kept AS SELECT 7 AS seven")
    first.close()
    second = postgres.start(folder)
    assert ask(second, "SELECT seven FROM kept") == [(7,)]
    second.close()


@pytest.mark.parametrize("name", ["我的 数据", 'it\'s "100%" $HOME, a=b?', "深" * 40])
def test_any_folder_name_will_do(folder: Path, name: str) -> None:
    server = postgres.start(folder / name)
    assert ask(server, "SELECT 1", "kashu_app") == [(1,)]
    engine = create_engine(server.url(role="kashu_app").replace("://", "+psycopg://"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()
    assert server.run("psql", "-Atc", "SHOW data_directory").strip() == str(server.folder)
    server.close()
    if not server.socket_folder.is_relative_to(folder):
        shutil.rmtree(server.socket_folder)


def test_no_statement_and_no_value_reaches_its_log(server: postgres.Server) -> None:
    ask(server, "CREATE TABLE cards (number text PRIMARY KEY CHECK (number <> 'SECRET-2'))")
    ask(server, "INSERT INTO cards VALUES ('SECRET-1')")
    for refused in (
        "INSERT INTO cards VALUES ('SECRET-1')",
        "INSERT INTO cards VALUES ('SECRET-2')",
        "SELECT 'SECRET-3'::int",
        "SELECT SECRET-4 nonsense",
    ):
        with pytest.raises(psycopg.Error):
            ask(server, refused)
    log = "".join(file.read_text() for file in (server.folder / "log").glob("*.log"))
    assert "ready to accept connections" in log
    assert "SECRET" not in log


def test_an_ordinary_user_has_it_in_their_home(folder: Path) -> None:
    ordinary = "nobody" if os.geteuid() == 0 else ""
    home = folder / "home"
    home.mkdir()
    if ordinary:
        shutil.chown(home, ordinary)
    home.chmod(0o700)
    before = modes(home)
    programs = folder / "environment"
    programs.mkdir(mode=0o755)
    with Neighbour(
        None, account=ordinary, programs=copy_of_programs(programs), home=str(home)
    ) as theirs:
        data = Path(theirs.heard())
        assert data == home / ".local" / "share" / "kashu" / "postgres" / "data"
        assert data.stat().st_uid == home.stat().st_uid
        theirs.close()
    assert modes(home) == before


def test_programs_that_the_account_cannot_reach_are_copied(folder: Path) -> None:
    programs = folder / "environment"
    programs.mkdir(mode=0o700)  # as under /root
    with Neighbour(folder / "kashu", programs=copy_of_programs(programs)) as other:
        assert other.heard() == str(folder / "kashu" / "postgres" / "data")
        other.close()
    copies = list((folder / "kashu" / "postgres").glob("programs-*"))
    assert len(copies) == (1 if os.geteuid() == 0 else 0)  # we reach our own


def test_a_folder_out_of_reach_is_refused_and_not_opened_up(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o500)
    before = modes(closed)
    with pytest.raises(PostgresFolderClosed) as refused:
        postgres.start(closed / "kashu")
    assert modes(closed) == before
    assert not list(closed.rglob("PG_VERSION"))
    assert "KASHU_DATA_DIR" in refused.value.text("zh")
    assert "KASHU_DATA_DIR" in refused.value.text("en")


def test_the_data_of_another_version_is_refused_and_left_alone(folder: Path) -> None:
    data = folder / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("14\n")
    with pytest.raises(PostgresFolderForeign, match="PostgreSQL 14"):
        postgres.start(folder)
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_folder_of_somebody_elses_files_is_refused_and_left_alone(folder: Path) -> None:
    data = folder / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "photo.jpg").write_bytes(b"")
    with pytest.raises(PostgresFolderForeign):
        postgres.start(folder)
    assert [path.name for path in data.iterdir()] == ["photo.jpg"]


def test_its_programs_run_on_it_or_say_why_not(server: postgres.Server) -> None:
    assert "CREATE DATABASE" in server.run("pg_dump", "--create", "--schema-only")
    assert server.run("psql", "-Atc", "SELECT current_user", role="kashu_app") == "kashu_app\n"
    with pytest.raises(PostgresProgramFailed, match="no matching tables"):
        server.run("pg_dump", "--table=no_such_table")


def test_a_broken_configuration_is_told_and_can_be_mended(folder: Path) -> None:
    first = postgres.start(folder)
    first.close()
    configuration = first.folder / "postgresql.conf"
    sound = configuration.read_text()
    configuration.write_text(sound + "max_connections = many\n")
    with pytest.raises(PostgresCannotStart, match='invalid value for parameter "max_connections"'):
        postgres.start(folder)
    configuration.write_text(sound)
    postgres.start(folder).close()
