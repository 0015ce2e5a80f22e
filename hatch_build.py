"""What must be there before a wheel or a source archive is made: the console's files."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleIsBuilt(BuildHookInterface[Any]):
    """Refuse to pack a program without its console."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Look for it. An editable installation builds it when it is first run."""
        page = Path(self.root) / "kashu" / "entry" / "console_dist" / "index.html"
        if version != "editable" and not page.is_file():
            message = (
                "控制台还没有构建，请先运行 ./run console。"
                " The console isn't built: run ./run console first."
            )
            raise FileNotFoundError(message)
