"""What k3s's datastore remembers of the first start, and refuses to see changed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from .log import fatal
from .pki import Pki


class Bootstrap:
    """Remembers the token and the authorities the cluster was made with."""

    def __init__(self, file: Path, pki: Pki, token: str) -> None:
        self._file = file
        self._pki = pki
        self._token = _digest(token.encode())

    def check(self) -> None:
        """End with k3s's own words when the token or an authority is another one."""
        if not self._file.exists():
            return
        seen = json.loads(self._file.read_text())
        if seen["token"] != self._token:
            fatal("bootstrap data already found and encrypted with different token")
        for path in self._pki.authority_files():
            if seen["files"].get(str(path)) != _digest(path.read_bytes()):
                fatal(
                    f"{path} newer than datastore and could cause a cluster outage. "
                    "Remove the file(s) from disk and restart to be recreated from datastore."
                )

    def remember(self) -> None:
        """Called once the first start worked."""
        if not self._file.exists():
            files = {str(path): _digest(path.read_bytes()) for path in self._pki.authority_files()}
            self._file.write_text(json.dumps({"token": self._token, "files": files}))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
