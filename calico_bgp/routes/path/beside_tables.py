"""What the nodes' own tables of routes say of a trace, which rests on sessions and resources alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.routes.computed.answer import Answer
from calico_bgp.routes.observed.tables import NodeTables, node_tables
from calico_bgp.routes.path.hop import Trace
from calico_bgp.routes.policy.route import Source


def beside_tables(trace: Trace, source: Source, cluster: Cluster) -> Trace:
    """The trace with the answer that the tables leave of it, and a note where they decide.

    What BIRD of the target lacks has not arrived, whatever the resources let through. What it has where nothing should
    have let it through may come by what no resource shows, so that nobody knows how.

    Args:
        trace: By sessions and resources.
        source: What the route is where it begins.
        cluster: What was read.
    """
    tables = node_tables(cluster, trace.family)
    has = _holds(tables, trace, trace.target)
    if has:
        answer, why = _ANSWERS_WHERE_IT_IS[trace.answer]
        return _with(trace, answer, f"the BIRD of {trace.target} has it{why}")
    if source is Source.STATIC and _holds(tables, trace, trace.origin) is False:
        return _with(trace, Answer.NO, f"{trace.origin}'s own BIRD does not have it, so that nobody learns it")
    if has is False and trace.answer is not Answer.NO:
        on_the_way = (trace.origin, *(hop.far for hop in trace.way))
        last = [name for name in on_the_way if _holds(tables, trace, name)][-1:]
        where = f"; it gets as far as {last[0]}" if last else ""
        note = f"nothing above stops it, but the BIRD of {trace.target} does not have it{where}"
        return _with(trace, Answer.NO, note)
    return trace


#: By what sessions and resources say.
_ANSWERS_WHERE_IT_IS = {
    Answer.YES: (Answer.YES, ""),
    Answer.PERHAPS: (Answer.YES, ""),
    Answer.NO: (Answer.PERHAPS, " all the same: by another node, or by what no resource shows"),
}


def _with(trace: Trace, answer: Answer, note: str) -> Trace:
    return replace(trace, answer=answer, notes=(*trace.notes, f"by the tables of routes {note}"))


def _holds(tables: Mapping[str, NodeTables], trace: Trace, name: str) -> bool | None:
    """Whether the BIRD of a node has the route; None where its table was not read as a whole, or is too young."""
    own = tables.get(name)
    if own is None or own.table.bird is None:
        return None
    if trace.prefix in own.paths:
        return True
    return False if own.bird_is_whole and own.is_settled else None
