"""In which order may nodes be drained: those first whose loss nobody feels, and which never.

python upgrade_order.py resources.yaml ...

One node at a time: it comes back before the next one goes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from calico_bgp import RemoveNode, Safety, parse_resources, what_if


def main() -> int:
    """Print a line for each node; 1 when there is one that must stay."""
    resources = parse_resources((name, Path(name).read_text()) for name in sys.argv[1:])
    order = []
    for node in resources.nodes:
        answer = what_if(resources, [RemoveNode(node.name)])
        next_failures = sum(len(family.next_failures) for family in answer.families)
        order.append((answer.safety is not Safety.SAFE, next_failures, node.name, answer.safety))
    for _, next_failures, name, safety in sorted(order):
        then = f"; while it is gone, {next_failures} more could not be missed" if next_failures else ""
        print(f"{name}: {safety}{then}")
    return int(any(stays for stays, *_ in order))


if __name__ == "__main__":
    raise SystemExit(main())
