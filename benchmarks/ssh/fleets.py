"""`python -m benchmarks ssh`: what gathering over SSH costs, against parallel OpenSSH clients and asyncssh.

Everything is on loopback and ends by itself. The part on real sshd needs root. Each ratio is the median over rounds in
which the candidates take turns; what the clients got is first checked to be equal. Method: docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.measure import Cost, interleave, median
from benchmarks.ssh.clients import AsyncSSH, Calico, Fleet, OpenSSH
from benchmarks.ssh.servers import Files, addresses, cheap_server, real_sshd, sick_hosts

#: MiB that a process may take, 130 MB.
MEMORY = 124
Costs = Mapping[str, Sequence[Cost]]


@contextlib.contextmanager
def on_real_sshd(files: Files, count: int) -> Iterator[Fleet]:
    """`count` names for one sshd on loopback: each login is a real one; ssh_config gives the names."""
    with real_sshd(files) as (port, calicoctl):
        target = f"127.0.0.1:{port}"
        _, known_hosts = files.hosts("sshd", [target])
        names = files.folder / "names.txt"
        names.write_text("".join(f"n{number:04}\n" for number in range(count)), encoding="utf-8")
        config = files.folder / "ssh_config"
        config.write_text(
            f"Host n*\n HostName 127.0.0.1\n Port {port}\n User root\n IdentityFile {files.user_key}\n"
            f" IdentitiesOnly yes\n IdentityAgent none\n UserKnownHostsFile {known_hosts}\n GlobalKnownHostsFile none\n"
            " BatchMode yes\n KexAlgorithms curve25519-sha256\n",
            encoding="utf-8",
        )
        yield Fleet(files, [target] * count, names, known_hosts, config, calicoctl)


def cpu_on_real_sshd(files: Files, count: int, rounds: int) -> bool:
    with on_real_sshd(files, count) as fleet:
        clients = {
            "calico-bgp gather": Calico(fleet),
            "calico-bgp gather --processes 1": Calico(fleet, "--processes", "1"),
            "ssh, 16 at once": OpenSSH(fleet),
            "asyncssh": AsyncSSH(fleet),
        }
        costs = interleave(rounds, clients)
        said = [client.said() for client in clients.values()]
    assert len(said[0]) == count
    assert said[0] == said[1] == said[3]
    assert said[2].items() <= said[0].items()
    _show(f"{count} hosts on real sshd: client CPU", costs, count)
    first = "calico-bgp gather"
    return all(
        [
            _judge("CPU, against ssh", _ratio(costs, first, "ssh, 16 at once", "cpu"), 0.55),
            _judge("CPU, against asyncssh", _ratio(costs, first, "asyncssh", "cpu"), 1.7),
        ]
    )


def wall_on_cheap_server(files: Files, count: int, rounds: int) -> bool:
    with cheap_server(files) as port:
        targets = [f"{address}:{port}" for address in addresses(count)]
        hosts, known_hosts = files.hosts("cheap", targets)
        fleet = Fleet(files, targets, hosts, known_hosts)
        clients = {
            "calico-bgp gather --processes 2": Calico(fleet, "--processes", "2"),
            "calico-bgp gather --processes 1": Calico(fleet, "--processes", "1"),
            "asyncssh": AsyncSSH(fleet),
        }
        costs = interleave(rounds, clients)
        said = [client.said() for client in clients.values()]
    assert len(said[0]) == count
    assert said[0] == said[1] == said[2]
    _show(f"{count} hosts on the cheap server: wall time", costs, count)
    two, one = list(clients)[:2]
    return all(
        [
            _judge("wall time, two processes against asyncssh's one", _ratio(costs, two, "asyncssh", "wall"), 0.95),
            _judge("peak memory of a process, MiB", max(cost.memory for cost in (*costs[one], *costs[two])), MEMORY),
        ]
    )


def sick_fleet(files: Files, count: int, rounds: int) -> bool:
    timeouts = ("--connect-timeout", "10s", "--timeout", "30s")
    with cheap_server(files) as port, sick_hosts(count, port) as sick:
        targets = {"healthy": [f"{address}:{port}" for address in addresses(count)], "5 % dead, 2 % hung": sick}
        clients = {
            name: Calico(Fleet(files, lines, *files.hosts(f"fleet{number}", lines)), *timeouts)
            for number, (name, lines) in enumerate(targets.items())
        }
        costs = interleave(rounds, clients)
        answers = len(clients["5 % dead, 2 % hung"].said())
    assert answers == count - count // 20 - count // 50, answers
    _show(f"{count} hosts, some of them sick: wall time, timeouts 10 s and 30 s", costs, count)
    extra = median(costs["5 % dead, 2 % hung"], "wall") - median(costs["healthy"], "wall")
    memory = max(cost.memory for runs in costs.values() for cost in runs)
    return all(
        [_judge("seconds longer than healthy", extra, 32), _judge("peak memory of a process, MiB", memory, MEMORY)]
    )


def _ratio(costs: Costs, ours: str, theirs: str, field: str) -> float:
    """The median of the rounds' ratios: what slows one round slows both."""
    pairs = zip(costs[ours], costs[theirs], strict=True)
    return statistics.median(getattr(our, field) / getattr(their, field) for our, their in pairs)


def _show(title: str, costs: Costs, count: int) -> None:
    print(f"\n{title}")
    print(f"  {'':34}{'CPU ms/host':>12}{'wall s':>9}{'peak MiB':>10}   CPU s of each round")
    for name, runs in costs.items():
        cpu, wall = median(runs, "cpu"), median(runs, "wall")
        each = " ".join(f"{cost.cpu:.2f}" for cost in runs)
        print(f"  {name:34}{1000 * cpu / count:12.2f}{wall:9.2f}{max(cost.memory for cost in runs):10.0f}   {each}")


def _judge(what: str, value: float, limit: float) -> bool:
    print(f"  {'ok  ' if value <= limit else 'MISS'} {what}: {value:.2f} (at most {limit:g})", flush=True)
    return value <= limit


PARTS = {"cpu": cpu_on_real_sshd, "wall": wall_on_cheap_server, "sick": sick_fleet}
#: Hosts where none are asked for.
HOSTS = {"cpu": 1000, "wall": 5000, "sick": 1000}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks ssh", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], help="cpu, wall, sick; all of them when none is named"
    )
    parser.add_argument("--hosts", type=int, help=", ".join(f"{name}: {count}" for name, count in HOSTS.items()))
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="calico-bgp-bench-") as folder:
        files = Files(Path(folder))
        met = [
            PARTS[part](files, chosen.hosts or HOSTS[part], 1 if part == "sick" else chosen.rounds)
            for part in chosen.parts or PARTS
        ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
