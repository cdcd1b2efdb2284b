"""The user's own kubectl, for logins that are its business: `kubectl proxy` on a Unix socket only the user can reach.

While it runs, whoever may open the socket acts as the user in the cluster, exec included. So it lives in a folder of
mode 0700, is ended in every case, and its socket, which kubectl leaves behind, is removed with the folder. Where we
are ended in a way that leaves us no last word (SIGKILL), a shell does both that waits for our end of a pipe to close.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from calico_bgp.errors import CommandFailed
from calico_bgp.sources.kubernetes.connection.access import Access

#: kubectl proxy refuses exec by default; attach stays refused (kubectl/pkg/proxy/proxy_server.go).
_REJECT = "/pods/.*/attach"
#: A plugin may have to ask a cloud for a token before kubectl answers; kubectl itself starts in 0.1 s.
_START_SECONDS = 20.0
_END_SECONDS = 3.0
#: Becomes kubectl (so that its process number is kubectl's) and leaves a shell that reads a pipe nobody writes to: it
#: comes to its end when we do. $0 is the socket. A background command would have /dev/null for its input, hence fd 3.
_WATCHED = (
    "exec 3<&0 </dev/null; "
    '(read -r _ <&3; rm -f "$0"; rmdir "${0%/*}"; kill -TERM $$; sleep 1; kill -KILL -$$) >/dev/null 2>&1 & '
    'exec 3<&-; exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Kubectl:
    """A kubectl and the context that it works in."""

    program: str
    access: Access

    def command(self, *words: str) -> tuple[str, ...]:
        """A command line. Several kubeconfig files reach kubectl by KUBECONFIG, which it inherits from the user."""
        files = self.access.kubeconfig
        chosen = ("--kubeconfig", str(files[0])) if len(files) == 1 else ()
        context = ("--context", self.access.context) if self.access.context is not None else ()
        return (self.program, *chosen, *context, *words)


def find_kubectl(access: Access) -> Kubectl | None:
    """The kubectl on the user's PATH; None where there is none."""
    program = shutil.which("kubectl")
    return None if program is None else Kubectl(program, access)


@contextmanager
def kubectl_proxy(kubectl: Kubectl) -> Iterator[Path]:
    """Run `kubectl proxy` while the block does, and give its socket.

    Raises:
        CommandFailed: It did not start, with what it said.
    """
    with tempfile.TemporaryDirectory(prefix="calico-bgp-") as folder:  # mode 0700
        socket = Path(folder) / "proxy.sock"
        command = kubectl.command("proxy", "--unix-socket", str(socket), "--reject-paths", _REJECT)
        with tempfile.TemporaryFile() as output:
            try:
                process = subprocess.Popen(  # noqa: S603 - the user's own kubectl, by its path
                    ("/bin/sh", "-c", _WATCHED, str(socket), *command),
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    process_group=0,
                )
            except OSError as error:
                raise CommandFailed(f"{kubectl.program} cannot be run: {error.strerror or error}") from error
            try:
                _wait_for(socket, process, output)
                yield socket
            finally:
                _end(process)
                assert process.stdin is not None
                process.stdin.close()


def _wait_for(socket: Path, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > until:
            output.seek(0)
            text = output.read(2000).decode("utf-8", "replace").strip()
            last = text.splitlines()[-1] if text else "it said nothing"
            raise CommandFailed(f"kubectl proxy did not start: {last}", "does `kubectl get nodes` work from here?")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    _signal(process, signal.SIGTERM)
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        end_group(process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)


def end_group(group: int) -> None:
    """End at once what kubectl has started and left: it may be a script around the real one, or have a login plugin."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
