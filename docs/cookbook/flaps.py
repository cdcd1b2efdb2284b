"""Which sessions flap: reads snapshots, one after the other in time, and counts how often each session changed.

python flaps.py monday/ tuesday/ wednesday/ ...
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pandas as pd

from calico_bgp import load_snapshot


def flaps(folders: Sequence[str]) -> pd.DataFrame:
    """A row for each session of a node that was not the same all the time, most changes first."""
    frames = []
    for number, folder in enumerate(folders):
        frame: pd.DataFrame = load_snapshot(folder).to_frame()
        frames.append(frame.assign(number=number))
    peers = pd.concat(frames, ignore_index=True)
    peers["up"] = peers["is_established"].astype(bool)
    table = peers.pivot_table(index=["node", "address_text"], columns="number", values="up", aggfunc="all")
    # A session that is not in a table is down: BIRD leaves out what is disabled.
    states = table.reindex(columns=range(len(folders))).eq(True)
    changes = states.ne(states.shift(axis=1)).iloc[:, 1:].sum(axis=1)
    found = pd.DataFrame({"changes": changes, "up": states.mean(axis=1).round(2)})
    return found[found["changes"] > 0].sort_values("changes", ascending=False)


def main() -> int:
    """Print them; 1 when there are any."""
    if len(sys.argv) < 3:
        print("give at least two snapshots", file=sys.stderr)
        return 2
    found = flaps(sys.argv[1:])
    print(found.to_string() if len(found) else "no session changed")
    return 1 if len(found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
