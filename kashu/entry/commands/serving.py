"""Commands that serve, and what they serve."""

import json
from pathlib import Path

import click
import msgspec

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.secrets import KEY_BYTES, MasterKey, MasterKeys
from kashu.entry.openapi import document
from kashu.entry.serve import serve_web
from kashu.entry.settings import Settings, load_settings
from kashu.entry.taught import Command
from kashu.entry.together import serve_all, work_alone
from kashu.entry.web import make_app


def _settings(host: str | None, port: int | None) -> Settings:
    settings = load_settings()
    return msgspec.structs.replace(settings, host=host or settings.host, port=port or settings.port)


host_option = click.option("--host", help="监听地址。 The address to listen on.")
port_option = click.option(
    "--port", type=click.IntRange(1, 65_535), help="监听端口。 The port to listen on."
)


@click.command("serve", cls=Command)
@host_option
@port_option
def serve(*, host: str | None, port: int | None) -> None:
    """一个命令启动全部：内置数据库、网页接口、后台任务；任何一个退出都会自动拉起。

    Everything in one command: the embedded database, the web interface and a worker; whichever
    dies is brought back. The first start prints the owner's one-time link. Ctrl-C ends it all.

    kashu serve --port 8080
    KASHU_DATABASE_URL=postgresql://… kashu serve
    """
    serve_all(_settings(host, port))


@click.command("web", cls=Command)
@host_option
@port_option
def web(*, host: str | None, port: int | None) -> None:
    """只启动网页接口（可在多台机器上各启动一个）。

    Only the web interface; start as many as you like.
    """
    serve_web(_settings(host, port))


@click.command("worker", cls=Command)
def worker() -> None:
    """只启动后台任务：补发缺货订单、核对账目、清理过期数据（可启动多个，互为备份）。

    Only a worker: fills short orders, proves the books, clears what is over. Start several: each
    sweep is run by one of them, and another takes over when that one dies.
    """
    work_alone(load_settings())


@click.command("openapi", cls=Command)
@click.option(
    "--output", type=click.Path(path_type=Path), help="写到文件。 Write it to a file instead."
)
def openapi(*, output: Path | None) -> None:
    """输出接口文档 openapi.json，不需要数据库。

    Print the OpenAPI document. Needs no database.
    """
    written = describe_api()
    if output is None:
        click.echo(written, nl=False)
    else:
        output.write_text(written)


def describe_api() -> str:
    """Write the OpenAPI document as docs/reference/openapi.json has it."""
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")  # never connected to
    nobody = Keyrings(MasterKeys(MasterKey.of(bytes(KEY_BYTES))))
    app = make_app(nowhere, nobody, Settings())
    # To plain values first: OpenAPI's own classes know no JSON.
    plain = msgspec.to_builtins(document(app))
    return json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
