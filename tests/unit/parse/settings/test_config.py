"""calico-bgp.toml: what it may say, what is wrong with it and on which line, and what an exception applies to."""

from datetime import UTC, date, datetime, time
from ipaddress import ip_address
from zoneinfo import ZoneInfo

import pytest

from calico_bgp.errors import ConfigError
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Finding, Severity
from calico_bgp.model.reports.subject import AddressSubject, ClusterSubject, NodeSubject, SessionSubject, Subject
from calico_bgp.model.settings.config import Config, Ignore
from calico_bgp.model.settings.maintenance import MaintenanceWindow
from calico_bgp.parse.settings.config import parse_config

GOOD = """\
# accepted by the network team
[[ignore]]
rule = "single-reflector"
reason = "the second one arrives in May"
until = 2027-05-31

[[ignore]]
rule = "peer-missing"
subject = "node1*"
reason = "rack 1 is being rebuilt"
"""


def errors(text: str, known_rules=None) -> list[tuple[int | None, str]]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, known_rules=known_rules)
    assert {problem.source for problem in caught.value.problems} == {"calico-bgp.toml"}
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_a_good_file():
    config = parse_config(GOOD, source="x.toml", known_rules={"single-reflector", "peer-missing"})
    assert config == Config(
        ignore=(
            Ignore(
                "single-reflector", "the second one arrives in May", until=date(2027, 5, 31), source="x.toml", line=2
            ),
            Ignore("peer-missing", "rack 1 is being rebuilt", subject="node1*", source="x.toml", line=7),
        )
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "\ufeff\r\n", "ignore = []"])
def test_an_empty_file_accepts_nothing(text):
    assert parse_config(text) == Config()


def test_crlf_and_bom():
    assert parse_config("\ufeff" + GOOD.replace("\n", "\r\n")) == parse_config(GOOD)


def test_inline_tables_have_no_line():
    (entry,) = parse_config('ignore = [{rule = "a", reason = "b"}]').ignore
    assert entry.line is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = \n", [(1, "not TOML: Invalid value")]),
        ("[[ignore]]\nrule = 'a'\nrule = 'b'\n", [(3, "not TOML: Cannot overwrite a value")]),
        ("[[ignore", [(None, "not TOML: Expected ']]' at the end of an array declaration (at end of document)")]),
        ("x = " + "[" * 5_000, [(None, "not TOML: nested too deeply")]),
        ("ignore = 3", [(1, "ignore is no list of tables")]),
        ("[ignore]\nrule = 'a'", [(1, "ignore is no list of tables")]),
        ("\n[[ignored]]\n", [(2, "unknown key 'ignored', did you mean ignore?")]),
        ("\nfail_on = 'error'\n", [(2, "unknown key 'fail_on'")]),
        ("[[ignore]]\n", [(1, "[[ignore]]: rule is missing"), (1, "[[ignore]]: reason is missing")]),
        ("[[ignore]]\nrule = 'a'\nreason = ' '", [(3, "[[ignore]]: reason is empty")]),
        ("[[ignore]]\nrule = 1\nreason = 'b'", [(2, "[[ignore]]: rule is no text")]),
        ("[[ignore]]\nrule = 'a'\nreason = 'b'\nsubject = ''", [(4, "[[ignore]]: subject is empty")]),
        ("[[ignore]]\nrule = 'a'\nreason = 'b'\nuntil = '2027-01-31'", [(4, "[[ignore]]: until is no date")]),
        ("[[ignore]]\nrule = 'a'\nreason = 'b'\nuntil = 2027-01-31T00:00:00Z", [(4, "[[ignore]]: until is no date")]),
        (
            "[[ignore]]\nrule = 'a'\nreason = 'b'\nsubjekt = 'c'",
            [(4, "[[ignore]]: unknown key 'subjekt', did you mean subject?")],
        ),
    ],
)
def test_errors(text, expected):
    found = errors(text)
    assert [line for line, _ in found] == [line for line, _ in expected]
    assert all(message.startswith(start) for (_, message), (_, start) in zip(found, expected, strict=True)), found


def test_all_errors_at_once_each_at_its_own_entry():
    text = (
        GOOD + "\n[[ignore]]\nrule = 'peer-mising'\nraeson = 'x'\n\n[[ ignore ]]\nreason = 'y'\n[extra]\nreason = 1\n"
    )
    assert errors(text, known_rules={"single-reflector", "peer-missing"}) == [
        (12, "[[ignore]]: reason is missing"),
        (13, "[[ignore]]: unknown rule 'peer-mising', did you mean peer-missing?"),
        (14, "[[ignore]]: unknown key 'raeson', did you mean reason?"),
        (16, "[[ignore]]: rule is missing"),
        (18, "unknown key 'extra'"),
    ]


SESSION = SessionSubject.between("node12", "rr1", Family.IPV4)


@pytest.mark.parametrize(
    ("pattern", "subject", "matches"),
    [
        (None, SESSION, True),
        ("node12", SESSION, True),
        ("rr*", SESSION, True),
        ("node1", SESSION, False),
        ("node12 <-> rr1 (IPv4)", SESSION, True),
        ("node12 <-> rr1*", SESSION, True),
        ("*(IPv6)", SESSION, False),
        ("node12", NodeSubject(node="node12", family=Family.IPV6), True),
        ("node12 (IPv4)", NodeSubject(node="node12", family=Family.IPV6), False),
        ("NODE12", NodeSubject(node="node12"), False),
        ("10.0.0.*", AddressSubject(address=ip_address("10.0.0.7")), True),
        ("cluster*", ClusterSubject(family=Family.IPV4), True),
        ("file[1].txt:1", NodeSubject(node="file[1].txt:1"), True),
    ],
)
def test_what_a_subject_matches(pattern, subject: Subject, matches):
    entry = Ignore("r", "why", subject=pattern)
    assert entry.matches("r", subject) is matches
    assert not entry.matches("other", subject)


def test_until_is_the_last_day():
    finding = Finding(id="1", rule="r", severity=Severity.ERROR, subject=SESSION, message="m")
    config = Config(ignore=(Ignore("r", "soon", subject="rr1", until=date(2026, 12, 31)), Ignore("r", "rack", "node9")))
    assert config.ignored_by(finding, date(2026, 12, 31)) == config.ignore[0]
    assert config.ignored_by(finding, date(2027, 1, 1)) is None
    assert config.expired(date(2026, 12, 31)) == ()
    assert config.expired(date(2027, 1, 1)) == (config.ignore[0],)


def test_the_example_of_the_documentation(fixtures):
    text = (fixtures.parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    rules = {page.stem for page in (fixtures.parent.parent / "docs" / "rules").glob("*.md")}
    config = parse_config(example, known_rules=rules)
    assert [entry.until for entry in config.ignore] == [date(2027, 5, 31), None]


WINDOWS = """\
[[monitor.maintenance]]
reason = "new switches"
from = 2027-01-30T22:00:00Z
until = 2027-01-31T02:00:00Z
nodes = ["node1*"]

[[monitor.maintenance]]
reason = "patch night"
from = 22:00:00
until = 02:00:00
days = ["sat"]
timezone = "Europe/Berlin"
cluster = "prod"
"""


def test_maintenance_windows():
    once, weekly = parse_config(WINDOWS).maintenance
    assert once == MaintenanceWindow(
        "new switches",
        datetime(2027, 1, 30, 22, tzinfo=UTC),
        datetime(2027, 1, 31, 2, tzinfo=UTC),
        zone=UTC,
        nodes=("node1*",),
    )
    assert (weekly.start, weekly.end, weekly.days) == (time(22), time(2), ("sat",))
    assert (weekly.zone, weekly.cluster) == (ZoneInfo("Europe/Berlin"), "prod")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('reason = "new switches"\n', "", 1, "reason is missing"),
        ("2027-01-31T02", "2027-01-30T02", 4, "until is not after from"),
        ("from = 22:00:00", "from = 2027-01-30T22:00:00Z", 10, "from and until differ in kind"),
        ("from = 22:00:00", 'from = "22:00"', 9, "from is no time"),
        ('["sat"]', '["sut"]', 11, "days names 'sut', did you mean sun?"),
        ("Europe/Berlin", "Europe/Berlim", 12, "timezone 'Europe/Berlim' is not known here"),
        ('["node1*"]', '"node1*"', 5, "nodes is no list of names"),
        ("cluster", "clutser", 13, "unknown key 'clutser', did you mean cluster?"),
    ],
)
def test_what_is_wrong_with_a_window(old, new, line, message):
    assert (line, f"[[monitor.maintenance]]: {message}") in errors(WINDOWS.replace(old, new, 1))


def test_an_unknown_key_of_the_monitor():
    assert errors("[monitor]\nmaintenence = []\n") == [
        (2, "[monitor]: unknown key 'maintenence', did you mean maintenance?")
    ]


@pytest.mark.parametrize("text", ["monitor = 3", "[monitor]\nmaintenance = 3", "monitor.maintenance = [3]"])
def test_a_monitor_that_is_no_table(text):
    assert errors(text) == [(1, "monitor.maintenance is no list of tables")]
