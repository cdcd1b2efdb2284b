"""How the BGP of many clusters is, a line each: reads contexts of a kubeconfig, each through its API server.

python fleet.py prod-1 prod-2
python fleet.py --kubeconfig fleet.yaml prod-1 prod-2

Exit code 1 where one is unhealthy, 3 where one could not be read, so that nobody knows.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from calico_bgp import CalicoBGPError, Verdict, audit, gather_kubernetes

CODES = {Verdict.UNHEALTHY: 1, Verdict.UNKNOWN: 3}


def line(context: str, kubeconfig: Path | None) -> tuple[str, int]:
    """What to say of a cluster, and its exit code."""
    try:
        snapshot = gather_kubernetes(context=context, kubeconfig=kubeconfig)
    except CalicoBGPError as error:
        what, _, _ = str(error).partition("\n")
        return f"{context}: not read: {what}", 3
    report = audit(snapshot)
    worst = f" ({report.causes[0].title})" if report.causes else ""
    return f"{context}: {report.verdict}: {report.headline}{worst}", CODES.get(report.verdict, 0)


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contexts", nargs="+")
    parser.add_argument("--kubeconfig", type=Path, help="kubectl's own by default")
    given = parser.parse_args()
    codes = set()
    for context in given.contexts:
        text, code = line(context, given.kubeconfig)
        print(text, flush=True)
        codes.add(code)
    return 1 if 1 in codes else max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
