"""Every setting of this program: one typed place, read from the environment and a TOML file."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from kashu.core.errors import Invalid
from kashu.core.postgres import default_folder
from kashu.core.secrets import MasterKeys, Secret, parse_master_keys, read_master_keys

PREFIX: Final = "KASHU_"
FILE_NAME: Final = "kashu.toml"

# Read elsewhere: where the TOML file is, and what the tests and the benches want to know.
_NOT_SETTINGS: Final = ("KASHU_CONFIG",)
_NOT_SETTINGS_PREFIXES: Final = ("KASHU_TEST_", "KASHU_BENCH_", "KASHU_RUN_")


class SettingUnknown(Invalid):
    """Nothing is called that."""

    code = "setting_unknown"
    zh = "没有设置项 {name}（{where}）。{hint_zh}请改正或删去后重新启动。"
    en = "There is no setting {name} ({where}). {hint_en}Correct or remove it, then start again."


class SettingWrong(Invalid):
    """The value isn't one."""

    code = "setting_wrong"
    zh = "设置项 {name}（{where}）的值不对：应为{wanted_zh}。请改正后重新启动。"
    en = (
        "The setting {name} ({where}) is wrong: it should be {wanted_en}. Correct it, then start "
        "again."
    )


class SettingsUnreadable(Invalid):
    """The file isn't TOML, or isn't there."""

    code = "settings_unreadable"
    zh = "读不了设置文件 {file}：{reason}。请检查路径和 TOML 格式后重新启动。"
    en = "Can't read the settings file {file}: {reason}. Check its path and TOML, start again."


def _about(zh: str, en: str) -> Meta:
    return Meta(description=en, extra={"zh": zh})


PublicUrl = Annotated[str, Meta(pattern=r"^https?://[^\s?#]+$")]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What can be set. The environment wins over the file."""

    database_url: Annotated[
        str | None,
        _about(
            "PostgreSQL 15 或更高版本的连接地址（libpq 格式）；不填则使用内置数据库。",
            "Where PostgreSQL ≥ 15 is, as libpq writes it. Without it the embedded one is used.",
        ),
    ] = None
    data_dir: Annotated[
        Path,
        _about(
            "存放内置数据库、主密钥和设置文件的文件夹。",
            "The folder of the embedded database, the master key and the settings file.",
        ),
    ] = msgspec.field(default_factory=default_folder)
    master_key: Annotated[
        str | None,
        _about(
            "主密钥：32 字节的 Base64；有多个时以逗号分隔，第一个生效。优先于 master_key_file。",
            "The master key: 32 bytes in Base64; several are separated by commas, the first is in "
            "force. Wins over master_key_file.",
        ),
    ] = None
    master_key_file: Annotated[
        Path | None,
        _about(
            "主密钥文件；不填则为数据文件夹中的 master.key，首次启动时生成。请另行备份。",
            "The master key's file. Without it, master.key in the data folder, made at the first "
            "start. Back it up elsewhere.",
        ),
    ] = None
    host: Annotated[
        str,
        Meta(min_length=1),
        _about("网页服务监听的地址。", "The address the web server listens on."),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        Meta(ge=1, le=65_535),
        _about("网页服务监听的端口。", "The port the web server listens on."),
    ] = 8000
    web_processes: Annotated[
        int,
        Meta(ge=1, le=64),
        _about("网页服务的进程数。", "How many web processes serve."),
    ] = 1
    worker_processes: Annotated[
        int,
        Meta(ge=1, le=8),
        _about(
            "后台工作进程数（kashu serve）：两个时一个专管平台，三个时再分出一个专管供应商。",
            "How many workers kashu serve starts: of two, one speaks with platforms; of three, "
            "another with suppliers.",
        ),
    ] = 1
    pool_size: Annotated[
        int,
        Meta(ge=2, le=200),
        _about(
            "每个进程保持的数据库连接数；忙时最多两倍。",
            "How many database connections each process keeps; twice as many when busy.",
        ),
    ] = 8
    private_network: Annotated[
        bool,
        _about(
            "允许访问本机与内网地址（http），供平台模拟器试用；正式使用请保持关闭。",
            "Allow calls to this machine and the private network over http, for simulators. "
            "Leave it off otherwise.",
        ),
    ] = False
    public_url: Annotated[
        PublicUrl | None,
        _about(
            "用户访问本系统的网址，用于一次性链接；以 https 开头时 Cookie 只走加密连接。",
            "The address at which people reach this system, for one-time links. When it begins "
            "with https, cookies only travel encrypted.",
        ),
    ] = None
    notices_at: Annotated[
        PublicUrl | None,
        _about(
            "供应商通知本系统的公网地址；不填则用 public_url。没有也能用：系统会主动查询。",
            "The public address at which suppliers notify this system; without it, public_url. "
            "Without either we ask suppliers ourselves.",
        ),
    ] = None
    watch_dir: Annotated[
        Path | None,
        _about(
            "放供应商文件的文件夹，其下为“商户代码/供应商代码”；价格表和卡密文件会自动收下。不填则关闭。",
            "The folder for suppliers' files, by shop and supplier code within; price lists and "
            "cards are taken in by themselves. Off without it.",
        ),
    ] = None
    tenant: Annotated[
        str,
        Meta(pattern="^[a-z][a-z0-9-]{1,31}$"),
        _about(
            "商户代码：首次启动时创建的商户，也是命令行不带 --tenant 时操作的商户。",
            "A shop's code: the one the first start makes, and the one the command line works on "
            "without --tenant.",
        ),
    ] = "main"
    language: Annotated[
        Literal["zh", "en"],
        _about("命令行和启动信息的语言。", "The language of the command line."),
    ] = "zh"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        _about("记录多少日志。", "How much is logged."),
    ] = "info"
    access_log: Annotated[
        bool,
        _about(
            "每个请求记一行日志（不含查询参数）。",
            "Log one line for each request (without its query).",
        ),
    ] = True

    def __repr__(self) -> str:
        return "Settings(•••)"

    def load_master_keys(self) -> MasterKeys:
        """Read the master keys, making the file at the first start.

        Raises: MasterKeyUnusable.
        """
        if self.master_key is not None:
            return parse_master_keys(self.master_key, f"{PREFIX}MASTER_KEY")
        return read_master_keys(self.master_key_file or self.data_dir / "master.key")

    def link(self, token: str) -> Secret:
        """Write an invitation's link. The token is in the fragment, which no server ever sees."""
        public_url = self.public_url or f"http://{self.host}:{self.port}"
        return Secret(f"{public_url.rstrip('/')}/join#{token}")


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings: the environment (KASHU_…) over the TOML file over the defaults.

    The file is KASHU_CONFIG, or kashu.toml in the data folder where there is one.
    Raises: SettingUnknown, SettingWrong, SettingsUnreadable.
    """
    environment = os.environ if environment is None else environment
    from_environment = {
        name.removeprefix(PREFIX).lower(): (value, name)
        for name, value in environment.items()
        if name.startswith(PREFIX)
        and name not in _NOT_SETTINGS
        and not name.startswith(_NOT_SETTINGS_PREFIXES)
    }
    for setting, (_, where) in from_environment.items():
        _check_known(setting, where)
    file = _file(environment)
    values: dict[str, Any] = {}
    if file is not None:
        for setting, value in _read(file).items():
            _check_known(setting, str(file))
            values[setting] = _value(setting, value, str(file), strict=True)
    for setting, (written, where) in from_environment.items():
        values[setting] = _value(setting, written, where, strict=False)
    return Settings(**values)


def describe_settings() -> str:
    """Write docs/reference/settings.md: every setting, from the fields above."""
    lines = [
        "# Settings 设置",
        "",
        "Each is an environment variable, or a line in `kashu.toml` (in the data folder, or where",
        "`KASHU_CONFIG` says). The environment wins. A wrong or unknown setting stops the start.",
        "",
        "每项可写成环境变量，或写进 `kashu.toml`（在数据文件夹中，或由 `KASHU_CONFIG` 指定）；",
        "环境变量优先。写错或不认识的设置会在启动时被指名拒绝。",
        "",
        "| environment 环境变量 | kashu.toml | default 默认值 | meaning 含义 |",
        "| --- | --- | --- | --- |",
    ]
    for field in msgspec.structs.fields(Settings):
        meta = _meta(field.name)
        default = _shown_default(field)
        zh = (meta.extra or {})["zh"]
        lines.append(
            f"| `{PREFIX}{field.name.upper()}` | `{field.name}` | {default}"
            f" | {meta.description} {zh} |"
        )
    return "\n".join(lines) + "\n"


def _shown_default(field: msgspec.structs.FieldInfo) -> str:
    if field.name == "data_dir":
        return "`~/.local/share/kashu`; as root `/var/lib/kashu`"
    if field.default is None:
        return "—"
    default = str(field.default).lower() if isinstance(field.default, bool) else field.default
    return f"`{default}`"


def _file(environment: Mapping[str, str]) -> Path | None:
    chosen = environment.get("KASHU_CONFIG")
    if chosen:
        return Path(chosen)
    folder = environment.get("KASHU_DATA_DIR")
    found = (Path(folder) if folder else default_folder()).expanduser() / FILE_NAME
    return found if found.is_file() else None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsUnreadable(file=str(file), reason=type(error).__name__) from error
    except tomllib.TOMLDecodeError as error:
        # Its message may quote a line with a secret in it; the place is enough.
        place = str(error).rpartition("(at ")[2].rstrip(")")
        raise SettingsUnreadable(file=str(file), reason=f"TOML, {place}") from None


def _check_known(setting: str, where: str) -> None:
    known = Settings.__struct_fields__
    if setting in known:
        return
    close = difflib.get_close_matches(setting, known, n=1)
    raise SettingUnknown(
        name=setting[:60],
        where=where,
        hint_zh=f"您是否想写 {close[0]}？" if close else "",
        hint_en=f"Did you mean {close[0]}? " if close else "",
    )


def _value(setting: str, written: object, where: str, *, strict: bool) -> object:
    """Read one value. The error names the setting, and never quotes the value."""
    hint = get_type_hints(Settings, include_extras=True)[setting]
    is_path = Path in (get_args(hint)[0], *get_args(get_args(hint)[0]))
    try:
        value = msgspec.convert(
            written,
            Annotated[str, _meta(setting)] if is_path else hint,
            strict=strict,
        )
    except msgspec.ValidationError:
        wanted_zh, wanted_en = _wanted(hint)
        raise SettingWrong(
            name=setting, where=where, wanted_zh=wanted_zh, wanted_en=wanted_en
        ) from None
    return Path(value).expanduser() if is_path else value


def _wanted(hint: object) -> tuple[str, str]:
    """Say in words what a setting of this type may be."""
    kind, *metas = get_args(hint)
    if get_origin(kind) is Literal:
        choices = " / ".join(get_args(kind))
        return f" {choices} ", choices
    if kind is bool:
        return " true 或 false", "true or false"
    if kind is int:
        limits = next(meta for meta in metas if meta.ge is not None)
        return (
            f" {limits.ge} 到 {limits.le} 的整数",
            f"a whole number from {limits.ge} to {limits.le}",
        )
    if PublicUrl in get_args(kind):
        return (
            "以 http:// 或 https:// 开头的网址",
            "an address that begins with http:// or https://",
        )
    return "非空文字", "a text"


def _meta(setting: str) -> Meta:
    hint = get_type_hints(Settings, include_extras=True)[setting]
    return next(meta for meta in hint.__metadata__ if isinstance(meta, Meta) and meta.description)
