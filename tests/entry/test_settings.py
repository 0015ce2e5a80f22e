"""Settings: one typed place; a wrong or unknown one is refused by its name."""

import re
from pathlib import Path

import msgspec
import pytest

from kashu.entry.settings import (
    Settings,
    SettingsUnreadable,
    SettingUnknown,
    SettingWrong,
    describe_settings,
    load_settings,
)


def env(folder: Path, **other: str) -> dict[str, str]:
    return {"KASHU_DATA_DIR": str(folder), "PATH": "/bin", "HOME": "/nowhere"} | other


def test_without_any_the_defaults_stand(tmp_path: Path) -> None:
    settings = load_settings(env(tmp_path))
    assert settings == Settings(data_dir=tmp_path)
    assert settings.database_url is None


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "kashu.toml").write_text('port = 9000\npool_size = 4\nlanguage = "en"\n')
    settings = load_settings(env(tmp_path, KASHU_PORT="9001", KASHU_ACCESS_LOG="false"))
    assert (settings.port, settings.pool_size, settings.language) == (9001, 4, "en")
    assert settings.access_log is False


def test_the_file_may_be_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('host = "0.0.0.0"\ndata_dir = "/srv/kashu"\n')
    settings = load_settings({"KASHU_CONFIG": str(file)})
    assert settings.host == "0.0.0.0"  # noqa: S104
    assert settings.data_dir == Path("/srv/kashu")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80.5"),
        ("POOL_SIZE", "1"),
        ("LOG_LEVEL", "loud"),
        ("LANGUAGE", ""),
        ("ACCESS_LOG", "perhaps"),
        ("PUBLIC_URL", "shop.example"),
        ("PUBLIC_URL", "https://shop.example/#x"),
        ("HOST", ""),
    ],
)
def test_a_wrong_one_is_refused_by_its_name_in_both_languages(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(SettingWrong) as caught:
        load_settings(env(tmp_path, **{f"KASHU_{name}": value}))
    for language in ("zh", "en"):
        text = caught.value.text(language)
        assert name.lower() in text
        assert f"KASHU_{name}" in text
    assert "应为" in caught.value.text("zh")


def test_a_wrong_one_in_the_file_is_refused_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "kashu.toml").write_text('port = "9000"\n')
    with pytest.raises(SettingWrong, match=re.escape(str(tmp_path / "kashu.toml"))):
        load_settings(env(tmp_path))


def test_an_unknown_one_is_refused_with_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(SettingUnknown, match=r"KASHU_PROT.*Did you mean port"):
        load_settings(env(tmp_path, KASHU_PROT="1"))
    (tmp_path / "kashu.toml").write_text("[web]\nport = 1\n")
    with pytest.raises(SettingUnknown, match="web"):
        load_settings(env(tmp_path))


def test_the_tests_own_variables_are_not_settings(tmp_path: Path) -> None:
    load_settings(env(tmp_path, KASHU_TEST_DATABASE_URL="x", KASHU_CONFIG=""))


def test_a_file_that_isnt_toml_is_refused_without_quoting_it(tmp_path: Path) -> None:
    (tmp_path / "kashu.toml").write_text('master_key = "SECRET-KEY\nport = 1\n')
    with pytest.raises(SettingsUnreadable, match="line 1") as caught:
        load_settings(env(tmp_path))
    assert "SECRET" not in caught.value.text("zh") + caught.value.text("en")
    with pytest.raises(SettingsUnreadable, match="FileNotFoundError"):
        load_settings({"KASHU_CONFIG": str(tmp_path / "nothing.toml")})


def test_secrets_in_settings_are_not_shown(tmp_path: Path) -> None:
    settings = load_settings(
        env(
            tmp_path,
            KASHU_DATABASE_URL="postgresql://me:PASS@db/kashu",
            KASHU_MASTER_KEY="a2FzaHUta2FzaHUta2FzaHUta2FzaHUta2FzaHUta2E=",
        )
    )
    assert "PASS" not in repr(settings)
    assert "a2Fz" not in repr(settings)
    assert len(settings.load_master_keys().current.key) == 32


def test_the_key_file_is_made_once_in_the_data_folder(tmp_path: Path) -> None:
    settings = load_settings(env(tmp_path))
    first = settings.load_master_keys()
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    assert settings.load_master_keys().current == first.current


def test_a_link_carries_its_token_where_no_server_sees_it(tmp_path: Path) -> None:
    link = load_settings(env(tmp_path, KASHU_PUBLIC_URL="https://shop.example/")).link("1.abc")
    assert link.clear == "https://shop.example/join#1.abc"
    assert "abc" not in repr(link)


def test_every_setting_is_described() -> None:
    described = describe_settings()
    for field in msgspec.structs.fields(Settings):
        line = next(line for line in described.splitlines() if f"| `{field.name}` |" in line)
        assert f"`KASHU_{field.name.upper()}`" in line
        assert re.search(r"[\u4e00-\u9fff]", line), field.name
        assert re.search(r"[a-z]{3} ", line.split("|")[4]), field.name
