"""Publishes the k3s stand-in the way k3s is published: an installer and a folder of releases."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

_INSTALLERS = Path(__file__).parent / "installer"
_BINARY = """\
#!/opt/bench/python
# k3s stand-in, release {version}
from k3s_standin.cli import main

main("{version}")
"""


@dataclass(frozen=True)
class Installer:
    """An installer script as a product would pin it."""

    url: str
    sha256: str


class Releases:
    """Writes below a served folder."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self._url = url

    @property
    def url(self) -> str:
        """For GITHUB_URL: releases lie under <url>/download/<version>/."""
        return f"{self._url}/releases"

    def publish(self, version: str) -> None:
        """Offer a release, for both architectures."""
        folder = self._folder / "releases/download" / version
        folder.mkdir(parents=True, exist_ok=True)
        binary = _BINARY.format(version=version)
        for architecture, suffix in (("amd64", ""), ("arm64", "-arm64")):
            (folder / f"k3s{suffix}").write_text(binary)
            (folder / f"sha256sum-{architecture}.txt").write_text(
                f"{'0' * 64}  k3s-airgap-images-{architecture}.tar\n"
                f"{_sha256(binary)}  k3s{suffix}\n"
            )

    def installer(self, name: str = "install.sh") -> Installer:
        """Offer one of the installer scripts."""
        content = (_INSTALLERS / name).read_text()
        target = self._folder / "installer" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
        return Installer(f"{self._url}/installer/{name}", _sha256(content))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
