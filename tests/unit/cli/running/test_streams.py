"""Standard streams that are closed, full, or read by nobody: the documented exit code, one message, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = (sys.executable, "-m", "calico_bgp")


def shell(command, *, cwd=None):
    """Run a line of bash in which `$BGP` is this program."""
    script = f"BGP='{' '.join(PROGRAM)}'; {command}"
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False, cwd=cwd)


@pytest.fixture(scope="module")
def commands(tmp_path_factory):
    """Every kind of command, with the exit code that it has on its own."""
    folder = tmp_path_factory.mktemp("streams")
    resources = folder / "mesh.yaml"
    resources.write_text(
        "\n---\n".join(
            f"apiVersion: projectcalico.org/v3\nkind: Node\nmetadata: {{name: n{number}}}\n"
            f"spec: {{bgp: {{ipv4Address: 10.0.0.{number}/24}}}}"
            for number in (1, 2, 3)
        )
    )
    paste = folder / "paste.txt"
    paste.write_text(
        "root@n1:~# calicoctl node status\nCalico process is running.\n\nIPv4 BGP status\n"
        "| 10.0.0.2 | node-to-node mesh | start | 10:00:00 | Active Socket: Connection refused |\n"
        "\nIPv6 BGP status\nNo IPv6 peers found.\n\n"
    )
    lines = [
        f"audit --pasted {paste}",
        f"parse {paste}",
        f"expect {resources}",
        f"reach --resources {resources}",
        "explain Idle",
        "--help",
    ]
    return {line: shell(f"$BGP {line}").returncode for line in lines}


def test_each_ends_as_it_should(commands):
    assert set(commands.values()) <= {0, 1, 3}, commands
    assert commands[next(line for line in commands if line.startswith("audit"))] == 1


@pytest.mark.parametrize(
    ("redirection", "code", "most"),
    [
        ("<&- 2>&-", None, 1),
        ("2> /dev/full", None, 1),
        ("<&- >&- 2>&-", 2, 1),
        ("> /dev/full", 2, 1),
        (">&-", 2, None),
        ("| true; exit ${PIPESTATUS[0]}", None, None),
    ],
)
def test_whatever_the_streams_are(commands, redirection, code, most):
    for line, own in list(commands.items())[:most]:
        done = shell(f"$BGP {line} {redirection}")
        assert done.returncode == (own if code is None else code), (line, done.stderr)
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr
        if code == 2 and "2>&-" not in redirection:
            assert done.stderr.startswith("calico-bgp: cannot read or write")


@pytest.mark.parametrize("line", ["parse -", "audit --pasted -", "explain -"])
def test_a_closed_standard_input_is_told(line):
    done = shell(f"$BGP {line} <&-")
    assert done.returncode == 2
    assert "standard input is closed" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_file_of_ours_takes_the_place_of_a_closed_stream(commands, tmp_path):
    """A message must not be written into a report that got the number of standard error."""
    line = next(line for line in commands if line.startswith("audit"))
    done = shell(f"$BGP {line} -o {tmp_path}/report.txt <&- >&- 2>&-")
    assert done.returncode == 1
    written = (tmp_path / "report.txt").read_text()
    assert written.startswith("✗ UNHEALTHY")
    assert written == shell(f"$BGP {line} -o /dev/stdout").stdout.replace("the report is in /dev/stdout", "")


@pytest.mark.parametrize("line", ["parse -", "lint -"])
def test_a_device_is_not_read(line):
    done = shell(f"$BGP {line} < /dev/zero")
    assert done.returncode == 2
    assert "it is a device" in done.stderr


def test_the_terminal_is_gone(commands):
    """After SIGHUP writing to the terminal fails with EIO; that is a reader who has gone, too."""
    line = next(line for line in commands if line.startswith("audit"))
    main, side = os.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *line.split()], stdin=side, stdout=side, stderr=side, start_new_session=True, cwd=Path.cwd()
    )
    os.close(main)
    os.close(side)
    assert process.wait(timeout=60) == 1


def run_in(locale, *words, program=PROGRAM):
    others = {
        key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON", "COLUMNS"))
    }
    return subprocess.run([*program, *words], capture_output=True, timeout=60, check=False, env=others | locale)


def test_the_c_locale_is_ascii(tmp_path):
    """Python takes UTF-8 for it; that is no word of the user's."""
    paste = tmp_path / "knötchen.txt"
    paste.write_text("root@n1:~# calicoctl node status\n| 10.0.0.2 | node-to-node mesh | start | 10:00:00 | Idle |\n")
    words = ("audit", "--pasted", str(paste))
    shown = run_in({"LC_ALL": "C"}, *words)
    first = shown.stdout.splitlines()[0]
    assert first.isascii()
    assert first.startswith(b"x UNHEALTHY ")
    # A name keeps its letters: what is copied must work.
    assert "knötchen.txt".encode() in shown.stdout
    for locale in ({"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C", "PYTHONUTF8": "1"}, {}):
        assert run_in(locale, *words).stdout.startswith("✗ UNHEALTHY ".encode()), locale


BAR = """
from rich.console import Console
from calico_bgp.cli.running.streams import steady_streams
with steady_streams():
    print(Console(stderr=True).options.ascii_only)
"""


@pytest.mark.parametrize(
    ("locale", "is_ascii"), [({"LC_ALL": "C"}, True), ({"LC_ALL": "POSIX"}, True), ({"LC_ALL": "C.UTF-8"}, False)]
)
def test_bars_of_the_c_locale_are_ascii(locale, is_ascii):
    done = run_in(locale, program=(sys.executable, "-c", BAR))
    assert done.stdout.decode().strip() == str(is_ascii), done.stderr
