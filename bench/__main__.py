"""Run benches: `python -m bench [name …] [--scale tiny|small|full]`, one JSON line each."""

import argparse
import importlib
import json
import sys
from typing import Final

import uvloop  # what the web server runs on, too

# The name on the command line, and the module that is run. In the order of performance.md.
BENCHES: Final = {
    "fulfilment": "fulfilment",
    "stock_growth": "stock_growth",
    "history_growth": "history_growth",
    "open_api": "open_api",
    "latency": "latency",
    "hot_sku": "hot_sku",
    "import": "import_cards",  # `import` itself can't be a module's name
    "pivot": "pivot",
    "search": "search",
    "memory": "memory",
    "two_processes": "two_processes",
    "channels": "channels",
    "channels_ramp": "channels_ramp",
    "channels_faults": "channels_faults",
    "suppliers": "suppliers",
    "statements": "statements",
    "compare": "compare",
}


def main() -> int:
    """Run the benches named, or all; return 1 if one misses its bar."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHES))
    parser.add_argument("--scale", choices=("tiny", "small", "full"), default="small")
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(BENCHES))
    if unknown:
        parser.error(f"no bench {', '.join(unknown)}: there are {', '.join(BENCHES)}")
    passed = True
    for name in asked.names or BENCHES:
        module = importlib.import_module(f"bench.{BENCHES[name]}")
        line = uvloop.run(module.run(asked.scale))
        print(json.dumps(line, ensure_ascii=False), flush=True)
        passed = passed and bool(line["pass"])
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
