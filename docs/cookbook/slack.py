"""Tells a chat what is wrong: the verdict, each cause and the first command that fixes it.

python slack.py monday/                                      print the message
python slack.py monday/ https://hooks.slack.com/services/... post it

Nothing is said of a healthy cluster. The address of a webhook is a secret: better from a variable than from a history.
"""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import Any

from calico_bgp import Cause, Report, Verdict, audit, load_snapshot

MARKS = {
    Verdict.UNHEALTHY: ":red_circle:",
    Verdict.WARNINGS: ":large_yellow_circle:",
    Verdict.UNKNOWN: ":grey_question:",
}
#: A message is read, not scrolled.
MOST = 5


def escaped(text: str) -> str:
    """A text from a cluster in which nothing is Slack's markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'")


def section(cause: Cause) -> dict[str, Any]:
    """A block: what happened, and what fixes it."""
    lines = [f"*{escaped(cause.title)}* ({cause.confidence})"]
    for fix in cause.fixes[:1]:
        lines.append(escaped(fix.summary))
        lines += [f"`{escaped(step.commands[0])}`" for step in fix.steps if step.commands][:3]
    return {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(lines)[:3000]}}


def message(report: Report) -> dict[str, Any] | None:
    """The message, None where there is nothing to say."""
    if report.verdict is Verdict.HEALTHY:
        return None
    head = f"{MARKS[report.verdict]} {escaped(report.cluster or 'BGP')}: {report.verdict}"
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": head}}]
    blocks += [section(cause) for cause in report.causes[:MOST]]
    return {"text": head, "blocks": blocks}


def main() -> int:
    """Print or post it."""
    found = message(audit(load_snapshot(sys.argv[1])))
    if found is None:
        return 0
    body = json.dumps(found, indent=2)
    if len(sys.argv) < 3:
        print(body)
        return 0
    if not sys.argv[2].startswith(("https://", "http://127.0.0.1")):
        print("a webhook is an https address", file=sys.stderr)
        return 2
    request = urllib.request.Request(sys.argv[2], body.encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    raise SystemExit(main())
