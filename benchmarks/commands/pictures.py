"""`python -m benchmarks pictures`: pictures and pages of 5,000 nodes, in CPU time and bytes, against fixed limits.

What a person waits for is the audit; drawing it must not be felt beside that, and a file must fit into a mail.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.reasoning.causes import snapshot
from benchmarks.reasoning.whatif import reflected
from calico_bgp.anonymising.snapshot import anonymise
from calico_bgp.auditing.engine import audit
from calico_bgp.model.peer import ErrorClass
from calico_bgp.report.html.audit import audit_to_html
from calico_bgp.report.picture.mermaid import report_to_mermaid
from calico_bgp.report.picture.svg import report_to_svg


def judged(name: str, make: Callable[[], str], *, seconds: float, size: int, rounds: int) -> bool:
    """One form: the median of the CPU time and the size, against their limits."""
    taken, text = [], ""
    for _ in range(rounds):
        gc.collect()
        began = time.process_time()
        text = make()
        taken.append(time.process_time() - began)
    spent, bytes_ = statistics.median(taken), len(text.encode())
    met = spent <= seconds and bytes_ <= size
    measured = f"{spent:6.2f} s (at most {seconds:g})   {bytes_:>9,} bytes (at most {size:,})"
    print(f"  {'ok  ' if met else 'MISS'} {name:10}{measured}")
    return met


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pictures", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nodes", type=int, default=5_000)
    options = parser.parse_args(arguments)
    many = reflected(options.nodes)
    dead = {node.name for node in many.nodes[100:300]}
    broken = snapshot(many, lambda _, b: (ErrorClass.SOCKET, "Connection refused") if b in dead else None, dead)
    report = audit(broken)
    print(f"\n{options.nodes} nodes in three zones, BIRD dead on {len(dead)}")
    met = [
        judged("SVG", lambda: report_to_svg(report, broken), seconds=2, size=3_000_000, rounds=options.rounds),
        judged("HTML", lambda: audit_to_html(report, broken), seconds=2, size=3_000_000, rounds=options.rounds),
        judged("Mermaid", lambda: report_to_mermaid(report, broken), seconds=2, size=50_000, rounds=options.rounds),
        judged(
            "anonymise", lambda: anonymise(broken).model_dump_json(), seconds=6, size=30_000_000, rounds=options.rounds
        ),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
