"""Writes docs/rules/<id>.md and docs/rules/index.md from the rules' own metadata: `python docs/make_rules.py`.

A test compares the pages with the rules, so that neither can go stale.
"""

from __future__ import annotations

from pathlib import Path

from calico_bgp.audit.rule import Rule
from calico_bgp.audit.rules import RULES

FOLDER = Path(__file__).parent / "rules"

_INDEX = """# Rules

What `calico-bgp audit` looks for. Each finding names its rule; `calico-bgp audit --explain RULE` prints its page.

A finding about a node explains the sessions of that node, which are then not reported one by one: a dead node is one
finding, not one per neighbour. `node-unreadable` and `answer-incomplete` say that we could not look, not that something
is broken: alone they make the verdict `unknown` and the exit code 3.

| rule | severity | what |
|---|---|---|
"""


def page(rule: Rule) -> str:
    """One rule's page."""
    return (
        f"# {rule.id}\n\n**{rule.title}.** Severity: {rule.severity}.\n\n"
        f"## What it means\n\n{rule.meaning}\n\n"
        f"## What it rests on\n\n{rule.evidence}\n\n"
        f"## What to do\n\n{rule.action}\n"
    )


def index() -> str:
    """The list of all rules."""
    rows = (f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.title} |\n" for rule in RULES)
    return _INDEX + "".join(rows)


def pages() -> dict[str, str]:
    """File name → text, for every page."""
    return {"index.md": index()} | {f"{rule.id}.md": page(rule) for rule in RULES}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
