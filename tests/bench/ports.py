"""Free TCP ports on loopback."""

from __future__ import annotations

import random
import socket

# Below the kernel's ephemeral range: a port handed out here is not taken a moment later
# by some outgoing connection.
_RANGE = range(20000, 32000)
_given: set[int] = set()


def free_port() -> int:
    """A port nobody listens on, never the same twice within one process."""
    for _ in range(1000):
        port = random.choice(_RANGE)
        if port not in _given and not _in_use(port):
            _given.add(port)
            return port
    raise RuntimeError("no free port found on 127.0.0.1")


def _in_use(port: int) -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def is_open(port: int) -> bool:
    """Whether something accepts connections on the port."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0
