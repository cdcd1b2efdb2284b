"""One route on its way as JSON, `calico-bgp/route/1` of docs/json.md. Nothing meant for people may enter here."""

from __future__ import annotations

import json

from calico_bgp.report.text.sanitize import json_text
from calico_bgp.routes.path.hop import Hop, Trace, Verdict

ROUTE_SCHEMA = "calico-bgp/route/1"


def trace_to_json(found: Trace) -> str:
    """The document, ending in a line feed."""
    document = {
        "schema": ROUTE_SCHEMA,
        "prefix": str(found.prefix),
        "family": found.family.value,
        "from": found.origin,
        "to": found.target,
        "source": found.source,
        "arrives": found.answer.value,
        "way": [_hop(hop) for hop in found.way],
        "stops": [_hop(hop) for hop in found.stops],
        "notes": list(found.notes),
    }
    return json_text(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _hop(hop: Hop) -> dict[str, object]:
    route = hop.route
    return {
        "from": hop.near,
        "to": hop.far,
        "session": "certain" if hop.stands else "perhaps",
        "offered": hop.is_offered,
        "offered_because": hop.offered,
        "export": _verdict(hop.export),
        "import": _verdict(hop.incoming),
        "route": None
        if route is None
        else {
            "as_path": list(route.as_path),
            "local_pref": route.local_pref,
            "communities": [":".join(map(str, community)) for community in route.communities],
        },
    }


def _verdict(verdict: Verdict | None) -> dict[str, object] | None:
    if verdict is None:
        return None
    words = {True: "yes", None: "perhaps", False: "no"}
    return {"accepted": words[verdict.accepted], "because": verdict.because}
