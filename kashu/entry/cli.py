"""The command line: the table of contents of every command, and how commands fail."""

import sys
from typing import Any, Final

import click

from kashu.core.errors import KashuError
from kashu.entry.commands.backups import backup, restore
from kashu.entry.commands.catalog import catalog
from kashu.entry.commands.keys import keys
from kashu.entry.commands.orders import order
from kashu.entry.commands.reports import report, verify
from kashu.entry.commands.serving import openapi, serve, version, web, worker
from kashu.entry.commands.strategies import strategy
from kashu.entry.commands.tenants import tenant
from kashu.entry.demo.command import command as demo
from kashu.entry.incidents import log_incident
from kashu.entry.terminal import say, show_error

REFUSED: Final = 1  # and what `verify` found
BROKEN: Final = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells have it


class Program(click.Group):
    """A group whose failures are told to a reader, never as a trace."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  (click's)
        """Run a command; leave with the exit codes of `kashu --help`."""
        try:
            return super().invoke(ctx)
        except KashuError as error:
            show_error(error)
            ctx.exit(REFUSED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:  # whoever read our output has enough
            sys.stderr.close()
            ctx.exit(REFUSED)
        except Exception as error:  # noqa: BLE001  (a bug of ours is told by its number)
            number = log_incident(error, command=ctx.invoked_subcommand or "")
            say(
                f"✗ 程序内部错误，编号 {number}。请把上面那行日志发给我们（其中没有卡密）。",
                f"✗ An error of ours, number {number}. Send us the log line above; it has no card "
                "in it.",
            )
            ctx.exit(BROKEN)


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def main() -> None:
    r"""卡枢：会员卡密的进、存、销、账。 Kashu: membership cards in, kept, sold, and the books.

    \b
    第一次用 / begin:
      kashu serve                      网页接口、后台任务和内置数据库 / everything
      kashu import cards.xlsx --sku mgtv-month --warehouse main --supplier alpha --cost 14.125
      kashu order place --sku mgtv-month --quantity 2 --price 39.60
      kashu report profit --by day,store

    设置见 docs/reference/settings.md（环境变量 KASHU_… 或 kashu.toml）。
    Settings: environment variables KASHU_… or kashu.toml.

    \b
    退出码 / exit codes:
      0    完成 / done
      1    被拒绝或核对有误，什么都没有改动 / refused, or verify found violations
      2    命令写法有误 / the command itself is wrong
      70   程序内部错误 / a bug of ours, told with its number
      130  被 Ctrl-C 中断 / interrupted
    """


for command in (
    serve,
    web,
    worker,
    demo,
    order,
    report,
    verify,
    strategy,
    catalog,
    tenant,
    keys,
    backup,
    restore,
    openapi,
    version,
):
    main.add_command(command)
