"""The named alternative: the same command on every host with asyncssh, as its documentation would write it.

Run: `python -m benchmarks.ssh.asyncssh_client HOSTS KEY KNOWN_HOSTS COMMAND_FILE OUTPUT [WIDTH]`; HOSTS has one
`host:port` (or `name=host:port`) a line. Files are read once, not once per host; the answers are written to OUTPUT as
JSON, not parsed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import asyncssh


async def ask_all(lines, key, known_hosts, command, width) -> dict[str, str | None]:
    gate = asyncio.Semaphore(width)
    answers: dict[str, str | None] = {}

    async def ask(line: str) -> None:
        host, _, port = line.rpartition("=")[2].partition(":")
        async with gate:
            try:
                async with asyncssh.connect(
                    host,
                    int(port),
                    username="root",
                    client_keys=[key],
                    known_hosts=known_hosts,
                    agent_path=None,
                    config=None,
                    connect_timeout=10,
                    login_timeout=30,
                ) as connection:
                    answers[line] = (await connection.run(command, timeout=30)).stdout
            except (OSError, asyncssh.Error) as error:
                answers[line] = None
                print(line, error, file=sys.stderr)

    await asyncio.gather(*(ask(line) for line in lines))
    return answers


def main() -> None:
    hosts_file, key_file, known_hosts_file, command_file, output, *width = sys.argv[1:]
    answers = asyncio.run(
        ask_all(
            Path(hosts_file).read_text(encoding="utf-8").split(),
            asyncssh.read_private_key(key_file),
            asyncssh.read_known_hosts(known_hosts_file),
            Path(command_file).read_text(encoding="utf-8"),
            int(width[0]) if width else 64,
        )
    )
    Path(output).write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main()
