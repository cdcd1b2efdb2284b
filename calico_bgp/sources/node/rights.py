"""Why a command did not become root, told from what sudo and calicoctl print. Text in, error out."""

from __future__ import annotations

import re

from calico_bgp.errors import CommandFailed
from calico_bgp.model.inventory import Host
from calico_bgp.parse.answer.values import Answer

NO_ROOT_HINT = "log in as root, or install sudo with a line for that user (docs/ssh.md)"

# The words of sudo 1.8 to 1.9 (plugins/sudoers/sudoers.c, auth/sudo_auth.c, logging.c) and of sudo-rs.
_WANTS_PASSWORD = re.compile(r"password is required|interactive authentication is required|no password was provided")
_WRONG_PASSWORD = re.compile(r"incorrect password|[Ss]orry, try again|[Aa]uthentication failed")
_NOT_ALLOWED = re.compile(
    r"not in the sudoers|is not allowed to (execute|run)|may not run sudo|I'm sorry \S+\. I'm afraid"
)
_WANTS_TERMINAL = re.compile(r"must have a tty|terminal is required")
_NEEDS_ROOT = re.compile(r"Need super user privileges|must be run as root")


def raise_for_rights(answer: Answer, host: Host) -> None:
    """Raise when the answer shows that root rights were refused.

    Raises:
        CommandFailed: No root and no sudo, sudo wants a password or a terminal, a wrong password, or sudo forbids it;
            each with a hint.
    """
    texts = [answer.stderr] if answer.exit_code != 0 else []
    texts += [bird.text for bird in answer.birds if not bird.answered and bird.exit_code != 0]
    if any(bird.answered for bird in answer.birds) or (answer.exit_code == 0 and answer.stdout):
        return
    errors = "\n".join(texts)
    if answer.rights == "refused" and not _NOT_ALLOWED.search(errors):
        if _WRONG_PASSWORD.search(errors) or _WANTS_PASSWORD.search(errors):
            raise CommandFailed(
                "sudo did not take the password",
                "is it the password of that user on that host?",
                reason="wrong sudo password",
            )
        raise CommandFailed(f"sudo failed: {_last_line(errors)}", "run sudo by hand on that host")
    program = f"{answer.calicoctl} node status" if answer.calicoctl else "birdcl"
    user = host.user or "USER"
    line = f"{user} ALL=(root) NOPASSWD: {program}" if answer.calicoctl else f"{user} ALL=(root) NOPASSWD: ALL"
    if _NOT_ALLOWED.search(errors):
        raise CommandFailed(
            f"sudo does not allow the user to run {program}",
            f"a sudoers line that does (docs/ssh.md): {line}",
            reason="sudo not allowed",
        )
    if _WANTS_TERMINAL.search(errors):
        raise CommandFailed("sudo wants a terminal", f"a sudoers line against that: Defaults:{user} !requiretty")
    if _WANTS_PASSWORD.search(errors):
        raise CommandFailed(
            "sudo wants a password",
            f"use --ask-sudo-pass, or a sudoers line that needs none (docs/ssh.md): {line}",
            reason="sudo password",
            option="--ask-sudo-pass",
            remedy="a sudoers line that needs none",
        )
    if answer.rights == "none" and _NEEDS_ROOT.search(f"{answer.stdout or ''}\n{errors}"):
        raise CommandFailed("calicoctl needs root, and the user is not root and has no sudo", NO_ROOT_HINT)
    if answer.rights != "root" and answer.exit_code == 1 and not (answer.stdout or "").strip():
        sudo = [text for text in errors.splitlines() if text.startswith("sudo: ") and "unable to resolve" not in text]
        if sudo:
            raise CommandFailed(f"sudo failed: {sudo[-1].removeprefix('sudo: ')}", "run sudo by hand on that host")


def why_no_sudo(errors: str) -> str | None:
    """What sudo's words mean, None where they are none of its refusals."""
    for words, meaning in (
        (_NOT_ALLOWED, "sudo does not allow it"),
        (_WANTS_TERMINAL, "sudo wants a terminal"),
        (_WRONG_PASSWORD, "sudo did not take the password"),
        (_WANTS_PASSWORD, "sudo wants a password"),
    ):
        if words.search(errors):
            return meaning
    return None


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")[:200]
