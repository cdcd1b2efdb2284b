"""Pastes commands into a real bash that finds nothing but stubs, which note what they were called with."""

import shlex
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

PROGRAMS = (
    "kubectl", "calicoctl", "sudo", "birdcl", "nc", "ping", "ssh", "ssh-keygen", "grep", "calico-bgp", "kubeadm",
    "ip", "ss", "dmesg",
)  # fmt: skip
#: What a hostile name asks for. Whatever runs it is broken.
FORBIDDEN = ("touch", "rm", "id", "on", "reboot")
STUB = """#!/bin/bash
{ printf '%s' "${0##*/}"; for word; do printf '\\x1f%s' "$word"; done; printf '\\x1e'; } >> "$CALLS"
"""

#: Names that a node, a file or a stranger may have, each of which does something where it is not kept from it.
HOSTILE = (
    "$(touch PWNED)", "`touch PWNED`", "a;touch PWNED", "a; touch PWNED", "a\ntouch PWNED\n", "a' ; touch PWNED ; '",
    'a" ; touch PWNED ; "', "a\x1b", "\x1b'; touch PWNED '", "a\x9b31m", "-rf", "--all=true", "a\u202etouch PWNED",
    "a|touch PWNED",
    "a && touch PWNED", ">PWNED", "a,metadata.namespace=b", "!touch", "a\\", "*", "~", "{a,b}", "#a", "a\rtouch PWNED",
    "x\nEOF\u202e\ntouch PWNED\n", "EOF", "", "a" * 3000, "a, then touch PWNED", "${PATH}", "\ud800", "A_b",
)  # fmt: skip


def paste(commands: Iterable[str], folder: Path) -> list[list[str]]:
    """Run commands as if somebody pasted them, each by itself; what was called with which words."""
    programs, here = folder / "bin", folder / "here"
    programs.mkdir()
    here.mkdir()
    for name in (*PROGRAMS, *FORBIDDEN):
        stub = programs / name
        stub.write_text(STUB)
        stub.chmod(stub.stat().st_mode | stat.S_IXUSR)
    asked = folder / "commands"
    asked.write_bytes(b"".join(command.encode("utf-8", "surrogatepass") + b"\0" for command in commands))
    subprocess.run(
        ["/bin/bash", "--norc", "--noprofile", "-c", 'while IFS= read -r -d "" c; do (eval "$c"); done < "$COMMANDS"'],
        cwd=here,
        env={"PATH": str(programs), "CALLS": str(folder / "calls"), "COMMANDS": str(asked)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert not list(here.iterdir()), "a file was made"
    noted = folder / "calls"
    calls = noted.read_text(encoding="utf-8", errors="surrogatepass") if noted.exists() else ""
    return [call.split("\x1f") for call in calls.split("\x1e") if call]


def check(commands: Iterable[str], folder: Path) -> None:
    """Nothing but stubs runs, each with the words that are meant, and what is unusable runs nothing."""
    commands = sorted(set(commands))
    assert commands
    for command in commands:
        assert all(line.isprintable() for line in command.split("\n")), f"{command!r} is not shown as it is"
    calls = paste(commands, folder)
    assert not [call for call in calls if call[0] in FORBIDDEN]
    plain = [command for command in commands if not any(mark in command for mark in ("$", "|", ";", "<<", "\n", ">"))]
    meant = [shlex.split(command) for command in plain]
    lost = [words for words in meant if words not in calls]
    assert not lost, f"not run as meant: {lost[:5]}"
    told = {word for call in calls for word in call}
    assert not [word for word in told if "\x1b" in word or "\u202e" in word]
