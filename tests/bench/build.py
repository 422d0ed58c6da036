"""Builds the control plane's programs once and keeps them in the cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .cache import cache_home
from .prerequisites import check_build

_MODULE = Path(__file__).parent / "controlplane"
_SOURCES = ("go.mod", "go.sum", "main.go")
_COMPONENTS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubectl",
)
_MULTICALL = "controlplane"
_FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly")
_REPORT_EVERY = 20.0  # seconds between two signs of life of a long compilation


@dataclass(frozen=True)
class Program:
    """One program of the Go module and the linker flags that give it its version."""

    name: str
    package: str
    ldflags: str


@dataclass(frozen=True)
class Binaries:
    """The folder with the built programs."""

    directory: Path

    def __getitem__(self, name: str) -> str:
        return str(self.directory / name)


def ensure_binaries(log: Callable[[str], None] = print) -> Binaries:
    """The built programs, built now when the cache has none for these sources and flags."""
    home = cache_home() / "bench" / _key()
    target = home / "bin"
    if not target.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with _exclusively(home / "lock"):
            if not target.is_dir():  # another process may have built it while we waited
                check_build()
                _build(target, log)
    return Binaries(target)


def _programs() -> list[Program]:
    kubernetes = _required_version("k8s.io/kubernetes")
    major, minor, _ = kubernetes.lstrip("v").split(".", 2)
    component_version = "k8s.io/component-base/version"
    return [
        Program(
            _MULTICALL,
            ".",
            # Without these the API server calls itself v0.0.0-master, and charts with a
            # kubeVersion refuse it.
            f"-s -w -X {component_version}.gitVersion={kubernetes}"
            f" -X {component_version}.gitMajor={major} -X {component_version}.gitMinor={minor}"
            f" -X {component_version}.gitTreeState=clean",
        ),
        Program(
            "helm",
            "helm.sh/helm/v3/cmd/helm",
            "-s -w -X helm.sh/helm/v3/internal/version.version="
            + _required_version("helm.sh/helm/v3"),
        ),
        # kwok can't be a part of the multi-call binary: its --version flag clashes.
        Program("kwok", "sigs.k8s.io/kwok/cmd/kwok", "-s -w"),
    ]


def _required_version(module: str) -> str:
    text = (_MODULE / "go.mod").read_text()
    found = re.search(rf"^\s*{re.escape(module)} (v\S+)", text, re.MULTILINE)
    if not found:
        raise RuntimeError(f"{_MODULE / 'go.mod'} does not require {module}")
    return found.group(1)


def _key() -> str:
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((_MODULE / name).read_bytes())
    digest.update(repr((_programs(), _COMPONENTS, _FLAGS)).encode())
    return digest.hexdigest()[:12]


@contextmanager
def _exclusively(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _build(target: Path, log: Callable[[str], None]) -> None:
    unfinished = target.with_name("bin.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    log(f"bench: building the control plane into {target} (the first time takes minutes)")
    for program in _programs():
        _compile(program, unfinished, log)
    for component in _COMPONENTS:
        (unfinished / component).symlink_to(_MULTICALL)
    # Only a complete folder ever gets the final name.
    unfinished.rename(target)
    log("bench: built")


def _compile(program: Program, directory: Path, log: Callable[[str], None]) -> None:
    started = time.monotonic()
    command = ["nice", "-n", "10", "go", "build", "-v", *_FLAGS]
    command += ["-ldflags", program.ldflags, "-o", str(directory / program.name), program.package]
    environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}
    with subprocess.Popen(
        command,
        cwd=_MODULE,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as compiler:
        assert compiler.stderr is not None
        lines = _follow(compiler.stderr, program.name, started, log)
    if compiler.returncode:
        raise RuntimeError(f"bench: building {program.name} failed:\n" + "\n".join(lines[-20:]))
    log(f"bench: {program.name} built in {time.monotonic() - started:.0f} s")


def _follow(
    output: Iterator[str], name: str, started: float, log: Callable[[str], None]
) -> list[str]:
    """Collect the compiler's output, which names each package, and report now and then."""
    lines: list[str] = []
    reported = started
    for line in output:
        lines.append(line.rstrip())
        now = time.monotonic()
        if now - reported >= _REPORT_EVERY:
            reported = now
            log(f"bench: {name}: {len(lines)} packages after {now - started:.0f} s")
    return lines
