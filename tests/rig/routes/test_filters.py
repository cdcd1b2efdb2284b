"""What filters do with routes equals what BIRD does that has them loaded as confd writes them, route for route.

Each trio is a neighbour that sends routes, a node with filters, and another neighbour that receives; the BIRDs stay and
get the next set of filters by `configure`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.model.routes.bgp_filter import BGPFilter, Direction
from calico_bgp.prefixes import Prefix
from calico_bgp.routes.network.holding.circumstances import all_rules
from calico_bgp.routes.policy.bgp_filter import decide
from calico_bgp.routes.policy.export import ExportPolicy, decide_export
from calico_bgp.routes.policy.route import DEFAULT_PREFERENCE, LARGEST_PREFERENCE, Route, Source
from tests.rig.machines.crowd import HEAD, Crowd, Speaker, WrittenSpeaker, configure
from tests.rig.routes.bird_filters import PRIORITIES, export_rules, filter_functions, session_filters
from tests.rig.routes.filter_sets import OWN_BLOCKS, OWN_OTHERS, POOL, UNEXPORTED, Sent, filters, in_family, sent_routes

pytestmark = pytest.mark.rig

#: The last two trios speak IPv6.
TRIOS, ROUNDS = 10, 5
_FIRST_OF_IPV6 = 9
OWN_AS, OTHER_AS = 64512, 64513

#: Prefix → (AS path, local preference, communities) of what stands in a table.
Table = dict[Prefix, tuple[tuple[int, ...], int, frozenset[tuple[int, ...]]]]


@dataclass(frozen=True)
class Case:
    """A set of filters at a node with two sessions.

    Attributes:
        number: Of its trio; the addresses follow from it.
        turn: Which set of the trio.
    """

    number: int
    turn: int

    @property
    def rng(self) -> random.Random:
        return random.Random(f"filters {self.number} {self.turn}")

    @property
    def family(self) -> Family:
        return Family.IPV4 if self.number < _FIRST_OF_IPV6 else Family.IPV6

    def of_family(self, *networks: Prefix) -> tuple[Prefix, ...]:
        return tuple(in_family(network, self.family) for network in networks)

    @property
    def filters(self) -> tuple[BGPFilter, ...]:
        return filters(self.rng, self.number, self.family)

    @property
    def sent(self) -> tuple[Sent, ...]:
        return sent_routes(random.Random(f"routes {self.number} {self.turn}"), self.family)

    @property
    def source_as(self) -> int:
        return (OWN_AS, OTHER_AS)[self.number % 2]

    @property
    def sink_as(self) -> int:
        return (OWN_AS, OTHER_AS + 1)[self.number // 2 % 2]

    @property
    def policy(self) -> ExportPolicy:
        blocks, pools, unexported = self.of_family(*OWN_BLOCKS), self.of_family(POOL), self.of_family(UNEXPORTED)
        return ExportPolicy((3, 33), OWN_AS, blocks=blocks, pools=pools, unexported=unexported)

    def address(self, place: int) -> IPv4Address | IPv6Address:
        if self.family is Family.IPV6:
            return IPv6Address(f"2001:db8:{self.number}::{place}")
        return IPv4Address(f"10.9.{self.number}.{place}")

    def speakers(self) -> tuple[Speaker, ...]:
        texts = self._source(), self._node(), self._sink()
        return tuple(
            WrittenSpeaker(f"{self.number}-{name}", self.address(place), "", "", text)
            for place, (name, text) in enumerate(zip(("source", "node", "sink"), texts, strict=True), 1)
        )

    def _head(self, name: str, place: int, as_number: int) -> str:
        router_id = f"10.9.{self.number}.{place}"
        unique = f"{self.number}-{name}"
        more = f"\n  local as {as_number};"
        return HEAD.format(name=unique, router_id=router_id, address=self.address(place), more=more)

    def _source(self) -> str:
        routes = "".join(f"  route {sent.prefix} blackhole;\n" for sent in self.sent)
        changes = "".join(f"    if net = {sent.prefix} then {{{_changes(sent)} accept; }}\n" for sent in self.sent)
        return (
            self._head("source", 1, self.source_as)
            + f"protocol static {{\n{routes}}}\n"
            + f"protocol bgp Node from calico {{\n  neighbor {self.address(2)} as {OWN_AS};\n  import none;\n"
            + f"  export filter {{\n{changes}    reject;\n  }};\n}}\n"
        )

    def _node(self) -> str:
        own = "".join(f"  route {network} blackhole;\n" for network in self.of_family(*OWN_BLOCKS))
        # A route with an interface, as a pod of this node has one.
        own += "".join(f'  route {network} via "lo";\n' for network in self.of_family(*OWN_OTHERS))
        sessions = ""
        for name, place, peer_as in (("Giver", 1, self.source_as), ("Taker", 3, self.sink_as)):
            same_as = peer_as == OWN_AS
            client = "  rr client;\n" if same_as else ""
            passive = "  passive on;\n"
            body = session_filters(self.filters, self.family, same_as=same_as)
            sessions += f"protocol bgp {name} from calico {{\n  neighbor {self.address(place)} as {peer_as};\n"
            sessions += f"{client}{passive}{body}}}\n"
        functions = "".join(filter_functions(each, self.family) for each in self.filters)
        return (
            self._head("node", 2, OWN_AS)
            + f"protocol static {{\n{own}}}\n"
            + PRIORITIES
            + export_rules(self.policy)
            + functions
            + sessions
        )

    def _sink(self) -> str:
        return (
            self._head("sink", 3, self.sink_as)
            + f"protocol bgp Node from calico {{\n  neighbor {self.address(2)} as {OWN_AS};\n  import all;\n"
            + "  export none;\n}\n"
        )

    # What is computed

    def imported(self) -> dict[Prefix, Route]:
        """What the node takes."""
        found = {}
        same_as = self.source_as == OWN_AS
        for sent in self.sent:
            path = sent.prepended if same_as else (*sent.prepended, self.source_as)
            # All live in one network, so that BIRD takes the neighbour's address for its own, which leads nowhere.
            route = Route(sent.prefix, Source.BGP, "", None, DEFAULT_PREFERENCE, path, sent.communities)
            if same_as and sent.priority is not None:
                route = route.with_priority(sent.priority)
            decision = decide(self.filters, Direction.IMPORT, self.family, route, same_as=same_as)
            if decision is None or decision.accepted:
                found[sent.prefix] = route if decision is None else decision.route
        return found

    def received(self) -> dict[Prefix, Route]:
        """What the other neighbour gets."""
        same_as = self.sink_as == OWN_AS
        own = [Route(network, Source.STATIC) for network in self.of_family(*OWN_BLOCKS)]
        own += [Route(network, Source.STATIC, "lo") for network in self.of_family(*OWN_OTHERS)]
        found = {}
        for route in (*own, *self.imported().values()):
            decision = decide_export(self.policy, self.filters, self.family, route, same_as=same_as)
            if decision.accepted:
                sent = decision.route
                found[route.prefix] = sent if same_as else replace(sent, local_pref=DEFAULT_PREFERENCE)
        return found


def _changes(sent: Sent) -> str:
    words = [
        f" bgp_{'community' if len(each) == 2 else 'large_community'}.add(({', '.join(map(str, each))}));"
        for each in sent.communities
    ]
    words += [f" bgp_path.prepend({number});" for number in reversed(sent.prepended)]
    if sent.priority is not None:
        words.append(f" bgp_local_pref = {LARGEST_PREFERENCE - sent.priority};")
    return "".join(words)


def table_of(routes: dict[Prefix, Route]) -> Table:
    return {prefix: (route.as_path, route.local_pref, frozenset(route.communities)) for prefix, route in routes.items()}


def held(crowd: Crowd, name: str, protocol: str) -> Table:
    """What BIRD has from a neighbour."""
    found: Table = {}
    prefix, path, preference, communities = None, (), 0, set()
    for line in [*crowd.ask(name, f"show route protocol {protocol} all"), "::/0 end"]:
        first, _, rest = line.partition(" ")
        if "/" in first and first[0] in "0123456789abcdef:":
            if prefix is not None:
                found[prefix] = path, preference, frozenset(communities)
            prefix, path, preference, communities = ip_network(first), (), 0, set()
        elif line.startswith("BGP.as_path:"):
            path = tuple(map(int, line.partition(":")[2].split()))
        elif line.startswith("BGP.local_pref:"):
            preference = int(rest)
        elif line.startswith(("BGP.community:", "BGP.large_community:")):
            for part in rest.strip().strip("()").split(") ("):
                communities.add(tuple(int(number) for number in part.split(",")))
    return found


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[Case, tuple[Table, Table]]:
    """Case → what the node holds from its neighbour, and what the other neighbour holds."""
    first = tuple(s for number in range(1, TRIOS + 1) for s in Case(number, 0).speakers())
    found: dict[Case, tuple[Table, Table]] = {}
    with Crowd(first, tmp_path_factory.mktemp("filters")) as crowd:
        crowd.wait_established(seconds=30)
        for turn in range(ROUNDS):
            cases = [Case(number, turn) for number in range(1, TRIOS + 1)]
            if turn:
                configure(crowd, [speaker for case in cases for speaker in case.speakers()])
            crowd.settled_tables(seconds=30, quiet=1.5)
            for case in cases:
                found[case] = (
                    held(crowd, f"{case.number}-node", "Giver"),
                    held(crowd, f"{case.number}-sink", "Node"),
                )
    return found


CASES = [Case(number, turn) for turn in range(ROUNDS) for number in range(1, TRIOS + 1)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}-{case.turn}")
def test_what_filters_do_is_what_bird_does(case: Case, tables: dict[Case, tuple[Table, Table]]):
    node, sink = tables[case]
    assert table_of(case.imported()) == node
    assert table_of(case.received()) == sink


def test_the_sets_are_many_and_of_all_kinds():
    assert len(CASES) >= 40
    rules = [rule for case in CASES for each in case.filters for rule in all_rules((each,))]
    for field in ("cidr", "prefix_length", "interface", "peer_type", "community", "priority"):
        assert sum(getattr(rule, field) is not None for rule in rules) >= 15, field
    assert sum(bool(rule.as_path_prefix) for rule in rules) >= 15
    assert sum(rule.remote_peers_only for rule in rules) >= 15
    assert sum(bool(rule.operations) for rule in rules) >= 15
    lost = [case for case in CASES if len(case.imported()) < len(case.sent)]
    sent = [case for case in CASES if case.received()]
    assert len(lost) >= 15
    assert len(sent) >= 15
