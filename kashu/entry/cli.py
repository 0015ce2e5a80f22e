"""The command line: the table of contents of every command, and how commands fail."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import click

from kashu.core.errors import KashuError
from kashu.core.incidents import log_incident
from kashu.entry.taught import Group
from kashu.entry.terminal import say, show_error
from kashu.entry.usage import told

REFUSED: Final = 1  # and what `verify` found
BROKEN: Final = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells have it

# Each command: the module that has it, and its name there. Imported when it is wanted, so that
# `kashu version` doesn't wait for a web server to be loaded.
COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "serve": ("kashu.entry.commands.serving", "serve"),
    "web": ("kashu.entry.commands.serving", "web"),
    "worker": ("kashu.entry.commands.serving", "worker"),
    "demo": ("kashu.entry.demo.command", "command"),
    "simulate": ("kashu.entry.commands.simulate", "command"),
    "import": ("kashu.entry.commands.imports", "command"),
    "imports": ("kashu.entry.commands.import_records", "imports"),
    "stock": ("kashu.entry.commands.stock", "command"),
    "order": ("kashu.entry.commands.orders", "order"),
    "pilot": ("kashu.entry.commands.pilot", "pilot"),
    "report": ("kashu.entry.commands.reports", "report"),
    "verify": ("kashu.entry.commands.reports", "verify"),
    "prepaid": ("kashu.entry.commands.prepaid", "prepaid"),
    "statement": ("kashu.entry.commands.statements", "statement"),
    "strategy": ("kashu.entry.commands.strategies", "strategy"),
    "catalog": ("kashu.entry.commands.catalog", "catalog"),
    "listings": ("kashu.entry.commands.listings", "listings"),
    "purchase": ("kashu.entry.commands.purchases", "purchase"),
    "reorder": ("kashu.entry.commands.reorder", "command"),
    "supplier": ("kashu.entry.commands.suppliers", "supplier"),
    "prices": ("kashu.entry.commands.prices", "command"),
    "warehouse": ("kashu.entry.commands.partners", "warehouse"),
    "store": ("kashu.entry.commands.partners", "store"),
    "customer": ("kashu.entry.commands.partners", "customer"),
    "tenant": ("kashu.entry.commands.tenants", "tenant"),
    "keys": ("kashu.entry.commands.keys", "keys"),
    "backup": ("kashu.entry.commands.backups", "backup"),
    "restore": ("kashu.entry.commands.backups", "restore"),
    "openapi": ("kashu.entry.commands.serving", "openapi"),
    "reference": ("kashu.entry.commands.about", "reference"),
    "version": ("kashu.entry.commands.about", "version"),
}


class Program(Group):
    """The whole of the program: its failures are told to a reader, never as a trace."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's)
        """Name the commands, those first that one needs first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  (click's)
    ) -> click.Context:
        """Read the words before the command."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise told(error) from None

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  (click's)
        """Run a command; leave with the exit codes of `kashu --help`."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise told(error) from None
        except KashuError as error:
            show_error(error)
            ctx.exit(REFUSED)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except click.Abort:  # Ctrl-C or Ctrl-D instead of an answer
            say("\n已中断，什么都没有改动。", "\nInterrupted; nothing was changed.")
            ctx.exit(INTERRUPTED)
        except KeyboardInterrupt:
            say("\n已中断。", "\nInterrupted.")
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:  # whoever read our output has enough
            sys.stderr.close()
            ctx.exit(REFUSED)
        except OSError as error:  # a file or folder that was named on the command line
            say(
                f"✗ 无法读写 {error.filename or ''}：{error.strerror}。请检查路径和权限。",
                f"✗ Can't read or write {error.filename or ''}: {error.strerror}. Check the path.",
            )
            ctx.exit(REFUSED)
        except Exception as error:  # noqa: BLE001  (a bug of ours is told by its number)
            number = log_incident(error, command=ctx.invoked_subcommand or "")
            say(
                f"✗ 程序内部错误，编号 {number}。请把上面那行日志发给我们（其中没有卡密）。",
                f"✗ An error of ours, number {number}. Send us the log line above; it has no card "
                "in it.",
            )
            ctx.exit(BROKEN)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """卡枢：会员卡密的进、存、销、账。 Kashu: membership cards in, kept, sold, and the books.

    第一次用 / begin:
      kashu serve                  网页接口、后台任务和内置数据库 / web, worker and database
      kashu supplier add alpha --name 甲一手货源
      kashu import cards.xlsx --sku mgtv-month --warehouse main --supplier alpha --cost 14.125
      kashu stock                  还有多少卡 / what is in stock
      kashu order place --sku mgtv-month --quantity 2 --price 39.60
      kashu report profit --by day,store

    设置见 docs/reference/settings.md（环境变量 KASHU_… 或 kashu.toml）。
    Settings: environment variables KASHU_… or kashu.toml.

    退出码 / exit codes:
      0    完成 / done
      1    被拒绝（什么都没有改动），或核对有误 / refused, or verify found violations
      2    命令写法有误 / the command itself is wrong
      3    导入：有些行被拒绝，其余已入库 / import: some rows were rejected, the others are in
      70   程序内部错误，附编号 / a bug of ours, told with its number
      130  被 Ctrl-C 中断 / interrupted
    """


if __name__ == "__main__":
    main()
