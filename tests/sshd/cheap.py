"""An SSH server so cheap that a client is measured and not the server: 1 ms per login, against 30 ms of OpenSSH's sshd.

Only for measurements and tests on loopback: it takes every user and **does not check the user's signature**.
Everything that the client has to do is real: the key exchange (curve25519-sha256), the host key's signature
(ssh-ed25519), AES-GCM, the user's own signature, a session channel, exec, exit status. Run:
`python -m tests.sshd.cheap PORT HOST_KEY ANSWER [SECONDS]`.

In the answer, `@MARKER@` becomes the marker in the command, `@ADDRESS@` the address that was connected to, `@HOST@` a
node name made from it. An address 127.x.y.z with x of HUNG takes the command and never answers.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import socket
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"SSH-2.0-cheap_for_benchmarks"
HUNG = 99
CIPHER = "aes128-gcm@openssh.com"
BIND_TO_DEVICE = 25


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def string(value: bytes | str) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return u32(len(value)) + value


def mpint(value: bytes) -> bytes:
    value = value.lstrip(b"\0")
    return string(b"\0" + value if value and value[0] & 0x80 else value)


def read_string(data: bytes, at: int) -> tuple[bytes, int]:
    end = at + 4 + int.from_bytes(data[at : at + 4], "big")
    return data[at + 4 : end], end


class Session(asyncio.Protocol):
    """One connection, RFC 4253, 4252 and 4254 as far as a well-behaved client needs them."""

    host_key: serialization.SSHPrivateKeyTypes
    host_key_blob: bytes
    answer: str

    def connection_made(self, transport):
        self.transport = transport
        self.buffer = b""
        self.version = b""
        self.cipher_in = self.cipher_out = None
        self.kexinit = (
            b"\x14" + os.urandom(16) + string("curve25519-sha256,curve25519-sha256@libssh.org") + string("ssh-ed25519")
            + string(CIPHER) * 2 + string("hmac-sha2-256") * 2 + string("none") * 2 + string("") * 2 + b"\0" + u32(0)
        )  # fmt: skip
        transport.write(VERSION + b"\r\n")
        self.send(self.kexinit)

    def data_received(self, data):
        self.buffer += data
        if not self.version:
            line, found, rest = self.buffer.partition(b"\n")
            if not found:
                return
            self.version, self.buffer = line.rstrip(b"\r"), rest
        while len(self.buffer) >= 4:
            length = int.from_bytes(self.buffer[:4], "big")
            size = 4 + length + (16 if self.cipher_in else 0)
            if length > 300_000:
                self.transport.abort()
                return
            if len(self.buffer) < size:
                return
            packet, self.buffer = self.buffer[4:size], self.buffer[size:]
            if self.cipher_in:
                packet = self.cipher_in.decrypt(self.nonce_in(), packet, u32(length))
            self.packet(packet[1 : length - packet[0]])

    def nonce_in(self) -> bytes:
        nonce = self.fixed_in + self.counter_in.to_bytes(8, "big")
        self.counter_in += 1
        return nonce

    def send(self, *payloads: bytes) -> None:
        out = []
        for payload in payloads:
            block = 16 if self.cipher_out else 8
            pad = block - (len(payload) + 1 + (0 if self.cipher_out else 4)) % block
            pad += block if pad < 4 else 0
            packet = bytes([pad]) + payload + bytes(pad)
            length = u32(len(packet))
            if self.cipher_out:
                nonce = self.fixed_out + self.counter_out.to_bytes(8, "big")
                self.counter_out += 1
                packet = self.cipher_out.encrypt(nonce, packet, length)
            out.append(length + packet)
        self.transport.write(b"".join(out))

    def packet(self, data: bytes) -> None:
        kind = data[0]
        if kind == 20:
            self.client_kexinit = data
        elif kind == 30:
            self.exchange_keys(read_string(data, 1)[0])
        elif kind == 21:
            key, iv = self.derive(b"C", 16), self.derive(b"A", 12)
            self.cipher_in, self.fixed_in, self.counter_in = AESGCM(key), iv[:4], int.from_bytes(iv[4:], "big")
        elif kind == 5:
            self.send(b"\x06" + string(read_string(data, 1)[0]))
        elif kind == 50:
            self.authenticate(data)
        elif kind == 80:
            if data[read_string(data, 1)[1]]:
                self.send(b"\x52")
        elif kind == 90:
            _, at = read_string(data, 1)
            self.channel = data[at : at + 4]
            self.send(b"\x5b" + self.channel + u32(0) + u32(1 << 21) + u32(1 << 15))
        elif kind == 98:
            self.request(data)
        elif kind in {97, 1}:
            self.transport.close()

    def exchange_keys(self, theirs: bytes) -> None:
        private = X25519PrivateKey.generate()
        ours = private.public_key().public_bytes_raw()
        self.secret = mpint(private.exchange(X25519PublicKey.from_public_bytes(theirs)))
        self.hash = self.session_id = hashlib.sha256(
            string(self.version) + string(VERSION) + string(self.client_kexinit) + string(self.kexinit)
            + string(self.host_key_blob) + string(theirs) + string(ours) + self.secret
        ).digest()  # fmt: skip
        signature = string("ssh-ed25519") + string(self.host_key.sign(self.hash))
        self.send(b"\x1f" + string(self.host_key_blob) + string(ours) + string(signature), b"\x15")
        key, iv = self.derive(b"D", 16), self.derive(b"B", 12)
        self.cipher_out, self.fixed_out, self.counter_out = AESGCM(key), iv[:4], int.from_bytes(iv[4:], "big")

    def derive(self, letter: bytes, size: int) -> bytes:
        return hashlib.sha256(self.secret + self.hash + letter + self.session_id).digest()[:size]

    def authenticate(self, data: bytes) -> None:
        _, at = read_string(data, 1)
        _, at = read_string(data, at)
        method, at = read_string(data, at)
        if method != b"publickey":
            self.send(b"\x33" + string("publickey") + b"\0")
        elif data[at]:
            self.send(b"\x34")  # whoever signs is let in
        else:
            self.send(b"\x3c" + data[at + 1 :])

    def request(self, data: bytes) -> None:
        kind, at = read_string(data, 5)
        wants_reply = data[at]
        if kind != b"exec":
            if wants_reply:
                self.send(b"\x64" + self.channel)
            return
        command, _ = read_string(data, at + 1)
        if wants_reply:
            self.send(b"\x63" + self.channel)
        address = self.transport.get_extra_info("sockname")[0]
        parts = address.split(".")
        if int(parts[1]) == HUNG:
            return
        marker = re.search(rb"calico-bgp-[0-9a-f]{32}", command)
        text = self.answer.replace("@MARKER@", marker[0].decode() if marker else "").replace("@ADDRESS@", address)
        text = text.replace("@HOST@", f"node-{parts[2]}-{parts[3]}")
        raw = text.encode()
        self.send(
            *(b"\x5e" + self.channel + string(raw[i : i + 32000]) for i in range(0, len(raw), 32000)),
            b"\x62" + self.channel + string("exit-status") + b"\0" + u32(0),
            b"\x60" + self.channel,
            b"\x61" + self.channel,
        )


def loopback_socket(port: int) -> socket.socket:
    """Listen on every address of the loopback interface, and on no other interface."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, BIND_TO_DEVICE, b"lo\0")
    listener.bind(("0.0.0.0", port))
    listener.listen(2048)
    listener.setblocking(False)
    return listener


async def serve(port: int, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Session, sock=loopback_socket(port))
    print("ready", flush=True)
    async with server:
        await asyncio.sleep(seconds)


def main() -> None:
    port, key_file, answer_file, *seconds = sys.argv[1:]
    key = serialization.load_ssh_private_key(Path(key_file).read_bytes(), None)
    Session.host_key = key
    Session.host_key_blob = string("ssh-ed25519") + string(key.public_key().public_bytes_raw())
    Session.answer = Path(answer_file).read_text(encoding="utf-8")
    asyncio.run(serve(int(port), float(seconds[0]) if seconds else 600.0))


if __name__ == "__main__":
    main()
