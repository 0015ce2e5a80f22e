"""Somebody in front of the console: a browser of their own, and what must hold on every page."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, expect

from tests.console.served import HERE

AXE: Final = HERE / "console" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS: Final = 10_000  # the machine may be busy
# A refusal is shown in words; the browser notes it in its console too.
_REFUSED: Final = "Failed to load resource: the server responded with a status of 4"

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Visitor:
    """A person with a browser: `page` is Playwright's, at `/console` + path."""

    page: Page
    context: BrowserContext
    origin: str
    wrong: list[str] = field(default_factory=list)
    expected: str = ""  # an error that the test provokes

    async def open(self, path: str = "/") -> Page:
        """Go to a page of the console, by its address within it."""
        await self.page.goto(f"{self.origin}/console{path}")
        return self.page

    async def look(self, name: str) -> None:
        """Keep a picture where KASHU_SCREENS says, for a person to look at."""
        folder = os.environ.get("KASHU_SCREENS")
        if folder:
            file = Path(folder) / f"{name}.png"
            await self.page.screenshot(path=file, animations="disabled")

    async def accessible(self) -> None:
        """Assert that axe finds nothing serious on the page as it is now."""
        page = self.page
        if not await page.evaluate("() => 'axe' in window"):
            await page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = await page.evaluate(
            "() => axe.run(document, {resultTypes: ['violations']})"
        )
        serious = [
            f"{each['id']}: {each['help']}\n  "
            + "\n  ".join(
                node["html"][:200] + " " + node["failureSummary"] for node in each["nodes"][:4]
            )
            for each in found["violations"]
            if each["impact"] in {"serious", "critical"}
        ]
        assert not serious, "\n".join(serious)

    def watch(self) -> None:
        """Note what no page may do: errors in its console, or a call to anybody else."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"page error: {error}"))
        self.page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        refused = message.text.startswith(_REFUSED) or (
            self.expected and self.expected in message.text
        )
        if message.type == "error" and not refused:
            self.wrong.append(f"console: {message.text} {message.location.get('url', '')}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.wrong.append(f"asked elsewhere: {request.url}")
