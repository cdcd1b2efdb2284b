"""The one command that a calico-node pod runs: read-only, framed like a node's answer over SSH. Text only.

The pod is in the host's network (`hostNetwork: true` in every manifest of Calico), so its addresses are the host's.
`birdcl -r` makes BIRD itself refuse everything but reading (bird: client/client.c). It is called by name: some images
have it in /usr/bin. A BIRD that hangs would hold birdcl for ever, hence `timeout` where the image has it.
"""

from __future__ import annotations

from calico_bgp.parse.answer.frame import MARKER_PREFIX, marker_of
from calico_bgp.sources.node.questions import Questions
from calico_bgp.sources.node.route_scripts import tables_script
from calico_bgp.upstream import SOCKET_FOLDER

_SCRIPT = r"""
exec 2>/dev/null; LC_ALL=C; export LC_ALL;
m() { printf "\n%s %s\n" @MARKER@ "$*"; };
m begin 1;
m node; cat /var/lib/calico/nodename || printf "%s\n" "${CALICO_NODENAME:-$NODENAME}";
m hostname; hostname || uname -n;
m clock; date +%Y-%m-%dT%H:%M:%S%z;
m addresses; { ip -o addr show scope global || hostname -I; } | { grep -v -e " cali" -e " kube-ipvs0" || cat; };
m rights root;
if command -v grep >/dev/null && [ -r /proc/1/comm ]; then m processes; printf visible;
grep -qse "-fel[i]x" /proc/[0-9]*/cmdline && printf " felix";
for p in bird bird6; do grep -qsx $p /proc/[0-9]*/comm && printf " $p"; done; fi;
T=; for t in "-k 2" ""; do if timeout $t 9 true; then T="timeout $t"; break; fi; done;
h=; b() { s=@SOCKETS@/$2.ctl; [ -S $s ] && m socket $1 $s;
O=$($T ${T:+@LIMIT@} birdcl -r -s $s show protocols 2>&1); x=$?; m bird $1 birdcl $x; printf "%s" "$O";
case $O in *BIRD*ready.*) h="$h $1 $2"; @MORE@ ;; esac; };
b ipv4 bird; b ipv6 bird6;
@TABLES@
m end
"""

_MORE = r"""
a="show protocols all"; [ "$(printf "%s\n" "$O" | grep -c " BGP ")" -gt @PEERS@ ] && a="show protocols";
m details $1 birdcl; for c in "show status" "show route count" "$a"; do $T ${T:+@LIMIT@} birdcl -r -s $s $c 2>&1; done;
"""

_TABLE = r"""{ $T ${T:+12} birdcl -r -s @SOCKETS@/$n.ctl show route all 2>&1; printf "\nended %s\n" $?; } | v"""
_TABLES = r"""
w() { while [ $# -ge 2 ]; do n=$2; @TABLE@ shift 2; done; }; w $h;
"""


def pod_command(
    marker: str, *, seconds: int = 8, questions: Questions | None = None, lines: bool = False
) -> tuple[str, ...]:
    """The command for an exec.

    Args:
        marker: What sections begin with, from `new_marker`.
        seconds: How long one BIRD may take, where the image has `timeout`.
        questions: What BIRD is asked beside its table of peers.
        lines: Whether the routes are sent of which there is a hash.

    Raises:
        ValueError: The marker holds other characters than one has.
    """
    if marker_of(marker) != marker:
        raise ValueError(f"a marker is {MARKER_PREFIX} and 32 hexadecimal digits, not {marker!r}")
    all_questions = questions or Questions()
    more = _MORE.replace("@PEERS@", str(all_questions.most_peers)) if all_questions.details else ""
    tables = (
        tables_script(_TABLE, _TABLES, hashed=bool(all_questions.hashed), lines=lines) if all_questions.routes else ""
    )
    script = " ".join(_SCRIPT.replace("@MORE@", more).replace("@TABLES@", tables).split("\n")).strip()
    return (
        "sh",
        "-c",
        script.replace("@SOCKETS@", SOCKET_FOLDER).replace("@MARKER@", marker).replace("@LIMIT@", str(max(1, seconds))),
    )
