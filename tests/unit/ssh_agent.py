"""An SSH agent that holds the keys it is given (draft-ietf-sshm-ssh-agent)."""

import socketserver
import struct
import threading
from types import TracebackType
from typing import Self

import asyncssh

LIST, KEYS, SIGNATURE = 11, 12, 14


class Agent(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str) -> None:
        super().__init__(path, _Client)
        self.path = path
        self.keys: list[asyncssh.SSHKey] = []
        self._thread = threading.Thread(target=self.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Client(socketserver.StreamRequestHandler):
    server: Agent

    def handle(self) -> None:
        while header := self.rfile.read(4):
            (length,) = struct.unpack(">I", header)
            request = self.rfile.read(length)
            answer = self._keys() if request[0] == LIST else self._signature(request)
            self.wfile.write(text(answer))

    def _keys(self) -> bytes:
        keys = [text(key.public_data) + text(b"a comment") for key in self.server.keys]
        return struct.pack(">BI", KEYS, len(keys)) + b"".join(keys)

    def _signature(self, request: bytes) -> bytes:
        wanted, rest = _take(request[1:])
        data, _ = _take(rest)
        (key,) = [key for key in self.server.keys if key.public_data == wanted]
        return struct.pack(">B", SIGNATURE) + text(key.sign(data, key.sig_algorithms[0]))


def text(value: bytes) -> bytes:
    """As SSH writes it: its length, then itself."""
    return struct.pack(">I", len(value)) + value


def _take(content: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack(">I", content[:4])
    return content[4 : 4 + length], content[4 + length :]
