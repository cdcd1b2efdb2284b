"""Which lines a picture has: Established sessions in bundles, the others one by one while there are few."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from calico_bgp.messages.words import count
from calico_bgp.report.picture.diagram import EXTERNALS, REFLECTORS, Diagram, Link, LinkState, NodeState
from calico_bgp.report.picture.geometry import Curve, Rect, above, aside, between, straight, upwards, within
from calico_bgp.report.picture.placing import TITLE, Placed

#: So many sessions of one group with one node are drawn one by one; more are one thick line with their number.
_SINGLE = 8
#: So many of a node that has no session left are one line.
_ALIKE = 3
#: So many in the whole picture.
_ALL_SINGLE = 48
#: In so few reflectors each session between them is a line.
_FEW_REFLECTORS = 4
_HUB = "the mesh"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a picture.

    Attributes:
        curve: Where.
        state: Of the sessions that it stands for.
        title: What it stands for, in words.
        number: How many sessions; 1 for a single one.
        label: What stands on it; None where its symbol says all.
        faint: Whether it is one of many that are as they should be.
    """

    curve: Curve
    state: LinkState
    title: str
    number: int = 1
    label: str | None = None
    faint: bool = False


@dataclass
class _Bundle:
    total: int = 0
    up: int = 0
    broken: list[Link] = field(default_factory=list)

    def add(self, link: Link) -> None:
        self.total += len(link.states)
        self.up += _sessions((link,), LinkState.UP)
        if link.state is not LinkState.UP:
            self.broken.append(link)

    @property
    def share(self) -> str:
        return f"{self.up:,} of {self.total:,}"

    @property
    def words(self) -> str:
        return f"{self.up:,} of {count(self.total, 'session')} {LinkState.UP.words}"


def _sessions(links: Iterable[Link], state: LinkState) -> int:
    """How many sessions are in a state: a link is one for each family."""
    return sum(of_family is state for link in links for _, of_family in link.states)


def lines_of(diagram: Diagram, placed: Placed) -> list[Line]:
    """All lines, those that are as they should be first, so that the others lie on top."""
    lines = list(_ring(diagram, placed) if placed.is_ring else _bundled(diagram, placed))
    order = [LinkState.UP, LinkState.UNKNOWN, LinkState.RECOVERING, LinkState.DOWN]
    return sorted(lines, key=lambda line: order.index(line.state))


def inner_counts(diagram: Diagram) -> dict[int, str]:
    """Group → `3 of 3` sessions within it, where it has any."""
    bundles: defaultdict[int, _Bundle] = defaultdict(_Bundle)
    for link in diagram.links:
        a, b = diagram.place_of[link.a], diagram.place_of[link.b]
        if a == b:
            bundles[a].add(link)
    return {place: bundle.share for place, bundle in bundles.items()}


def _ring(diagram: Diagram, placed: Placed) -> Iterator[Line]:
    for link in diagram.links:
        join = between if diagram.place_of[link.b] == EXTERNALS else straight
        curve = join(placed.chips[link.a], placed.chips[link.b])
        yield Line(curve, link.state, link.words, faint=link.state is LinkState.UP)


def _bundled(diagram: Diagram, placed: Placed) -> Iterator[Line]:
    bundles: defaultdict[tuple[int, int | str], _Bundle] = defaultdict(_Bundle)
    dead = {spot.name for spot in diagram.spots if spot.state is NodeState.DOWN} if placed.hub else set()
    of_dead: defaultdict[str, _Bundle] = defaultdict(_Bundle)
    for link in diagram.links:
        a, b = diagram.place_of[link.a], diagram.place_of[link.b]
        if b == EXTERNALS:
            bundles[a, link.b].add(link)
        elif placed.hub is not None:
            dead_ends = dead & {link.a, link.b}
            for place in {a, b}:
                bundles[place, _HUB].add(link)
            for name in sorted(dead_ends)[:1]:
                of_dead[name].add(link)
        elif a == b == REFLECTORS and len(diagram.reflectors) <= _FEW_REFLECTORS:
            curve = within(placed.chips[link.a], placed.chips[link.b])
            yield Line(curve, link.state, link.words)
        else:
            bundles[min(a, b), max(a, b)].add(link)
    single = sum(len(bundle.broken) for bundle in bundles.values()) <= _ALL_SINGLE
    drawn: set[Link] = {link for bundle in of_dead.values() for link in bundle.broken}
    for name, bundle in of_dead.items():
        assert placed.hub is not None, "only the nodes of a mesh are joined by it"
        curve = between(placed.chips[name], placed.hub)
        down = _sessions(bundle.broken, LinkState.DOWN)
        title = f"{name}: {count(down, 'session')} {LinkState.DOWN.words}"
        yield Line(curve, LinkState.DOWN, title, down, f"✗ {down:,} down")
    for (place, target), bundle in bundles.items():
        if target != place and bundle.up:
            yield _whole(diagram, placed, place, target, bundle)
        broken = [link for link in bundle.broken if link not in drawn]
        drawn.update(broken)
        yield from _broken(diagram, placed, broken, single=single)


def _whole(diagram: Diagram, placed: Placed, place: int, target: int | str, bundle: _Bundle) -> Line:
    names = [_title(diagram, end) for end in (place, target)]
    title = f"{names[0]} \N{LEFT RIGHT ARROW} {names[1]}: {bundle.words}"
    return Line(_way(placed, place, target), LinkState.UP, title, bundle.up, bundle.share)


def _way(placed: Placed, place: int, target: int | str) -> Curve:
    """Bundles leave a frame at its title, where no node stands; external peers are reached from above."""
    box = placed.boxes[place].rect
    if isinstance(target, str) and target != _HUB:
        chip = placed.chips[target]
        middle = placed.hub or (placed.boxes[REFLECTORS].rect if REFLECTORS in placed.boxes else None)
        if middle is not None and box.y > middle.bottom:
            return aside(chip, box, min(max(middle.right + 36, box.x + 20), box.right - 20))
        return above(chip, box)
    target_box = placed.hub if target == _HUB and placed.hub else placed.boxes[int(target)].rect
    if box.right <= target_box.x or target_box.right <= box.x:
        return between(_title_of(box), target_box if target == _HUB else _title_of(target_box))
    return above(_left_of(box), target_box if target == _HUB else _left_of(target_box))


def _title_of(rect: Rect) -> Rect:
    return Rect(rect.x, rect.y, rect.width, TITLE)


def _left_of(rect: Rect) -> Rect:
    return Rect(rect.x, rect.y, rect.width * 0.6, rect.height)


def _title(diagram: Diagram, place: int | str) -> str:
    if isinstance(place, str):
        return place
    return "route reflectors" if place == REFLECTORS else diagram.groups[place].title


def _broken(diagram: Diagram, placed: Placed, links: Iterable[Link], *, single: bool) -> Iterator[Line]:
    """One by one, or where there are many: those of one state and one end together, from the other ends' group."""
    by_end: defaultdict[tuple[str, int, LinkState], list[Link]] = defaultdict(list)
    dead = {spot.name for spot in diagram.spots if spot.state is NodeState.DOWN and spot.causes}
    of_dead: Counter[tuple[str, int]] = Counter()
    links = list(links)
    for link in links:
        for name in dead & {link.a, link.b}:
            of_dead[name, diagram.place_of[link.far(name)]] += 1
    for link in links:
        a, b = diagram.place_of[link.a], diagram.place_of[link.b]
        # The one of the two that many others have: the reflector, the external peer.
        hub, far = (link.b, a) if b < a or b == EXTERNALS else (link.a, b)
        # All sessions of a dead node say the same one thing.
        if link.a in dead and of_dead[link.a, b] >= _ALIKE > of_dead[hub, far]:
            hub, far = link.a, b
        elif link.b in dead and of_dead[link.b, a] >= _ALIKE > of_dead[hub, far]:
            hub, far = link.b, a
        by_end[hub, far, link.state].append(link)
    for (hub, far, state), alike in by_end.items():
        is_dead = hub in dead and len(alike) >= _ALIKE and far in placed.boxes
        if (not is_dead and single and len(alike) <= _SINGLE) or len(alike) == 1 or diagram.place_of[hub] == far:
            for link in alike[: _SINGLE * 2]:
                yield Line(_single(diagram, placed, link), link.state, link.words)
            continue
        number = _sessions(alike, state)
        title = f"{hub} \N{LEFT RIGHT ARROW} {_title(diagram, far)}: {count(number, 'session')} {state.words}"
        word = {LinkState.DOWN: "down", LinkState.RECOVERING: "restarting"}.get(state, "not known")
        yield Line(_from_box(diagram, placed, hub, far), state, title, number, f"{state.symbol} {number:,} {word}")


def _from_box(diagram: Diagram, placed: Placed, hub: str, far: int) -> Curve:
    chip, box = placed.chips[hub], placed.boxes[far].rect
    if diagram.place_of[hub] == REFLECTORS and box.y > placed.boxes[REFLECTORS].rect.bottom:
        return upwards(box, chip)
    return between(chip, box)


def _single(diagram: Diagram, placed: Placed, link: Link) -> Curve:
    one, other = placed.chips[link.a], placed.chips[link.b]
    places = {diagram.place_of[link.a], diagram.place_of[link.b]}
    if len(places) == 1:
        return within(one, other)
    upper, lower = (one, other) if one.y <= other.y else (other, one)
    if REFLECTORS in places and EXTERNALS not in places and lower.y > placed.boxes[REFLECTORS].rect.bottom:
        return upwards(lower, upper)
    return between(one, other)
