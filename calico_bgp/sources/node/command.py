r"""The one command that a node runs: plain POSIX sh on one line, read-only, the same text for every node of a run.

Only the text is made here; what comes back is taken apart in parse/answer/frame.py. Three login shells limit it:
csh knows no newline inside quotes and expands `!` even there, fish reads `\\` and `\'` inside single quotes. So the
script holds no newline, no single quote, no exclamation mark and no double backslash; `gather_command` checks that.

Nothing is written on the node, not even a temporary file: standard output goes straight out, standard error is caught
by the substitution around it (`2>&1 >&3`).
"""

from __future__ import annotations

import re

from calico_bgp.parse.answer.frame import MARKER_PREFIX, marker_of, new_marker
from calico_bgp.sources.node.questions import Questions
from calico_bgp.sources.node.route_scripts import tables_script
from calico_bgp.upstream import SOCKET_FOLDER

__all__ = ["gather_command", "marker_of", "new_marker"]

#: A login without a terminal often has a short PATH. What the host already has wins.
_PATH = "$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin:/opt/cni/bin:/snap/bin"

# What the script itself says on standard error is of no use. m prints a section's first line. The processes' names are
# written so that they do not match our own command line.
_CIRCUMSTANCES = r"""
exec 2>/dev/null; LC_ALL=C; export LC_ALL; PATH=@PATH@;
m() { printf "\n%s %s\n" @MARKER@ "$*"; };
m begin 1;
m node; cat /var/lib/calico/nodename 2>/dev/null;
m hostname; hostname 2>/dev/null || uname -n;
m clock; date +%Y-%m-%dT%H:%M:%S%z;
m addresses; { ip -o addr show scope global || ifconfig -a || hostname -I; } 2>/dev/null
| grep -v -e " cali" -e " kube-ipvs0";
if [ -r /proc/1/comm ]; then m processes; printf visible;
grep -qse "-fel[i]x" /proc/[0-9]*/cmdline && printf " felix";
for p in bird bird6; do grep -qsx $p /proc/[0-9]*/comm && printf " $p"; done; fi;
T=; for t in "-k 2" ""; do if timeout $t 9 true 2>/dev/null; then T="timeout $t"; break; fi; done;
"""

# r runs a program as root, within $L.
_RIGHTS = r"""
if [ "$(id -u)" = 0 ]; then m rights root; r() { $L "$@" </dev/null; };
elif command -v sudo >/dev/null 2>&1; then m rights sudo; r() { $L sudo -n "$@" </dev/null; };
else m rights none; r() { $L "$@" </dev/null; }; fi;
"""

# The password comes on standard input and goes from there to sudo's, by printf, which is part of the shell: no process
# list shows it. A wrong one is tried once only, so that no account is locked.
_RIGHTS_ASKED = r"""
if [ "$(id -u)" = 0 ]; then m rights root; r() { $L "$@" </dev/null; };
elif command -v sudo >/dev/null 2>&1; then IFS= read -r w;
r() { printf "%s\n" "$w" | $L sudo -S -p "" "$@"; };
L="${T:+$T @LIMIT@}"; if E=$(r -v 2>&1); then m rights sudo-password;
else m rights refused; m stderr; printf "%s" "$E"; m end; exit 0; fi;
else m rights none; r() { $L "$@" </dev/null; }; fi;
"""

_STATUS = r"""
X=; C=$(command -v @CALICOCTL@ 2>/dev/null);
if [ -n "$C" ]; then m calicoctl "$C"; m stdout; L="${T:+$T @LIMIT@}";
{ E=$(r "$C" node status 2>&1 >&3 3>&-); X=$?; } 3>&1;
m stderr; printf "%s" "$E"; m exit $X; fi;
"""

# f asks one BIRD its questions, by the program $t. The bare socket answers with numbered lines and stays open: the last
# line of an answer has a blank behind its number, the greeting likewise. socat and nc cannot know that and wait a
# second.
_ASK = r"""
P="import socket, sys; s = socket.socket(socket.AF_UNIX); s.settimeout(4); s.connect(sys.argv[1]);
s.sendall((\"\n\".join(sys.argv[2:]) + \"\n\").encode()); k = [];
any(print(l, end=\"\") or l[:4].isdigit() and l[4:5] == \" \" and (k.append(l) or len(k) == len(sys.argv) - 1)
for l in s.makefile())";
f() { k=; case $t in
birdc*) for c in "$@"; do r $t -s $s $c 2>&1; done;;
python3) r $t -c "$P" $s "$@" 2>&1;;
socat) for c in "$@"; do k="$k echo $c;"; done; r sh -c "{ $k sleep 1; } | socat - UNIX-CONNECT:$s" 2>&1;;
nc) for c in "$@"; do k="$k echo $c;"; done; r sh -c "{ $k sleep 1; } | nc -w 1 -U $s" 2>&1;;
*) if [ $# = 1 ]; then r $e $i birdcl -s @SOCKETS@/$n.ctl $1 2>&1;
else for c in "$@"; do k="$k birdcl -s @SOCKETS@/$n.ctl $c;"; done; r $e $i sh -c "$k" 2>&1; fi;; esac; };
b() { n=$2; s=; for d in @SOCKETS@ /var/run/bird; do
if [ -z "$s" ] && [ -S $d/$n.ctl ]; then s=$d/$n.ctl; [ -n "$Q" ] || m socket $1 $s; fi; done;
for t in birdcl birdc python3 socat nc crictl nerdctl docker; do
command -v $t >/dev/null 2>&1 || continue;
case $t in
crictl) g="crictl ps -q --state Running --name ^calico-node$"; e="crictl exec";;
nerdctl) g="nerdctl -n k8s.io ps -q -f label=io.kubernetes.container.name=calico-node"; e="nerdctl -n k8s.io exec";;
docker) g="docker ps -q -f label=io.kubernetes.container.name=calico-node"; e="docker exec";;
*) g=; [ -n "$s" ] || continue;; esac;
if [ -n "$g" ]; then i=; for i in $(r $g 2>/dev/null); do break; done; [ -n "$i" ] || continue; fi;
O=$(f "show protocols"); x=$?;
if [ -z "$Q" ]; then m bird $1 $t $x; printf "%s" "$O"; fi;
case $O in *BIRD*ready.*) h="$h $1 $n $t ${s:--}"; @MORE@ break;; *"onnection refused"*) break;;
"sudo: "*|Sorry*) if [ -n "$Q" ]; then Z=1; break; fi;; esac; done; };
h=; Q=; Z=; case $X in ""|126|127) L="${T:+$T 5}"; b ipv4 bird; b ipv6 bird6;; esac;
"""

# The long answer has some 25 lines for each peer. What counts the peers may be missing: then the long one is asked for.
_MORE = r"""
a="show protocols all"; [ "$(printf "%s\n" "$O" | grep -c " BGP ")" -gt @PEERS@ ] && a="show protocols";
m details $1 $t; f "show status" "show route count" "$a";
"""

# Where calicoctl has told the peers, BIRD is asked for what calicoctl does not tell: last, so that a deadline costs
# nothing else, once, and not where sudo allows calicoctl alone.
_BESIDE = r"""
case $X:"$E" in 1:*sudo:*) ;; 0:*|1:*) Q=1; L="${T:+$T 3}"; b ipv4 bird; [ -n "$Z" ] || b ipv6 bird6;; esac;
"""

# Old releases know no --client; without it the version comes first and the datastore is asked after it.
_VERSION = r"""
if [ -n "$C" ]; then L="${T:+$T 3}"; V=$($L "$C" version --client </dev/null 2>/dev/null);
case $V in *Version:*) ;; *) V=$($L "$C" version </dev/null 2>/dev/null);; esac;
m version; printf "%s" "$V"; fi;
"""


# Whoever answered is asked for its table, last of all: tables are large.
_TABLE = r"""{ f "show route all"; printf "\nended %s\n" $?; } | v"""
_TABLES = r"""
w() { while [ $# -ge 4 ]; do n=$2; t=$3; s=$4; L="${T:+$T 12}"; @TABLE@ shift 4; done; }; w $h;
"""


def require_plain_path(program: str) -> None:
    """Refuse a path that a shell would read otherwise than as one word.

    Raises:
        ValueError: It says which characters are possible.
    """
    if not re.fullmatch(r"[A-Za-z0-9_./][A-Za-z0-9_./+@:=-]*", program):
        raise ValueError(f"calicoctl's path may hold letters, digits and . _ / + @ : = - only, not {program!r}")


_FORBIDDEN = ("\n", "'", "!", "\\\\")


def gather_command(
    marker: str,
    *,
    calicoctl: str | None = None,
    sudo_password: bool = False,
    status_seconds: int = 20,
    questions: Questions | None = None,
    lines: bool = False,
) -> str:
    """The command for `exec` on a node.

    Args:
        marker: What sections begin with, from `new_marker`.
        calicoctl: The program's name or path on the nodes; `calicoctl` when None.
        sudo_password: Whether sudo wants a password, which the caller writes to the command's standard input, one line.
        status_seconds: How long `calicoctl node status` may take, where the node has `timeout`.
        questions: What BIRD is asked beside its table of peers.
        lines: Whether the routes are sent of which there is a hash.

    Raises:
        ValueError: The marker or the path holds characters that a shell would read.
    """
    rights = _RIGHTS_ASKED if sudo_password else _RIGHTS
    all_questions = questions or Questions()
    more = _MORE.replace("@PEERS@", str(all_questions.most_peers)) if all_questions.details else ""
    beside = _BESIDE if all_questions.details or all_questions.routes else ""
    tables = (
        tables_script(_TABLE, _TABLES, hashed=bool(all_questions.hashed), lines=lines) if all_questions.routes else ""
    )
    script = _CIRCUMSTANCES + rights + _STATUS + _ASK.replace("@MORE@", more) + _VERSION + beside + tables + "m end"
    return as_one_line(script, marker, calicoctl=calicoctl, limit=status_seconds)


def as_one_line(script: str, marker: str, *, calicoctl: str | None, limit: int) -> str:
    """A script as one line that every login shell passes on unchanged, its @WORDS@ filled in.

    Raises:
        ValueError: The marker or the path holds characters that a shell would read.
    """
    if marker_of(marker) != marker:
        raise ValueError(f"a marker is {MARKER_PREFIX} and 32 hexadecimal digits, not {marker!r}")
    program = calicoctl or "calicoctl"
    require_plain_path(program)
    line = " ".join(script.split("\n")).strip()
    for name, value in {
        "@PATH@": _PATH,
        "@SOCKETS@": SOCKET_FOLDER,
        "@MARKER@": marker,
        "@CALICOCTL@": program,
        "@LIMIT@": str(max(1, limit)),
    }.items():
        line = line.replace(name, value)
    assert not any(text in line for text in _FORBIDDEN)
    return f"sh -c '{line}'"
