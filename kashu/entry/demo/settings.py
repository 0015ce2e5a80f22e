"""The demo's settings: the program's, with data of its own."""

import os
from pathlib import Path
from typing import Final

import msgspec

from kashu.entry.settings import Settings, load_settings

PORT: Final = "KASHU_RUN_DEMO_PORT"  # how the demo tells its web process which port it was given


def demo_settings(port: int | None = None) -> Settings:
    """Read the settings; keep the demo's data in a folder of its own, apart from real data."""
    settings = load_settings()
    if port is not None:
        os.environ[PORT] = str(port)
    port = int(os.environ.get(PORT, settings.port))
    return msgspec.structs.replace(
        settings,
        data_dir=Path(settings.data_dir) / "demo",
        port=port,
        notices_at=f"http://{settings.host}:{port}",  # where suppliers tell how orders went
        private_network=True,  # the platforms are on this machine
        access_log=False,
        log_level="error",  # a platform that makes us wait is nothing to be told of here
    )
