"""A tiny exporter: reads the nodes of hosts.txt whenever somebody scrapes, and says in Prometheus' words how they are.

python exporter.py hosts.txt                  serve http://127.0.0.1:9479/metrics
python exporter.py --snapshot monday/ --once  print what would be served

`calico-bgp monitor --metrics` serves far more; this shows how little a form of one's own takes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from calico_bgp import Report, Snapshot, SSHGatherer, SSHOptions, Verdict, audit, gather, load_snapshot, parse_hosts


def metrics(report: Report) -> Iterator[str]:
    """Lines of Prometheus' text format."""
    for verdict in Verdict:
        yield f'bgp_verdict{{verdict="{verdict}"}} {int(report.verdict is verdict)}'
    yield f"bgp_sessions_expected {report.checked.sessions_expected}"
    yield f"bgp_sessions_established {report.checked.sessions_established}"
    yield f"bgp_nodes_unread {len(report.unread)}"
    for kind in sorted({cause.kind for cause in report.causes}):
        yield f'bgp_causes{{kind="{kind}"}} {sum(cause.kind == kind for cause in report.causes)}'


def text(read: Callable[[], Snapshot]) -> str:
    """What a scrape gets."""
    return "".join(f"{line}\n" for line in metrics(audit(read())))


def serve(read: Callable[[], Snapshot], port: int) -> None:
    """Answer scrapes, one at a time."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = text(read).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hosts", nargs="?", type=Path)
    parser.add_argument("--snapshot", type=Path)
    parser.add_argument("--port", type=int, default=9479)
    parser.add_argument("--once", action="store_true")
    given = parser.parse_args()
    if (given.hosts is None) == (given.snapshot is None):
        parser.error("give hosts.txt or --snapshot DIR")

    def read() -> Snapshot:
        if given.snapshot is not None:
            return load_snapshot(given.snapshot)
        return gather(parse_hosts(given.hosts.read_text()), SSHGatherer(SSHOptions()))

    if given.once:
        print(text(read), end="")
    else:
        serve(read, given.port)


if __name__ == "__main__":
    main()
