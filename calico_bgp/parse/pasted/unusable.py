"""Recognises texts about Calico that hold no status, to say what they are instead of that nothing is in them."""

from __future__ import annotations

from calico_bgp.parse.pasted.lines.patterns import LinePattern

#: (what a line looks like, what such a text is, what it is good for or what to paste instead).
_KINDS = (
    (
        LinePattern(r"\S+ \S+ \[(?:INFO|WARNING|ERROR|DEBUG|FATAL)\]\[\d+\] \S+"),
        "calico-node's logs",
        "calico-bgp explain",
    ),
    (LinePattern(r"(?:\S+ )?bird6?: .+"), "BIRD's log", "calico-bgp explain"),
    (
        LinePattern(r".*(?:Readiness|Liveness) probe failed.*|calico/node is not ready: .+"),
        "events of probes",
        "calico-bgp explain",
    ),
    (LinePattern(r"\s*(?:default|[\da-f.:]+(?:/\d+)?) (?:via|dev|proto) .*"), "a kernel's routes", ""),
    (
        LinePattern(r"[\da-f.:]+/\d+\s+(?:via|dev|blackhole|unreachable) .*\[\w+ .*\].*"),
        "what `birdcl show route` prints",
        "",
    ),
    (LinePattern(r"(?:NAMESPACE\s+)?NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE.*"), "kubectl's table of pods", ""),
    (LinePattern(r"NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION.*"), "kubectl's table of nodes", "calico-bgp hosts"),
    (LinePattern(r"(?:- )?apiVersion: (?:crd\.)?projectcalico\.org/\S+"), "Calico's resources", "--resources FILE"),
    (LinePattern(r"\|\s*GROUPING\s*\|.*"), "what `calicoctl ipam show` prints", ""),
    (
        LinePattern(r"\w{1,40}\s{0,40}: \{(?:Calico process|IPv[46] BGP|BIRD ).*"),
        "PowerShell's list of objects, which leaves lines out",
        "Select-Object -ExpandProperty Output, which prints them all",
    ),
    (LinePattern(r"Name:\s+calico-node-\w+"), "what `kubectl describe pod` prints", ""),
)
#: So many lines tell what a text is.
_LOOKED_AT = 2_000


def what_it_is(text: str) -> str | None:
    """A few words on a text without a status; None where nothing in it is known.

    Returns:
        `these are calico-node's logs; for them there is: calico-bgp explain`, for example.
    """
    counts = dict.fromkeys(range(len(_KINDS)), 0)
    for line in text.split("\n", _LOOKED_AT)[:_LOOKED_AT]:
        for place, (pattern, _, _) in enumerate(_KINDS):
            if pattern.match(line.strip()) is not None:
                counts[place] += 1
                break
    place = max(counts, key=counts.__getitem__)
    if not counts[place]:
        return None
    _, what, use = _KINDS[place]
    return f"this looks like {what}" + (f"; for that there is: {use}" if use else "")
