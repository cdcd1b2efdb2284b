"""A BIRD that takes connections and answers nothing: told by calicoctl there, or by our own waiting in vain."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.model.reading import GatherFailure, Silent, Stage
from tests.unit.auditing.tables import UP, gathered, table

NODES = ("n1", "n2", "n3")
HUNG = "no answer of BIRD within 30 s"


def audited(silent, *, row):
    """n3 was not read; what the others show of it."""
    tables = {
        name: table(name, *(f"192.0.2.{m} {UP}" for m in (1, 2) if f"n{m}" != name), f"192.0.2.3 {row}")
        for name in NODES[:2]
    }
    addresses = {f"n{n}": f"192.0.2.{n}" for n in (1, 2)}
    made = gathered(tables, addresses=addresses, unread=["n3"])
    failure = GatherFailure(host="n3", node="n3", stage=Stage.TIMEOUT, message=HUNG, silent=silent)
    return audit(made.model_copy(update={"failures": (failure,)}))


@pytest.mark.parametrize(
    ("row", "still", "lost"),
    [
        (UP, "; 2 peers show it Established for no longer than the hold time (240 s unless set otherwise)", 0),
        ("Active BGP Error: Hold timer expired", "; 2 sessions with it are down", 4),
    ],
)
def test_one_that_kept_us_waiting_is_named_with_our_own_words(row, still, lost):
    """While its sessions stand it costs nothing; afterwards each of the others loses it, and it loses them."""
    (cause,) = [cause for cause in audited(Silent.BIRD, row=row).causes if cause.kind == "bird-hangs"]
    assert [str(subject) for subject in cause.subjects] == ["n3"]
    assert cause.evidence[0] == HUNG
    assert cause.title == f"BIRD on n3 hangs{still}"
    assert cause.routes_lost == lost


TIMED_OUT = "Error querying BIRD: read unix @->/var/run/bird{}.ctl: i/o timeout"
REFUSED = "Error querying BIRD: unable to connect to BIRDv4 socket: connection refused"


def said_by_n3(text, ipv6=None):
    """The causes where n3 shows a text in the place of its table of IPv4, and perhaps of IPv6."""
    halves = (text, ipv6 or "No IPv6 peers found.")
    own = "".join(f"IPv{version} BGP status\n{half}\n\n" for version, half in zip((4, 6), halves, strict=True))
    tables = {name: table(name, *(f"192.0.2.{m} {UP}" for m in (1, 2, 3) if f"n{m}" != name)) for name in NODES[:2]} | {
        "n3": f"root@n3:~# calicoctl node status\nCalico process is running.\n\n{own}"
    }
    return audit(gathered(tables, addresses={f"n{n}": f"192.0.2.{n}" for n in (1, 2, 3)})).causes


def test_calicoctl_says_of_which_family_it_hangs():
    (cause,) = said_by_n3(TIMED_OUT.format(""))
    assert (cause.kind, [str(subject) for subject in cause.subjects]) == ("bird-hangs", ["n3 (IPv4)"])
    assert cause.title.startswith("BIRD for IPv4 on n3 hangs; 2 peers show it Established")
    assert "i/o timeout" in cause.evidence[0]
    (cause,) = said_by_n3(TIMED_OUT.format(""), TIMED_OUT.format("6"))
    assert [str(subject) for subject in cause.subjects] == ["n3"]
    assert cause.title.startswith("BIRD on n3 hangs")


def test_one_that_refuses_does_not_hang():
    assert "bird-hangs" not in [cause.kind for cause in said_by_n3(REFUSED)]


def test_a_host_that_kept_us_waiting_is_another_thing():
    causes = audited(Silent.HOST, row="Active BGP Error: Hold timer expired").causes
    assert "bird-hangs" not in [cause.kind for cause in causes]
