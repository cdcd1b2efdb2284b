"""A gate for pull requests: does this change of Calico's resources lose routes, or bring a new error of the lint?

python ci_gate.py before/ after/     exit code 1 when it does

Both folders hold the whole of the resources, with the Nodes: `kubectl get nodes -o json` beside the files.
"""

from __future__ import annotations

import sys
from pathlib import Path

from calico_bgp import ApplyResources, Resources, Safety, Severity, lint, parse_resources, what_if


def read(folder: Path) -> Resources:
    """All YAML and JSON of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml", ".json"})
    return parse_resources((str(path), path.read_text()) for path in files)


def errors(resources: Resources) -> dict[str, str]:
    """Findings of the lint that are errors: id, sentence."""
    return {found.id: found.message for found in lint(resources).findings if found.severity is Severity.ERROR}


def main() -> int:
    """Compare, and say what is worse."""
    before, after = (read(Path(folder)) for folder in sys.argv[1:3])
    new = {key: said for key, said in errors(after).items() if key not in errors(before)}
    for said in new.values():
        print(f"new error: {said}")
    answer = what_if(before, [ApplyResources(after, sys.argv[2])])
    print(f"{answer.safety}: {', '.join(answer.changes)}")
    for family in answer.families:
        print(f"  {family.family.label}: {len(family.lost)} groups of nodes lose routes")
    return 1 if new or answer.safety is not Safety.SAFE else 0


if __name__ == "__main__":
    raise SystemExit(main())
