r"""The command that prints Calico's resources: plain POSIX sh on one line, read-only, run on one host. Text only.

The same login shells put the same limits on it as on the command of every node; see command.py. It tries, as the login
and then with sudo, calicoctl and then kubectl, and stops at the first that prints all kinds that are needed. The nodes,
which are the most text, come last, so that what is not allowed fails early. Kinds that only routes depend on follow, as
far as there are any. What comes back is taken apart in answer.py.
"""

from __future__ import annotations

from calico_bgp.sources.node.command import as_one_line
from calico_bgp.upstream import CALICO_GROUP, CRD_GROUP

#: Names that calicoctl and kubectl both know, in the order in which they are asked for
#: (calicoctl/calicoctl/resourcemgr/bgpconfig.go and its neighbours).
KINDS = ("bgpconfigurations", "bgppeers", "ippools", "nodes")
#: What an older Calico lacks, and BlockAffinities are no resource of calicoctl at all (calicoctl/resourcemgr).
ROUTE_KINDS = ("bgpfilters", "felixconfigurations", "blockaffinities")
#: Makes calicoctl work with a cluster of another release.
ANY_RELEASE = "--allow-version-mismatch"

# Where root of a control-plane node often has no ~/.kube/config: kubeadm's, K3s' and RKE2's own.
_CIRCUMSTANCES = r"""
exec 2>/dev/null; LC_ALL=C; export LC_ALL; PATH=@PATH@:/var/lib/rancher/rke2/bin;
m() { printf "\n%s %s\n" @MARKER@ "$*"; };
m begin 1;
T=; for t in "-k 2" ""; do if timeout $t 9 true 2>/dev/null; then T="timeout $t @LIMIT@"; break; fi; done;
if [ -z "$KUBECONFIG" ]; then [ -r "$HOME/.kube/config" ] ||
for f in /etc/kubernetes/admin.conf /etc/rancher/k3s/k3s.yaml /etc/rancher/rke2/rke2.yaml; do
if [ -r $f ]; then KUBECONFIG=$f; export KUBECONFIG; break; fi; done; fi;
"""

# r runs a program as $W says. U are the ways to try; v is false where sudo did not take its password.
_RIGHTS = r"""
U=login; if [ "$(id -u)" = 0 ]; then m rights root;
elif command -v sudo >/dev/null 2>&1; then m rights sudo; U="login sudo"; else m rights none; fi;
r() { case $W in sudo) $T sudo -n "$@";; *) $T "$@";; esac </dev/null; };
v() { :; };
"""

# A wrong password is tried once only, so that no account is locked.
_RIGHTS_ASKED = r"""
U=login; if [ "$(id -u)" = 0 ]; then m rights root;
elif command -v sudo >/dev/null 2>&1; then IFS= read -r w; m rights sudo; U="login sudo"; else m rights none; fi;
r() { case $W in sudo) printf "%s\n" "$w" | $T sudo -S -p "" "$@";; *) $T "$@" </dev/null;; esac; };
v() { case $W in sudo) if E=$(r -v 2>&1); then :; else
m refused; printf "%s" "$E" | tail -c 4000; return 1; fi;; esac; };
"""

# k asks for one kind; the end of standard error comes with the exit code behind it. o asks for the kinds that routes
# depend on, of kubectl where the program does not know one, and goes on without it. a asks for all kinds.
_ASK = r"""
k() { n=$1; shift; m stdout $W $n "$@";
{ E=$({ r "$@" 2>&1 >&3 3>&-; printf " %s" $?; } | tail -c 4000); } 3>&1; X=${E##* }; E=${E% *};
m stderr; printf "%s" "$E"; m exit $X; [ "$X" = 0 ]; };
o() { for n in @ROUTE_KINDS@; do k $n "$@" get $n$G -o json $O || for g in .@CALICO@ .@CRD@; do
case $K in "") continue;; esac; case $g in "$G") continue;; esac; k $n $K get $n$g -o json && break; done; done; };
a() { for n in @KINDS@; do g=$n; [ $n = nodes ] || g=$n$G;
k $n "$@" get $g -o json $O || return 1; done; D=1; o "$@"; };
"""

# A calicoctl of another release than the cluster drops fields that it does not know, so that kubectl comes before it
# (calicoctl/calicoctl/commands/common/version_mismatch.go). kubectl: Calico's API where it is served, else the CRDs.
_TRY = r"""
C=$(command -v @CALICOCTL@ 2>/dev/null); K=;
for p in kubectl k3s microk8s; do K=$(command -v $p 2>/dev/null) && break; done;
case $K in */k3s|*/microk8s) K="$K kubectl";; esac;
D=; Z=; O=;
for W in $U; do v || break; G=;
if [ -n "$C" ]; then a "$C"; case $D$E in *@ANY_RELEASE@*) Z="$Z $W";; esac; fi;
if [ -n "$K" ]; then for G in .@CALICO@ .@CRD@; do [ -n "$D" ] || a $K; done; fi;
[ -z "$D" ] || break; done;
G=; O=@ANY_RELEASE@; for W in $Z; do [ -n "$D" ] || a "$C"; done;
m end
"""


def resources_command(
    marker: str, *, calicoctl: str | None = None, sudo_password: bool = False, seconds: int = 30
) -> str:
    """The command for `exec` on the one host that can ask the cluster.

    Args:
        marker: What sections begin with, from `new_marker`.
        calicoctl: The program's name or path there; `calicoctl` when None.
        sudo_password: Whether sudo wants a password, which the caller writes to the command's standard input, one line.
        seconds: How long each program may take, where the host has `timeout`.

    Raises:
        ValueError: The marker or the path holds characters that a shell would read.
    """
    rights = _RIGHTS_ASKED if sudo_password else _RIGHTS
    script = _CIRCUMSTANCES + rights + _ASK + _TRY
    script = script.replace("@KINDS@", " ".join(KINDS)).replace("@ROUTE_KINDS@", " ".join(ROUTE_KINDS))
    script = script.replace("@ANY_RELEASE@", ANY_RELEASE)
    script = script.replace("@CALICO@", CALICO_GROUP).replace("@CRD@", CRD_GROUP)
    return as_one_line(script, marker, calicoctl=calicoctl, limit=seconds)
