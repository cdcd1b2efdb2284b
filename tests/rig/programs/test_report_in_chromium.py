"""Pages in a real browser: nothing is refused, asked for or wrong, and they can be read in every way promised."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from calico_bgp.auditing.diff import diff_snapshots
from calico_bgp.changes.change import RemoveNode
from calico_bgp.model.peer import Family
from calico_bgp.report.html.answers import whatif_to_html
from calico_bgp.report.html.audit import audit_to_html
from calico_bgp.report.html.diff import diff_to_html
from calico_bgp.report.picture.svg import report_to_svg
from calico_bgp.whatif.question import what_if_resources
from tests.rig.programs.chromium import browser, chromium
from tests.unit.report.lab_reports import report_of

pytestmark = [pytest.mark.rig, pytest.mark.timeout(300)]
needs_chromium = pytest.mark.skipif(chromium() is None, reason="Chromium is not installed (Debian's package chromium)")
needs_tidy = pytest.mark.skipif(shutil.which("tidy") is None, reason="tidy is not installed (Debian's package tidy)")

HOSTILE = '<script>alert(1)</script><img src="https://example.com/x" onerror="alert(2)">&quot;" onload="x'


def outage():
    return report_of("bird-down:node1", "link-cut:node2,node4", nodes=6)


def difference():
    (before, old), (after, new) = report_of(nodes=6), outage()
    return diff_to_html(diff_snapshots(old, new, reports=(before, after)))


def change():
    _, snapshot = report_of(nodes=6, reflectors=1)
    return whatif_to_html(what_if_resources(snapshot.resources, [RemoveNode("node1")]))


def hostile():
    report, snapshot = outage()
    evil = [
        cause.model_copy(
            update={"said": None, "title": HOSTILE, "what": HOSTILE, "where": (HOSTILE,), "evidence": (HOSTILE,)}
        )
        for cause in report.causes
    ]
    return audit_to_html(report.model_copy(update={"causes": tuple(evil), "cluster": HOSTILE}), snapshot)


PAGES = {
    "healthy": lambda: audit_to_html(*report_of(nodes=6)),
    "outage": lambda: audit_to_html(*outage()),
    "300 nodes": lambda: audit_to_html(
        *report_of("bird-down:node1", "node-down:node120", "link-cut:node2,node40", nodes=300, reflectors=4, zones=4)
    ),
    "dual stack": lambda: audit_to_html(*report_of("bird6-down:node5", nodes=8, families=tuple(Family), zones=3)),
    "unknown": lambda: audit_to_html(*report_of("no-sudo:node5", resources=False, nodes=6)),
    "diff": difference,
    "whatif": change,
    "hostile": hostile,
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Name → the file of a page."""
    folder = tmp_path_factory.mktemp("pages")
    files = {}
    for name, made in PAGES.items():
        files[name] = folder / f"{name.replace(' ', '-')}.html"
        files[name].write_text(made(), encoding="utf-8")
    return files


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    """One browser for all pages."""
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


each_page = pytest.mark.parametrize("name", PAGES)


@needs_tidy
@each_page
def test_tidy_has_no_complaint(pages, name):
    done = subprocess.run(["tidy", "-q", "-e", pages[name]], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stderr, done.returncode) == ("", 0)


@needs_chromium
@each_page
def test_nothing_is_refused_or_asked_for(tab, pages, name):
    tab.open(pages[name])
    assert tab.complaints == []
    assert tab.requests == [pages[name].as_uri()]
    # The script ran: without a command and without anything to unfold it has nothing to do.
    folds = tab.run("document.querySelectorAll('details').length")
    assert tab.run("document.querySelectorAll('button').length > 0") == (folds > 1)
    assert tab.run("document.querySelectorAll('img,script:not(:last-child)').length") == 0


@needs_chromium
def test_the_policy_refuses_what_would_get_in(tab, pages, tmp_path):
    """What would happen if a text were taken for markup after all."""
    html = pages["outage"].read_text("utf-8")
    attack = '<main><script>document.title="run"</script><img src="http://192.0.2.1/x">'
    attack += '<p style="color:red" id="styled">x</p>'
    broken = tmp_path / "broken.html"
    broken.write_text(html.replace("<main>", attack, 1), encoding="utf-8")
    tab.open(broken)
    assert tab.run("document.title") != "run"
    assert tab.run("getComputedStyle(document.getElementById('styled')).color") != "rgb(255, 0, 0)"
    assert sum("Content Security Policy" in complaint for complaint in tab.complaints) == 3


@needs_chromium
@each_page
def test_it_fits_a_phone(tab, pages, name):
    tab.open(pages[name], width=400)
    assert tab.run("document.documentElement.scrollWidth") <= 400
    # Whoever is wider has a frame that scrolls.
    wide = """[...document.querySelectorAll('.cb *')].filter(e => e.getBoundingClientRect().right > 401
        && !e.closest('.scroll') && !e.closest('svg')).map(e => e.outerHTML.slice(0, 80))"""
    assert tab.run(wide) == []


@needs_chromium
def test_each_cause_unfolds_by_keyboard(tab, pages):
    tab.open(pages["outage"])
    reached = []
    for _ in range(60):
        tab.press("Tab", 9)
        name = tab.run("document.activeElement.tagName + ':' + document.activeElement.textContent.slice(0, 40)")
        if name.startswith("BODY"):
            break
        reached.append(name)
        if name.startswith("SUMMARY") and ("BIRD" in name or "node2" in name):
            tab.press("Enter", 13, "\r")
    assert "SUMMARY:BIRD does not run on node1, the host is " in reached
    assert "SUMMARY:node2 and node4 do not reach each other " in reached
    assert tab.run("document.querySelectorAll('tr.more details[open]').length") == 2
    assert any(name.startswith("BUTTON:Copy") for name in reached)
    # Nothing that can be reached lies outside of what is shown, and every button has a name.
    assert tab.run("[...document.querySelectorAll('button')].every(b => b.textContent.trim() || b.ariaLabel)")


@needs_chromium
def test_all_is_there_without_script(tab, pages):
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(pages["outage"])
        root = tab.call("DOM.getDocument", depth=-1)["root"]
        found = tab.call("DOM.querySelectorAll", nodeId=root["nodeId"], selector="button")["nodeIds"]
        assert found == []
        details = tab.call("DOM.querySelectorAll", nodeId=root["nodeId"], selector="details")["nodeIds"]
        assert len(details) >= 3
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)


@needs_chromium
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@each_page
def test_axe_finds_nothing_serious(tab, pages, name, dark):
    axe = pytest.importorskip("axe_core_python")
    tab.open(pages[name], dark=dark)
    tab.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    tab.run((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8") + ";0")
    found = tab.run(
        "axe.run(document).then(r => r.violations.map(v => [v.id, v.impact, v.nodes[0].html.slice(0, 200)]))"
    )
    assert [violation for violation in found if violation[1] in {"serious", "critical"}] == []


@needs_chromium
def test_on_paper_every_cause_is_unfolded(tab, pages, tmp_path):
    tab.open(pages["outage"])
    printed = tab.pdf()
    assert printed.startswith(b"%PDF")
    assert tab.run("matchMedia('print').matches") is False
    # What was unfolded for paper is folded again.
    assert tab.run("document.querySelectorAll('details[open]').length") == 0
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 2


@needs_chromium
def test_the_picture_alone_is_no_less_silent(tab, tmp_path):
    file = tmp_path / "bgp.svg"
    file.write_text(report_to_svg(*outage()), encoding="utf-8")
    tab.open(file)
    assert tab.complaints == []
    assert tab.requests == [file.as_uri()]
    # Every text is inside of the picture, and no label is wider than the node that it stands on.
    wide = """[...document.querySelectorAll('g')].filter(g => g.querySelector(':scope > title + .chip')).map(g => {
        const chip = g.querySelector('.chip').getBBox(), text = g.querySelector('text:not(.mark)').getBBox();
        return text.x + text.width - chip.x - chip.width; })"""
    over = tab.run(wide)
    assert len(over) == 6
    assert max(over) < 0
