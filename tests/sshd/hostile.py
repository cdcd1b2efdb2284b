"""SSH servers that do not keep to the protocol, and a healthy one, in one process on loopback. Only for tests.

Run: `python -m tests.sshd.hostile HOST_KEY ANSWER SECONDS`; prints a line of JSON, from the name of a behaviour to its
port. Every port listens on all of 127.0.0.0/8.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from tests.sshd.cheap import Session, loopback_socket, read_string, string, u32

#: Bytes and seconds of what comes without end: 13 MB a second leaves the healthy servers of this process time.
PIECE, PAUSE = 32_000, 0.0025


class Hostile(Session):
    """A server that can send without end."""

    paused = False

    def pause_writing(self):
        self.paused = True

    def resume_writing(self):
        self.paused = False

    def for_ever(self, *payloads: bytes, raw: bytes = b"") -> None:
        self.task = asyncio.ensure_future(self._for_ever(payloads, raw))

    async def _for_ever(self, payloads, raw):
        while not self.transport.is_closing():
            if not self.paused:
                if raw:
                    self.transport.write(raw)
                else:
                    self.send(*payloads)
            await asyncio.sleep(PAUSE)


class EndlessCount(Hostile):
    """EXT_INFO promises 4,294,967,295 extensions and holds none (RFC 8308)."""

    def packet(self, data):
        super().packet(data)
        if data[0] == 21:
            self.send(b"\x07" + u32(2**32 - 1))


class ManyAddresses(Hostile):
    """The node says that it has half a million addresses."""

    def connection_made(self, transport):
        addresses = " ".join(f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}" for i in range(500_000))
        self.answer = self.answer.replace("@MARKER@ addresses\n", f"@MARKER@ addresses\n{addresses}\n")
        super().connection_made(transport)


class EndlessGreeting(Hostile):
    """Lines before the version, without end (RFC 4253 section 4.2)."""

    piece = b"Welcome to this machine!\r\n" * 100

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = b""
        self.for_ever(raw=self.piece)

    def data_received(self, data):
        pass


class EndlessLine(EndlessGreeting):
    """One line before the version, without end."""

    piece = b"Welcome " * 1000


class DrippingLine(EndlessGreeting):
    """The same, a byte at a time."""

    piece = b"W"


class EndlessBanner(Hostile):
    """Banners in place of an answer to the login (RFC 4252 section 5.4)."""

    def authenticate(self, data):
        self.for_ever(b"\x35" + string("Welcome\n" * 3000) + string(""))


class EndlessIgnore(Hostile):
    """Packets that mean nothing (RFC 4253 section 11.2), in place of an answer to the login."""

    def authenticate(self, data):
        self.for_ever(*[b"\x02" + string("")] * 200)


class EndlessOutput(Hostile):
    """The command prints without end, and no window is kept to."""

    head = b"\x5e"

    def request(self, data):
        self.send(b"\x63" + self.channel)
        self.for_ever(self.head + self.channel + self.kind() + string(b"y\n" * (PIECE // 2)))

    def kind(self) -> bytes:
        return b""


class EndlessErrors(EndlessOutput):
    """The same on standard error."""

    head = b"\x5f"

    def kind(self) -> bytes:
        return u32(1)


class DrippingOutput(EndlessOutput):
    """It prints without end, but slowly: no limit is reached."""

    def request(self, data):
        self.send(b"\x63" + self.channel)
        self.for_ever(self.head + self.channel + string(b"y\n"))


class NoWindow(Hostile):
    """It takes the command, but not a byte of its input, and says nothing."""

    def send(self, *payloads):
        super().send(*(p[:9] + u32(0) + p[13:] if p[:1] == b"\x5b" else p for p in payloads))

    def request(self, data):
        kind, at = read_string(data, 5)
        if data[at]:
            self.send((b"\x63" if kind == b"exec" else b"\x64") + self.channel)


class MuteLogin(Hostile):
    """It never answers the login."""

    def authenticate(self, data):
        pass


class Deaf(Hostile):
    """It takes the command and never answers, not even whether it runs."""

    def request(self, data):
        pass


class Jump(Hostile):
    """An honest jump host (RFC 4254 section 7.2)."""

    def connection_made(self, transport):
        self.ways: dict[int, asyncio.StreamWriter] = {}
        super().connection_made(transport)

    def packet(self, data):
        if data[0] == 90:
            _, at = read_string(data, 1)
            theirs = data[at : at + 4]
            host, at = read_string(data, at + 12)
            self.task = asyncio.ensure_future(
                self.relay(theirs, host.decode(), int.from_bytes(data[at : at + 4], "big"))
            )
        elif data[0] == 94:
            way = self.ways.get(int.from_bytes(data[1:5], "big"))
            if way is not None:
                way.write(read_string(data, 5)[0])
        elif data[0] in {96, 97}:
            way = self.ways.pop(int.from_bytes(data[1:5], "big"), None)
            if way is not None:
                way.close()
        elif data[0] in {93, 98}:
            pass
        else:
            super().packet(data)

    async def relay(self, theirs: bytes, host: str, port: int) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        self.ways[int.from_bytes(theirs, "big")] = writer
        self.opened(theirs)
        with contextlib.suppress(OSError):
            while data := await reader.read(16_000):
                self.send(b"\x5e" + theirs + string(data))
        self.send(b"\x60" + theirs, b"\x61" + theirs)
        writer.close()

    def opened(self, theirs: bytes) -> None:
        self.send(b"\x5b" + theirs + theirs + u32(1 << 21) + u32(1 << 15))


class StallingJump(Jump):
    """A jump host that asks for new keys once it is in use, and then says no more about it."""

    stalled = False

    def opened(self, theirs: bytes) -> None:
        super().opened(theirs)
        if len(self.ways) == 3:
            self.send(self.kexinit)
            self.stalled = True

    def send(self, *payloads):
        if not self.stalled:
            super().send(*payloads)

    def packet(self, data):
        if not self.stalled:
            super().packet(data)


BEHAVIOURS = {
    "healthy": Session,
    "jump": Jump,
    **{
        kind.__name__: kind
        for kind in (
            *(EndlessCount, ManyAddresses, EndlessGreeting, EndlessLine, DrippingLine, EndlessBanner, EndlessIgnore),
            *(EndlessOutput, EndlessErrors, DrippingOutput, NoWindow, MuteLogin, Deaf, StallingJump),
        )
    },
}


async def serve(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    ports, servers = {}, []
    for name, kind in BEHAVIOURS.items():
        listener = loopback_socket(0)
        ports[name] = listener.getsockname()[1]
        servers.append(await loop.create_server(kind, sock=listener))
    print(json.dumps(ports), flush=True)
    await asyncio.sleep(seconds)
    for server in servers:
        server.close()


def main() -> None:
    key_file, answer_file, seconds = sys.argv[1:]
    key = serialization.load_ssh_private_key(Path(key_file).read_bytes(), None)
    Session.host_key = key
    Session.host_key_blob = string("ssh-ed25519") + string(key.public_key().public_bytes_raw())
    Session.answer = Path(answer_file).read_text(encoding="utf-8")
    asyncio.run(serve(float(seconds)))


if __name__ == "__main__":
    main()
