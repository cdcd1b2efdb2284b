r"""What a node's shell does with its tables of routes: parts of the command, plain POSIX sh. Text only.

Whole tables lose the attributes that nobody asks for. Of a cluster with many nodes each makes its table comparable:
one line for each route, sorted, without what differs on equal nodes (times, its own addresses). The lines of routes
through gateways stay on most nodes, which send a hash of them (parse/reduced_tables.py does the same). A node that
lacks a tool for that, or has one that does something else, sends its tables as they are; so does one with WireGuard,
whose routes stand in several tables.
"""

from __future__ import annotations

from typing import NamedTuple

from calico_bgp.upstream import WIREGUARD_INTERFACES

#: v passes BIRD's table on without the attributes that do not tell where packets go; the socket's numbers may stand
#: before them.
REDUCED = r"""
v() { if command -v grep >/dev/null 2>&1; then grep -v -E "^.{0,6}(Type|Kernel[.](metric|scope)|BGP[.](origin|as_path|
next_hop|local_pref|med|atomic_aggr|aggregator|cluster_list|ext_community)):"; else cat; fi; };
""".replace("as_path|\n", "as_path|")

_LINK_LOCAL = r"""
z() { if command -v grep >/dev/null 2>&1; then grep -v "^fe80:"; else cat; fi; };
"""
_KERNEL_ROUTES = r"""W=@WIREGUARD4@; [ $k = 4 ] || W=@WIREGUARD6@;
{ $T ${T:+9} ip -$k route show; x=$?;
if g=$($T ${T:+9} ip -$k route show table all dev $W); then ip -$k rule show; printf "%s\n" "$g"; fi;
printf "\nended %s\n" $x; } | z;""".replace("@WIREGUARD4@", WIREGUARD_INTERFACES[0]).replace(
    "@WIREGUARD6@", WIREGUARD_INTERFACES[1]
)

#: The kernel's routes, link-local networks left out. A table whose last line is missing was cut. Where Felix made the
#: interface of WireGuard (felix/config/config_params.go), its routes follow, behind the rules that lead to their table.
KERNEL = f"{_LINK_LOCAL}for k in 4 6; do m kernel ipv$k; {_KERNEL_ROUTES} done;"

# SHA-256 of "x\n": a pipe of all tools tells whether they are there and do what they should. The image of calico-node
# has them as parts of `coreutils` (node/clean-up-filesystem.sh), and no awk.
_OF_X = "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac"

# y makes one line of each path of BIRD and the lines below it, with its network and without its time; q one of each
# route of the kernel and its further ways, without the node's own address and what is left of a lifetime. sed keeps
# the line before in its hold space. Of the kernel's routes to one network the first counts, so that they stay in order;
# BIRD marks its best path, and has the others in the order of their arrival. Routes through gateways are those with
# ` via `; g shows them, j prints a section. The last part of a section's hash tells alike nodes: the three commonest
# ways to a network.
_HASH = r"""
I=$(printf "\t"); D=; for d in sha256sum "coreutils --coreutils-prog=sha256sum" "busybox sha256sum";
do case $(printf "c\nb\na\n" | sort -s -k1,1 | grep -v b | sed -e "s/a/x/" -e 1q | $d) in @OF_X@*) D=$d; break;; esac;
done; for W in @WIREGUARD@; do if [ -d /sys/class/net/$W ]; then D=; fi; done;
y() { sed -n -e "/^\$/d" -e "s/^10[01][0-9][- ]//" -e "s/^ \([^ ]\)/\1/" -e "/^$I/{" -e H -e d -e "}"
-e "/^ /{" -e G -e "s/\n\([^ ]*\) .*/\n\1/" -e "s/^ *\(.*\)\n\(.*\)/\2 \1/" -e "}" -e x -e "s/\n//g"
-e "s/^\([^ ]*\)  */\1 /"
-e "s/ \[\([A-Za-z_][A-Za-z0-9_]*\) [0-9][0-9:.-]*\( [0-9][0-9:.]*\)\{0,1\}/ [\1 00:00:00/"
-e "/./p" -e "\${" -e g -e p -e "}" | sort; };
q() { sed -n -e "/^\$/d" -e "/^$I/{" -e H -e d -e "}" -e x -e "s/\n//g" -e "s/ src [^ ]*//"
-e "s/ expires [^ ]*//" -e "s/  */ /g" -e "s/ \$//" -e "/./p" -e "\${" -e g -e p -e "}" | sort -s -k1,1; };
g() { printf "%s\n" "$S" | grep "[ $I]via "; };
c() { $D | sed "s/ .*//"; };
j() { m $1 $2; printf "%s\n" "$S" @OWN@;
printf "hash %s %s %s\n" $(g | c) $(g | grep -c .) $(g
| sed -e "s/$I.*//" -e "s/^[^ ]* //" -e "/ from /s/^via [^ ]* //" | sort | uniq -c | sort -rn
| sed -e "s/^ *[0-9]* *//" -e 3q | sort | c); };
""".replace("@OF_X@", _OF_X).replace("@WIREGUARD@", " ".join(WIREGUARD_INTERFACES))

_HASHED_KERNEL = f"""{_LINK_LOCAL}
for k in 4 6; do if [ -n "$D" ]; then
S=$({{ $T ${{T:+9}} ip -$k route show; printf "\\nended %s\\n" $?; }} | z | q); j rkernel ipv$k;
else m kernel ipv$k; {_KERNEL_ROUTES} fi; done;"""


_OWN = r"""| grep -v "[ $I]via " """


def tables_script(bird: str, loop: str, *, hashed: bool, lines: bool = False) -> str:
    """The part of a command that prints all tables.

    Args:
        bird: Prints one BIRD's table, `v` behind it included.
        loop: Goes over the BIRDs that answered; `@TABLE@` is what it does with each, `$1` being its family.
        hashed: Whether tables are made comparable, and a hash is sent of the routes through gateways.
        lines: Whether these are sent as well.
    """
    whole = f"m table $1; {bird};"
    if not hashed:
        return REDUCED + loop.replace("@TABLE@", whole) + KERNEL
    either = f'if [ -n "$D" ]; then S=$({bird} | y); j rtable $1; else {whole} fi;'
    return REDUCED + _HASH.replace("@OWN@", "" if lines else _OWN) + loop.replace("@TABLE@", either) + _HASHED_KERNEL


class Wanted(NamedTuple):
    """What a command asks of tables, for who plays a node.

    Attributes:
        tables: Whether it asks for them.
        reduced: Whether they are to be made comparable.
        gateways: Whether the routes through gateways are to be sent.
    """

    tables: bool
    reduced: bool
    gateways: bool


def wanted_by(command: str) -> Wanted:
    """What the text of a command asks of tables."""
    return Wanted("show route all" in command, " j rtable " in command, _OWN not in command)
