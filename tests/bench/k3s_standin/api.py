"""A few questions to the API server, without starting kubectl for each."""

from __future__ import annotations

import contextlib
import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from .pki import Pair


class ApiClient:
    """Asks as the cluster's administrator."""

    def __init__(self, port: int, authority: Path, client: Pair) -> None:
        self._base = f"https://127.0.0.1:{port}"
        context = ssl.create_default_context(cafile=str(authority))
        context.load_cert_chain(client.certificate, client.key)
        # No proxy: a machine's proxy settings have nothing to say about loopback.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def get(self, path: str) -> bytes | None:
        """The answer, or None while there is no good one."""
        try:
            with self._opener.open(self._base + path, timeout=5) as response:
                body: bytes = response.read()
                return body
        except (OSError, urllib.error.URLError):
            return None

    def merge(self, path: str, change: dict[str, Any]) -> None:
        """Change a part of an object; a conflict or a vanished object is no error."""
        request = urllib.request.Request(
            self._base + path,
            data=json.dumps(change).encode(),
            method="PATCH",
            headers={"Content-Type": "application/merge-patch+json"},
        )
        with contextlib.suppress(OSError, urllib.error.URLError):
            self._opener.open(request, timeout=5).close()

    def has_default_account(self) -> bool:
        """Without it, the first pods of a fresh cluster are refused."""
        return self.get("/api/v1/namespaces/default/serviceaccounts/default") is not None

    def node_is_ready(self) -> bool:
        """Whether every node says so."""
        body = self.get("/api/v1/nodes")
        nodes: list[dict[str, Any]] = json.loads(body)["items"] if body else []
        return bool(nodes) and all(
            any(
                condition["type"] == "Ready" and condition["status"] == "True"
                for condition in node["status"].get("conditions", [])
            )
            for node in nodes
        )
