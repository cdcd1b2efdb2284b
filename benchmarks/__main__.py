"""`python -m benchmarks [NAME]`: one part, such as `parsing` or `routes`; all by default; 1 if a target is missed."""

from __future__ import annotations

import sys
from importlib import import_module

#: Name → its module in this folder.
MODULES = {
    "commands": "commands.waiting",
    "parsing": "parsing.tables",
    "pasted": "parsing.pasted",
    "resources": "resources.nodes",
    "expect": "resources.expect",
    "routes": "reasoning.routes",
    "observed": "reasoning.observed",
    "whatif": "reasoning.whatif",
    "causes": "reasoning.causes",
    "pictures": "commands.pictures",
    "history": "commands.history",
    "ssh": "ssh.fleets",
    "kubernetes": "kubernetes.pods",
}


def main() -> int:
    names, arguments = sys.argv[1:2], sys.argv[2:]
    if names and names[0] not in MODULES:
        print(f"python -m benchmarks [{'|'.join(MODULES)}]", file=sys.stderr)
        return 2
    return max(import_module(f"benchmarks.{MODULES[name]}").main(arguments) for name in names or MODULES)


if __name__ == "__main__":
    raise SystemExit(main())
