"""A file server on loopback, and a record of what was asked of it."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Handler(SimpleHTTPRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep the request for tests instead of writing it to stderr."""
        assert isinstance(self.server, _Server)
        self.server.requests.append((self.path, int(code)))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: errors are in the record of requests too."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.requests: list[tuple[str, int]] = []
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))


class WebServer:
    """Serves a folder until closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._server = _Server(folder)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Base URL, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def requests(self) -> list[tuple[str, int]]:
        """Paths asked for so far, and the status each was answered with."""
        return list(self._server.requests)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
