"""A group of pairs as it stands in the JSON of what-if answers and of plans."""

from __future__ import annotations

from calico_bgp.report.json.document import Names, Row


class GroupRow(Row):
    """Who learns no more whose routes. Pairs are counted as (learner, origin): two nodes are two pairs."""

    learners: Names
    origins: Names
    mutual: bool
    everyone: bool
    pairs: int
