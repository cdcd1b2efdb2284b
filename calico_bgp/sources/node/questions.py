"""What a node is asked beside its table of peers. A choice of the user's; no command is made here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from calico_bgp.upstream import WIREGUARD_INTERFACES

#: Peers of one BIRD up to which its long answer is asked for; it has some 25 lines, 1 kB, for each.
MANY_PEERS = 200
#: More than any BIRD has.
ALL_PEERS = 1_000_000


#: Nodes up to which their routes are read without being asked for.
MANY_NODES = 300

#: v passes BIRD's table on without the attributes that do not tell where packets go; the socket's numbers may stand
#: before them.
REDUCED = r"""
v() { if command -v grep >/dev/null 2>&1; then grep -v -E "^.{0,6}(Type|Kernel[.](metric|scope)|BGP[.](origin|as_path|
next_hop|local_pref|med|atomic_aggr|aggregator|cluster_list|ext_community)):"; else cat; fi; };
""".replace("as_path|\n", "as_path|")

#: The kernel's routes, link-local networks left out. A table whose last line is missing was cut. Where Felix made the
#: interface of WireGuard (felix/config/config_params.go), its routes follow, behind the rules that lead to their table.
KERNEL = r"""
z() { if command -v grep >/dev/null 2>&1; then grep -v "^fe80:"; else cat; fi; };
for k in 4 6; do m kernel ipv$k; w=@WIREGUARD4@; [ $k = 4 ] || w=@WIREGUARD6@;
{ $T ${T:+9} ip -$k route show; x=$?;
if g=$($T ${T:+9} ip -$k route show table all dev $w); then ip -$k rule show; printf "%s\n" "$g"; fi;
printf "\nended %s\n" $x; } | z; done;
""".replace("@WIREGUARD4@", WIREGUARD_INTERFACES[0]).replace("@WIREGUARD6@", WIREGUARD_INTERFACES[1])


@dataclass(frozen=True, slots=True)
class Questions:
    """What BIRD is asked for.

    Attributes:
        details: Its status, the number of its routes, and all that it says of its protocols.
        routes: BIRD's table and the kernel's; None for those of at most `MANY_NODES` nodes.
        most_peers: With more peers than this, what it says of its protocols in short.
    """

    details: bool = True
    most_peers: int = MANY_PEERS
    routes: bool | None = None

    def of_so_many(self, nodes: int) -> Questions:
        """The questions to each of so many nodes."""
        return self if self.routes is not None else replace(self, routes=nodes <= MANY_NODES)
