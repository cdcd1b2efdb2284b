"""A node that nobody has as a peer any more: it left, or those who forgot it have another configuration."""

from tests.unit.auditing.tables import GLOBAL, NODE, UP, read, table

ADDRESSES = {f"n{n}": f"10.0.0.{n}" for n in range(1, 7)}
REFLECTORS = ("n1", "n2")


def kinds(forgotten):
    """Two reflectors of which neither has these of the four clients as a peer."""
    clients = range(3, 7)
    kept = [f"{NODE}= 10.0.0.{n} {UP}" for n in clients if n not in forgotten]
    tables = {f"n{n}": table(f"n{n}", f"{NODE}= 10.0.0.{3 - n} {UP}", *kept) for n in (1, 2)}
    for n in clients:
        said = "Active Socket: Connection closed" if n in forgotten else UP
        tables[f"n{n}"] = table(f"n{n}", f"10.0.0.1 {said}", f"10.0.0.2 {said}", kind=GLOBAL)
    report = read(tables, addresses=ADDRESSES, reflectors=REFLECTORS)
    return sorted((cause.kind, str(subject)) for cause in report.causes for subject in cause.subjects)


def test_of_one_that_nobody_has_it_may_have_left():
    assert kinds({4}) == [("node-left", "n4")]


def test_so_may_several_where_others_are_still_peers():
    assert kinds({4, 6}) == [("node-left", "n4"), ("node-left", "n6")]


def test_where_the_reflectors_have_no_client_at_all_no_client_has_left():
    """A BGPPeer with `reversePeering: Manual` gives the reflectors none."""
    assert kinds({3, 4, 5, 6}) == []
