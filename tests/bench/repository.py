"""A chart repository of stand-ins under the real names and versions."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from .build import Binaries
from .cache import cache_home
from .host import helm_folders

ChartVersion = tuple[str, str, str]
"""Name, version and app version of a chart."""

_SOURCES = Path(__file__).parent / "charts"
REAL = "real"
STAND_IN = "stand-in"


class ChartRepository:
    """Fills a served folder with packaged charts and their index."""

    def __init__(self, folder: Path, url: str, binaries: Binaries) -> None:
        self._folder = folder
        self._binaries = binaries
        self.url = url
        self.origins: dict[str, str] = {}

    def add(self, charts: Iterable[ChartVersion], prefer_real: bool) -> None:
        """Package the charts, or take real packages from the cache, and write the index."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, version, app_version in charts:
            packaged = cache_home() / "charts" / f"{name}-{version}.tgz"
            if prefer_real and packaged.is_file():
                shutil.copy(packaged, self._folder)
                self.origins[name] = REAL
            else:
                self._package(name, version, app_version)
                self.origins[name] = STAND_IN
        self._helm("repo", "index", str(self._folder), "--url", self.url)

    def _package(self, name: str, version: str, app_version: str) -> None:
        source = _SOURCES / name
        if not source.is_dir():
            raise ValueError(f"bench: there is no stand-in for the chart {name} in {_SOURCES}")
        numbers = ["--version", version, "--app-version", app_version]
        self._helm("package", str(source), *numbers, "--destination", str(self._folder))

    def _helm(self, *arguments: str) -> None:
        environment = {**os.environ, **helm_folders(self._folder.parent / "helm")}
        done = subprocess.run(
            [self._binaries["helm"], *arguments], capture_output=True, text=True, env=environment
        )
        if done.returncode:
            raise RuntimeError(f"helm {' '.join(arguments)}: {done.stderr}")
