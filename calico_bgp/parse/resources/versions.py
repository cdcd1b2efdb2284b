"""Resources of API versions that Calico 3 does not read: the old API of Calico 1 and 2, and versions that never were.

A BGPPeer that is passed over because of its version would be missing in silence.
"""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches

from calico_bgp.model.resources import ResourceKind
from calico_bgp.parse.lines import shown
from calico_bgp.parse.resources.forms.form import file_of
from calico_bgp.parse.resources.raw import Text
from calico_bgp.upstream import CALICO_GROUP, V3

# calicoctl v1: calicoctl/resourcemgr of libcalico-go 1.x (api/resource.go); kinds are told apart without case there.
_OLD_KINDS = frozenset({"bgppeer", "ippool", "node", "policy", "profile", "hostendpoint", "workloadendpoint"})
_KUBERNETES = frozenset({"Node", "NodeList"})
_OURS = {kind.lower(): kind for kind in (*ResourceKind,)}
#: Kinds of Calico that are near one of ours by name and another thing.
_OTHERS = frozenset({"CalicoNodeStatus", "IPAMBlock", "IPAMConfig", "IPAMConfiguration", "IPReservation"})
_RIGHT = dict.fromkeys(_OURS.values(), V3)


def is_old(api_version: str, kind: str) -> bool:
    """Whether a resource is of the old API: `apiVersion: v1` with a kind of Calico's."""
    return api_version == "v1" and kind not in _KUBERNETES and kind.lower().removesuffix("list") in _OLD_KINDS


def unknown_version(api_version: str, kind: str) -> str | None:
    """What should stand there, for a kind of ours in a version or spelling that Calico does not have; None else."""
    group, _, _ = api_version.partition("/")
    if not (group == CALICO_GROUP or group.endswith(f".{CALICO_GROUP}")):
        return None
    if kind in _OTHERS:
        return None
    folded = kind.lower().removesuffix("list")
    near = get_close_matches(folded, _OURS, n=1, cutoff=0.85)
    right = _OURS[near[0]] if near else None
    return None if right is None else f"kind: {right} of apiVersion: {_RIGHT[right]}"


class OldResources:
    """The resources of the old API in one text."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.line: int | None = None

    def add(self, kind: str, line: int | None) -> None:
        """Note one."""
        self.kinds[kind] += 1
        self.line = self.line or line

    def refuse(self, text: Text) -> None:
        """Note them as one problem, where there are any."""
        if not self.kinds:
            return
        counted = ", ".join(f"{number} {shown(kind)}" for kind, number in sorted(self.kinds.items()))
        text.add(
            f"{counted} of the old API (v1, of Calico 1 and 2): Calico 3 does not read them, so they were not judged",
            self.line,
            f"projectcalico.org/v3: calicoctl convert -f {file_of(text)} -o yaml | calico-bgp lint -",
        )
