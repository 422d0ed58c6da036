"""The command line: `k3s server`, `k3s kubectl`, `k3s --version`, and `kubectl` by link."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from .controlplane import BINARIES
from .log import fatal
from .server import serve


def main(version: str) -> None:
    """Entry point of the "binary"; the release it belongs to gives its version."""
    name, *arguments = sys.argv
    if Path(name).name == "kubectl":
        _kubectl(arguments)
    match arguments:
        case ["--version" | "-v"]:
            print(f"k3s version {version} (stand-in)")
        case ["kubectl", *rest]:
            _kubectl(rest)
        case ["server", *rest]:
            serve(version, rest)
        case _:
            fatal(f"the stand-in knows server, kubectl and --version, not {arguments}")


def _kubectl(arguments: list[str]) -> NoReturn:
    os.environ.setdefault("KUBECONFIG", "/etc/rancher/k3s/k3s.yaml")
    os.execv(BINARIES / "kubectl", ["kubectl", *arguments])
