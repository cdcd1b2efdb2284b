"""A real Prometheus and a real Alertmanager on loopback, with the rules of deploy/; their minutes take a second."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Self

import yaml

from tests.rig.requirements import program

RULES = Path(__file__).parents[3] / "deploy" / "prometheus" / "calico-bgp.rules.yaml"
_DEADLINE = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def quick_rules() -> str:
    """The rules, with the seconds of their minutes; only what they wait for is quicker, not what they ask."""
    document = yaml.safe_load(RULES.read_text())
    for group in document["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            # The play's last hour takes 22 seconds, all the others together one minute.
            rule["expr"] = rule["expr"].replace("[1h]", "[12s]").replace("[15m]", "[15s]")
            for key in ("for", "keep_firing_for"):
                if key in rule:
                    rule[key] = re.sub(r"^(\d+)m$", r"\1s", rule[key])
    return yaml.safe_dump(document)


class Monitoring:
    """Prometheus scrapes one target each second, and sends alerts to Alertmanager.

    Args:
        folder: Where both keep what they have.
        target: The port of /metrics.
    """

    def __init__(self, folder: Path, target: int) -> None:
        self.port, self.alertmanager_port = free_port(), free_port()
        (folder / "rules.yaml").write_text(quick_rules())
        (folder / "alertmanager.yaml").write_text(
            yaml.safe_dump(
                {
                    "route": {"receiver": "none", "group_by": ["cluster", "alertname"], "group_wait": "1s"},
                    "receivers": [{"name": "none"}],
                }
            )
        )
        (folder / "prometheus.yaml").write_text(
            yaml.safe_dump(
                {
                    "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                    "rule_files": ["rules.yaml"],
                    "alerting": {
                        "alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{self.alertmanager_port}"]}]}]
                    },
                    "scrape_configs": [
                        {"job_name": "calico-bgp", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}
                    ],
                }
            )
        )
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        folder = self._folder
        self._start(
            "prometheus-alertmanager",
            f"--config.file={folder / 'alertmanager.yaml'}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{self.alertmanager_port}",
            "--cluster.listen-address=",
        )
        self._start(
            "prometheus",
            f"--config.file={folder / 'prometheus.yaml'}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        )
        try:
            self._wait(f"http://127.0.0.1:{self.alertmanager_port}/-/ready")
            self._wait(f"http://127.0.0.1:{self.port}/-/ready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)

    def _start(self, name: str, *arguments: str) -> None:
        log = (self._folder / f"{name}.log").open("wb")
        with log:
            self._processes.append(
                subprocess.Popen([program(name), *arguments], cwd=self._folder, stdout=log, stderr=log)
            )

    def _wait(self, url: str) -> None:
        deadline = time.monotonic() + _DEADLINE
        while True:
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except OSError:
                if time.monotonic() > deadline:
                    logs = "\n".join(path.read_text() for path in self._folder.glob("*.log"))
                    raise AssertionError(f"{url} is not ready: {logs[-3000:]}") from None
                time.sleep(0.2)

    def alerts(self) -> list[dict[str, Any]]:
        """What Alertmanager has now."""
        found: list[dict[str, Any]] = _json(f"http://127.0.0.1:{self.alertmanager_port}/api/v2/alerts")
        return found

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The answer of Prometheus to an expression.

        Raises:
            AssertionError: It refuses it.
        """
        words = urllib.parse.urlencode({"query": expression})
        try:
            answer = _json(f"http://127.0.0.1:{self.port}/api/v1/query?{words}")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{expression}: {error.read().decode()}") from error
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found


def _json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)
