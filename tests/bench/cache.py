"""Where the bench keeps what is costly to make and safe to share between runs."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def cache_home() -> Path:
    """The EaaS cache folder; XDG_CACHE_HOME is honoured so that CI can keep it."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "eaas"


def machine_architecture() -> str:
    """The architecture as Go, terraform and the k3s releases call it."""
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    machine = platform.machine()
    return names.get(machine, machine)
