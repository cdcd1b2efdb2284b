"""`python -m benchmarks [NAME]`: one part, such as `parsing` or `routes`; all by default; 1 if a target is missed."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

NAMES = (
    "commands",
    "parsing",
    "pasted",
    "resources",
    "expect",
    "routes",
    "observed",
    "whatif",
    "causes",
    "pictures",
    "history",
    "ssh",
    "kubernetes",
)


def main() -> int:
    names, arguments = sys.argv[1:2], sys.argv[2:]
    if names and names[0] not in NAMES:
        print(f"python -m benchmarks [{'|'.join(NAMES)}]", file=sys.stderr)
        return 2
    chosen = names or [name for name in NAMES if find_spec(f"benchmarks.{name}")]
    return max(import_module(f"benchmarks.{name}").main(arguments) for name in chosen)


if __name__ == "__main__":
    raise SystemExit(main())
