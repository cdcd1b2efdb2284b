"""A plan for people: what it costs and its steps; with `-v` their commands, what is waited for, what the model says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from calico_bgp.changes.change import RemoveNode
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.check import AUDIT_AGAIN
from calico_bgp.model.reports.report import Finding
from calico_bgp.plan.moment import Moment
from calico_bgp.plan.plan import Awaited, Drain, Goal, Plan, PlanStep, PlanVerdict, waiting
from calico_bgp.report.plan.commands import commands, with_etcd
from calico_bgp.report.plan.overview import steps_table
from calico_bgp.report.plan.summary import summary
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.page import Page, TextStyle
from calico_bgp.report.text.sanitize import plain
from calico_bgp.routes.computed.losses import Group
from calico_bgp.shell_words import field_selector

_STYLES = {
    PlanVerdict.NOTHING_TO_DO: "bold green",
    PlanVerdict.LOSES_NOTHING: "bold green",
    PlanVerdict.DRAINED: "bold green",
    PlanVerdict.LOSES: "bold red",
}


def plan_to_text(plan: Plan, findings: Sequence[tuple[Finding, ...]], style: TextStyle | None = None) -> str:
    """The plan on one screen, or with everything that is to be run.

    Args:
        plan: The plan.
        findings: By step, what the lint will say then, of `step_findings`.
        style: How it is written, and whether with the commands (`verbose`).
    """
    style = style or TextStyle()
    page = Page(style)
    page.line(Text(str(plan.verdict).upper(), _STYLES[plan.verdict]), f"  {plan_words(plan)}", hang=2)
    for problem in plan.problems:
        page.line(plain(problem), indent=2, hang=2)
    facts = list(summary(plan))
    if facts and plan.choices and not style.verbose:
        facts.insert(1, ("reflectors", compress_names(choice.node for choice in plan.choices)))
    if facts:
        page.blank()
    for label, words in facts:
        page.line(Text(f"{label:<12}", "bold"), words, indent=2, hang=12)
    if not plan.steps or style.verbose:
        _everything(page, plan, findings)
        for line in closing_words(plan):
            page.blank()
            page.line(line, hang=2)
        return page.text()
    page.blank()
    steps_table(page, plan)
    page.blank()
    for line in closing_words(plan):
        page.line(line, hang=2)
    page.line(Text("Commands: the same with -v     Boxes to tick: --format markdown", "dim"))
    return page.text()


def _everything(page: Page, plan: Plan, findings: Sequence[tuple[Finding, ...]]) -> None:
    """Who becomes a reflector and why, and each step as it is carried out."""
    if plan.choices:
        page.blank()
        page.line(Text("reflectors", "bold"))
        width = max(len(plain(choice.node)) for choice in plan.choices)
        for choice in plan.choices:
            page.line(f"{plain(choice.node):{width}}  {plain(choice.why)}", indent=2, hang=width + 2)
    if plan.label is not None:
        key, value = map(plain, plan.label)
        page.line(f"with the label {key}={value} and, where they have none yet, the cluster ID {plan.cluster_id}")
    if plan.steps:
        page.line("every session that Calico's resources ask for is taken as Established", hang=2)
        if not waiting(plan.before):
            page.line(f"begin when this exits 0: {AUDIT_AGAIN.line}", wrap=False)
    for number, (step, of_step) in enumerate(zip(plan.steps, findings, strict=True), start=1):
        page.blank()
        page.line(Text(f"{number}. {plain(step.title)}", "bold"))
        _step(page, step, of_step)


def plan_words(plan: Plan) -> str:
    """The verdict in one sentence."""
    where = "to route reflectors" if plan.goal is Goal.REFLECTORS else "back to a mesh"
    steps = f"{count(len(plan.steps), 'step')} {where}"
    drained = compress_names(name for step in plan.steps if step.excused for name in step.drained)
    match plan.verdict:
        case PlanVerdict.NOTHING_TO_DO:
            return "the reflectors are there, and the mesh is off" if plan.choices else "every node is in the mesh"
        case PlanVerdict.LOSES_NOTHING:
            leaves = any(isinstance(action, RemoveNode) for step in plan.steps for action in step.actions)
            who = "every node that stays" if leaves else "every node"
            return f"{steps}: {who} keeps every other node's routes at every moment"
        case PlanVerdict.DRAINED:
            how = "are drained one by one" if plan.drains > 1 else "is drained"
            whose = "their" if plan.drains > 1 else "its"
            return f"{steps}: {drained} {how} while {whose} routes go for a moment; no other route does at any moment"
        case PlanVerdict.LOSES:
            return (
                "there is no such plan"
                if not plan.steps
                else f"{steps}, which do not keep every route: see where it says lost"
            )


def _step(page: Page, step: PlanStep, findings: Sequence[Finding]) -> None:
    page.line(plain(step.why), indent=3)
    page.line("run", indent=3)
    _commands(page, commands(step))
    if instead := with_etcd(step):
        page.line("or, where Calico's datastore is etcd, in the place of kubectl create", indent=3)
        _commands(page, instead)
    for families, awaited in awaited_words(step.awaited):
        page.line(f"wait until Established: {awaited} ({families})", indent=3, hang=2)
    for name in (action.node for action in step.actions if isinstance(action, Drain)):
        selector = field_selector("spec.nodeName", name)
        page.line(
            f"wait until its pods have left: kubectl get pods -A --field-selector {selector}", indent=3, wrap=False
        )
    if step.audited:
        page.line(f"go on when this exits 0: {AUDIT_AGAIN.line}", indent=3, wrap=False)
    if step.moments:
        expected = dict.fromkeys(f"{finding.severity} {finding.rule}" for finding in findings)
        if expected:
            page.line(f"the lint says by then, and a later step fixes: {', '.join(expected)}", indent=3, hang=2)
    for doubt in step.doubts:
        page.line(Text("not certain: ", "bold yellow"), plain(doubt), indent=3, hang=2)
    for words, is_loss in judged_words(step):
        page.line(Text("lost: " if is_loss else "model: ", "bold red" if is_loss else "green"), words, indent=3, hang=2)


def _commands(page: Page, texts: Sequence[str]) -> None:
    for text in texts:
        for line in text.split("\n"):
            # The shell wants the EOF of a manifest at the beginning of its line, also in what people copy.
            page.line(plain(line, limit=None), indent=0 if "\n" in text else 5, wrap=False)


def judged_words(step: PlanStep) -> Iterator[tuple[str, bool]]:
    """What the model says, families that fare alike in one line; and whether it is a loss."""
    by_words: dict[tuple[str, bool], list[Family]] = {}
    for moment in step.moments:
        for words_and_loss in _moment(moment, step.drained):
            by_words.setdefault(words_and_loss, []).append(moment.family)
    for (words, is_loss), families in by_words.items():
        yield f"{_labels(families)}: {words}", is_loss


def _moment(moment: Moment, drained: Sequence[str]) -> Iterator[tuple[str, bool]]:
    if moment.loses_nothing and not moment.excused:
        yield f"no route is lost, not even for a moment ({count(moment.pairs, 'route')})", False
    elif moment.loses_nothing:
        names = compress_names(drained)
        kept_routes = f"{moment.pairs - moment.excused:,} of {count(moment.pairs, 'route')} are kept at every moment"
        yield f"{kept_routes}; those to and from {names}, drained, are lost for a moment", False
    for group in moment.lost:
        yield f"for a moment {_group(group)}", True
    for group in moment.gone:
        yield f"for good {_group(group)}", True


def _group(group: Group) -> str:
    learners, origins = (compress_names(names) for names in (group.learners, group.origins))
    if group.everyone:
        return f"{learners}: all routes to and from everyone"
    if group.learners == group.origins:
        return f"{learners}: the routes among these"
    if group.mutual:
        return f"{learners} and {origins}: the routes between them"
    return f"{learners} no longer {'learns' if len(group.learners) == 1 else 'learn'} {origins}"


def awaited_words(awaited: Sequence[Awaited]) -> Iterator[tuple[str, str]]:
    """(families, sessions in words), families with the same sessions in one."""
    by_pairs: dict[tuple[tuple[str, str], ...], list[Family]] = {}
    for each in awaited:
        by_pairs.setdefault(each.pairs, []).append(each.family)
    for pairs, families in by_pairs.items():
        yield _labels(families), _sessions(pairs)


def _sessions(pairs: Sequence[tuple[str, str]]) -> str:
    ends = {end for pair in pairs for end in pair}
    common = set(pairs[0]).intersection(*pairs)
    if len(pairs) == 1:
        return f"{plain(pairs[0][0])} with {plain(pairs[0][1])}"
    if common:
        return f"{compress_names(common)} with {compress_names(ends - common)}"
    every = len(pairs) == len(ends) * (len(ends) - 1) // 2
    return f"{'every two' if every else count(len(pairs), 'session')} of {compress_names(ends)}"


def _labels(families: Sequence[Family]) -> str:
    return " and ".join(family.label for family in families)


def closing_words(plan: Plan) -> Iterator[str]:
    """What is to be known once all steps are done."""
    if plan.goal is Goal.MESH and plan.verdict is PlanVerdict.DRAINED:
        yield (
            "A reflector that carries no pods need not go into the mesh: it can leave the cluster, and no other node "
            "loses a route by that: --leaving NAME"
        )
    if plan.goal is not Goal.REFLECTORS or not plan.choices or plan.verdict is PlanVerdict.LOSES:
        return
    if plan.avoidable:
        new = "a new node joins as a reflector" if len(plan.avoidable) == 1 else "new nodes join as reflectors"
        yield (
            f"No node need be drained if {new} in the place of {compress_names(plan.avoidable)}, without pods and "
            "never in the mesh: --joining NAME=ADDRESS"
        )
    if plan.joined:
        stays = "stays" if len(plan.joined) == 1 else "stay"
        yield (
            f"{compress_names(plan.joined)} {stays} cordoned: a reflector without pods can leave the cluster again, "
            "and no other node loses a route by that. After its step, kubectl uncordon lets pods come."
        )
    if plan.single_points:
        what = "is a single point" if len(plan.single_points) == 1 else "are single points"
        yield f"In the end {compress_names(plan.single_points)} {what} of failure."
    else:
        yield "In the end any one reflector may fail, and the other nodes keep one another's routes."
