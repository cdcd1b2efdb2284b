"""Recognises the lines by which programs say that a host could not be asked, and what to do about each. No sections."""

from __future__ import annotations

import re
from typing import NamedTuple

from calico_bgp.model.stage import Stage
from calico_bgp.parse.pasted.hosts.names import Named, name_in
from calico_bgp.parse.pasted.lines.patterns import LinePattern
from calico_bgp.upstream import POD_SELECTOR

_HOST = r"(?P<host>\[?[\w.:@-]+?\]?)"
_BIRDCL = (
    "ask BIRD in the calico-node pod of that node: kubectl exec -n calico-system (or kube-system) POD -c calico-node "
    "-- birdcl show protocols"
)
_NETWORK = "is the host up, and its SSH port reachable from where the command ran?"
_LOGIN = "check the user and the key for that host, then run the command there again"
_POD = "look at that pod (kubectl describe pod, kubectl logs): it must run before it can be asked"
#: How shells say "not found" in other languages.
_MISSING = (
    "not found|(?:Kommando|Befehl) nicht gefunden|commande introuvable|orden no encontrada|no se encontró la orden|"
    "comando não encontrado|comando non trovato|nie znaleziono polecenia|команда не найдена|未找到命令|"
    "コマンドが見つかりません|명령어를 찾을 수 없음"
)
_ROOT = "run it with sudo, as root"


class Reason(NamedTuple):
    """Why a host said nothing.

    Attributes:
        text: The line as it stands.
        stage: Where it failed.
        hint: What to do.
        host: Whom the line names; None where it speaks of the host whose output it is.
    """

    text: str
    stage: Stage
    hint: str | None
    host: Named | None = None

    @property
    def is_instead(self) -> bool:
        """Whether it is said in the place of an answer: nobody says it behind one."""
        return _INSTEAD.match(self.text) is not None


#: (pattern, stage, what to do); the first that matches counts. `host` is whom it names.
_ROWS: tuple[tuple[str, Stage, str], ...] = (
    (rf"ssh: connect to host {_HOST} port \d+: .+", Stage.CONNECT, _NETWORK),
    (rf"ssh: Could not resolve hostname {_HOST}: .+", Stage.RESOLVE, "check the name, or use the address"),
    (rf"(?:ssh: )?{_HOST}: Permission denied \(.+\)\.?", Stage.AUTHENTICATE, _LOGIN),
    (r"Permission denied, please try again\.|Permission denied \(publickey.*\)\.?", Stage.AUTHENTICATE, _LOGIN),
    (r"Host key verification failed\.?", Stage.HOST_KEY, "compare the host key, then put it into known_hosts"),
    (
        r".*REMOTE HOST IDENTIFICATION HAS CHANGED.*",
        Stage.HOST_KEY,
        "compare the host key, then put it into known_hosts",
    ),
    (
        rf"(?:Connection (?:closed|reset) by|Received disconnect from) (?:\w+ user \S+ )?{_HOST}(?: port \d+.*)?",
        Stage.CONNECT,
        _NETWORK,
    ),
    (rf"Connection to {_HOST} (?:closed by remote host|timed out).*", Stage.CONNECT, _NETWORK),
    (rf"Timeout, server {_HOST} not responding.*", Stage.TIMEOUT, _NETWORK),
    (
        r"(?:kex_exchange_identification|ssh_exchange_identification|ssh_dispatch_run_fatal): .+",
        Stage.CONNECT,
        _NETWORK,
    ),
    (r"Connection timed out during banner exchange.*", Stage.CONNECT, _NETWORK),
    (
        rf"(?:pdsh|dsh)@[\w.-]+: {_HOST}: (?:ssh exited|connect|mcmd|command timeout|timed out|.*exit).*",
        Stage.COMMAND,
        _NETWORK,
    ),
    (rf"clush: {_HOST}(?: \(\d+\))?: (?:exited with exit code \d+|command timeout.*|.*)", Stage.COMMAND, _NETWORK),
    (
        r"ssh exited with exit code \d+|exited with exit code \d+|Exited with error code \d+.*|Timed out, Killed.*",
        Stage.COMMAND,
        _NETWORK,
    ),
    (r"Minion did not return\..*|No response|Not connected", Stage.TIMEOUT, "is the salt minion running there?"),
    (r"Salt request timed out.*", Stage.TIMEOUT, "ask again with a longer --timeout"),
    (r".*\bFailed to connect to the host via ssh\b.*", Stage.CONNECT, _NETWORK),
    (r"error: unable to upgrade connection: .+", Stage.COMMAND, _POD),
    (
        r'Error from server \(NotFound\): pods? "(?P<host>[\w.-]+)" not found',
        Stage.COMMAND,
        f"list the pods again: kubectl get pods -A -l {POD_SELECTOR} -o wide",
    ),
    (
        r'Error from server \(NotFound\): nodes? "(?P<host>[\w.-]+)" not found',
        Stage.COMMAND,
        "list the nodes again: kubectl get nodes",
    ),
    (r'Error from server(?: \([A-Za-z]+\))?: .*?pods? "?(?P<host>calico-node-\w+)"?.*', Stage.COMMAND, _POD),
    (
        r"Error from server: error dialing backend: dial tcp: lookup (?P<host>[\w.-]+)\b.*",
        Stage.CONNECT,
        "does the kubelet of that node run?",
    ),
    (
        r"Error from server: error dialing backend: dial tcp (?P<host>[\d.]+):\d+: .+",
        Stage.CONNECT,
        "does the kubelet of that node run?",
    ),
    (r"Error from server(?: \([A-Za-z]+\))?: .+", Stage.COMMAND, "kubectl could not ask that node; see its message"),
    (r'error: .*\bpod[s/ ]+"?(?P<host>calico-node-\w+)"?.*', Stage.COMMAND, _POD),
    (
        r"error: (?:cannot exec|Internal error|timed out waiting|container .* not found|no running container).*",
        Stage.COMMAND,
        _POD,
    ),
    (
        r'error: (?:You must be logged in|the server doesn.t have a resource type|unknown command "calico").*',
        Stage.COMMAND,
        _BIRDCL,
    ),
    (r"Error response from daemon: .+", Stage.COMMAND, "is the calico-node container running there?"),
    (
        r"OCI runtime exec failed: .+",
        Stage.COMMAND,
        "that container has no such program: use birdcl, or calicoctl on the host",
    ),
    (
        r"(?:E\d{4} [\d:.]+ +\d+ \S+\] )?.*\brpc error: code = .+",
        Stage.COMMAND,
        "does the container runtime of that node run?",
    ),
    (
        (
            rf".*\bcalicoctl\S* ?: .*(?:{_MISSING}|No such file).*|.*(?:not found|Unknown command): calicoctl.*"
            r"|Command 'calicoctl' not found.*|.*file not found in \$PATH.*"
        ),
        Stage.COMMAND,
        f"calicoctl is not installed there: install it, or {_BIRDCL}",
    ),
    (
        rf"\S+: (?:line \d+: )?(?:\d+: )?\S+ ?: (?:command )?(?:{_MISSING})\.?|\S+: command not found",
        Stage.COMMAND,
        f"install the program there, or {_BIRDCL}",
    ),
    (r"Version mismatch\.?", Stage.COMMAND, "run it again with: calicoctl node status --allow-version-mismatch"),
    (
        r"Client Version: .*|Cluster Version: .*|Use --allow-version-mismatch.*",
        Stage.COMMAND,
        "run it again with: calicoctl node status --allow-version-mismatch",
    ),
    (r"Need super user privileges.*|.*must be run as root.*", Stage.COMMAND, _ROOT),
    (r"sudo: .+|.* is not in the sudoers file.*|Sorry, (?:user|try).*|.*: Permission denied", Stage.COMMAND, _ROOT),
    (
        r"Error executing command: .+|error executing command: .+|Failed to execute .+|Failed to create .+ client.*",
        Stage.COMMAND,
        "see the message of calicoctl",
    ),
    (
        r"Unable to connect to server control socket.*|Error getting bird.*",
        Stage.COMMAND,
        "is BIRD running in that pod? kubectl logs of it says why not",
    ),
    (
        r"The connection to the server \S+ was refused.*|Unable to connect to the server: .+",
        Stage.CONNECT,
        "the Kubernetes API could not be reached",
    ),
    (r"command terminated with exit code \d+", Stage.COMMAND, "see what the command printed above"),
    (r"non-zero return code", Stage.COMMAND, "see what the command printed above"),
)
#: `sudo: unable to resolve host` is said beside answers; so are exit codes, and what calicoctl itself complains about.
_INSTEAD = LinePattern(
    r"error: (?:unable to upgrade connection|cannot exec|timed out waiting|container .* not found|no running container)"
    r"|Error from server|Error response from daemon: |OCI runtime exec failed: "
    rf"|.*\b(?:calicoctl|birdcl?6?)\S* ?: .*(?:{_MISSING}|No such file)|.*(?:not found|Unknown command): calicoctl"
    r"|Command 'calicoctl' not found|Need super user privileges|.*must be run as root"
    r"|sudo: (?!unable to resolve)|.* is not in the sudoers file",
    re.IGNORECASE,
)
#: The same inside a line, where nothing but the complaint itself is of it: a value of a data structure, a sentence.
_INSIDE = tuple(
    (LinePattern(pattern, limit=1_000), stage, hint)
    for pattern, stage, hint in (
        (
            r"ssh: connect to host (?P<host>\[?[\w.:@-]{1,253}\]?) port \d{1,5}: [^\W\d]+(?: [^\W\d]+){0,9}",
            Stage.CONNECT,
            _NETWORK,
        ),
        (
            r"ssh: Could not resolve hostname (?P<host>[\w.:@-]{1,253}): [^\W\d]+(?: [^\W\d]+){0,9}",
            Stage.RESOLVE,
            "check the name, or use the address",
        ),
        (r"(?<![^\s\[({,])(?P<host>[\w.@-]{1,253})\]?: UNREACHABLE!", Stage.CONNECT, _NETWORK),
    )
)
_LONGEST = 1_000
_PATTERNS = tuple((LinePattern(rf"\s*(?:{pattern})", re.IGNORECASE), stage, hint) for pattern, stage, hint in _ROWS)
# Every pattern holds one of these: the rest need not be tried.
_WORDS = (
    "ssh", "denied", "host key", "host identification", "connection", "timeout", "timed out", "clush", "exit", "return",
    "response", "connected", "error", "not found", "no such file", "mismatch", "version", "root", "privileges", "sudo",
    "sorry", "socket", "daemon", "failed", "server", "calicoctl", "gefunden", "introuvable", "encontr", "não",
    "trovato", "znaleziono", "найдена", "未找到", "見つかり", "찾을", "unreachable!",
)  # fmt: skip


def read_reason(line: str) -> Reason | None:
    """Why a host said nothing, where the line says so."""
    if len(line) > _LONGEST:
        return None
    lowered = line.lower()
    if not any(word in lowered for word in _WORDS):
        return None
    # A fence or a quote stands at the ends of what was put between some.
    bare = line.strip(" `'\"")
    for pattern, stage, hint in _PATTERNS:
        match = pattern.fullmatch(bare)
        if match is not None:
            host = match.groupdict().get("host")
            return Reason(bare, stage, hint, None if host is None else name_in(host.strip("[]")))
    for pattern, stage, hint in _INSIDE:
        match = pattern.search(bare)
        if match is not None and (named := name_in(match["host"].strip("[]"))) is not None:
            return Reason(match[0], stage, hint, named)
    return None


def explain_silence(messages: tuple[str, ...]) -> tuple[Stage, str | None]:
    """Where reading a host failed and what to do, by what was printed instead of a status."""
    reasons = [reason for message in messages if (reason := read_reason(message)) is not None]
    if not reasons:
        return Stage.PARSE, f"run sudo calicoctl node status there, or {_BIRDCL}"
    return reasons[0].stage, reasons[0].hint
