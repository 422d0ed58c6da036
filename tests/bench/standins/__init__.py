"""Stand-ins for Terraform providers, made from their CDKTF bindings.

For where no Terraform registry can be reached: each stand-in has the schema of the real provider,
so that terraform accepts and refuses the same configurations, and it plans, applies and destroys
with nothing behind it. What it computes is made up, and it has no validators, defaults, sensitive
flags or replacements: those are not in a binding.

The schema is recovered from the generated JavaScript inside the binding's Python package
(``recover_schema.js``), and one small Go program (``provider/``) serves it. ``build`` puts both
where terraform finds them::

    mirror = build({"null": ("hashicorp/null", "3.2.4")})

and a CLI configuration (``TF_CLI_CONFIG_FILE``) makes terraform look there and nowhere else::

    provider_installation {
      filesystem_mirror {
        path    = "<mirror>"
        include = ["registry.terraform.io/*/*"]
      }
    }
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ..cache import cache_home

__all__ = ["StandinError", "build"]

_HERE = Path(__file__).parent
_RECOVER = _HERE / "recover_schema.js"
_PROVIDER = _HERE / "provider"
_REGISTRY = "registry.terraform.io"
_STAGING = ".building-"


class StandinError(RuntimeError):
    """The stand-ins cannot be built; the message is one line and says what to do about it."""


@dataclass(frozen=True)
class _Standin:
    """One provider to stand in for, and the binding its schema comes from."""

    name: str
    source: str
    version: str
    binding: metadata.Distribution

    @property
    def requirement(self) -> str:
        return f"{self.binding.name}=={self.binding.version}"

    @property
    def package(self) -> Path:
        """The npm package that the binding carries for jsii."""
        packed = [file for file in self.binding.files or () if file.match("_jsii/*.tgz")]
        if len(packed) != 1:
            raise StandinError(
                f"{self.requirement} has {len(packed)} files _jsii/*.tgz, not one: reinstall it"
            )
        return Path(str(self.binding.locate_file(packed[0])))

    def directory(self, mirror: Path, target: str) -> Path:
        return mirror / _REGISTRY / self.source / self.version / target

    @property
    def executable(self) -> str:
        return f"terraform-provider-{self.source.split('/')[-1]}_v{self.version}"


def build(versions: Mapping[str, tuple[str, str]]) -> Path:
    """Build stand-ins and return the filesystem mirror they are in.

    ``versions`` maps a provider's short name, as in its binding's name, to its registry source and
    version: ``{"kubernetes": ("hashicorp/kubernetes", "2.38.0")}``. The bindings have to be
    installed, and generated from just these versions. What was built once is found again as long
    as neither the sources nor the bindings change.
    """
    standins = [_standin(name, *versions[name]) for name in sorted(versions)]
    cache = cache_home() / "standins"
    mirror = cache / _key(standins)
    if mirror.is_dir():
        return mirror
    cache.mkdir(parents=True, exist_ok=True)
    with _only_builder(cache):
        if mirror.is_dir():  # built by another process, while this one waited
            return mirror
        with tempfile.TemporaryDirectory(dir=cache, prefix=_STAGING) as staging:
            _build(standins, Path(staging)).rename(mirror)
    return mirror


def _standin(name: str, source: str, version: str) -> _Standin:
    binding = f"cdktf-cdktf-provider-{name}"
    try:
        return _Standin(name, source, version, metadata.distribution(binding))
    except metadata.PackageNotFoundError:
        raise StandinError(
            f"no binding for {source}: pip install {binding}, in the release made for {version}"
        ) from None


def _key(standins: Sequence[_Standin]) -> str:
    """Changes with everything that the mirror's content depends on."""
    digest = hashlib.sha256()
    for file in (Path(__file__), _RECOVER, *_go_sources()):
        digest.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    for standin in standins:
        digest.update(
            f"{standin.name} {standin.source} {standin.version} {standin.requirement}\n".encode()
        )
    digest.update(f"{sys.platform} {platform.machine()}\n".encode())
    return digest.hexdigest()[:16]


def _go_sources() -> list[Path]:
    return sorted(file for file in _PROVIDER.iterdir() if file.suffix in {".go", ".mod", ".sum"})


@contextmanager
def _only_builder(cache: Path) -> Iterator[None]:
    """Hold the cache for one process, and clear away what interrupted ones left."""
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for abandoned in cache.glob(f"{_STAGING}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        yield


def _build(standins: Sequence[_Standin], staging: Path) -> Path:
    """Build the mirror inside ``staging``; nothing of it lies where it would be taken as done."""
    node = _tool("node", "Node.js 20 or newer")
    go = _tool("go", "Go 1.25 or newer")
    mirror = staging / "mirror"
    target = _run([go, "env", "GOOS", "GOARCH"], cwd=_PROVIDER).replace("\n", "_").strip("_")
    for standin in standins:
        directory = standin.directory(mirror, target)
        directory.mkdir(parents=True)
        _recover_schema(node, standin, directory / "schema.json")
    binary = _compile(go, staging / "standin")
    for standin in standins:
        os.link(binary, standin.directory(mirror, target) / standin.executable)
    return mirror


def _tool(name: str, what: str) -> str:
    found = shutil.which(name)
    if not found:
        raise StandinError(
            f"building the stand-in providers takes `{name}`, which is not on PATH: install {what}"
        )
    return found


def _compile(go: str, binary: Path) -> Path:
    environment = {"CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": "-mod=readonly"}
    command = [go, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(binary), "."]
    _run(command, cwd=_PROVIDER, environment=environment)
    return binary


def _recover_schema(node: str, standin: _Standin, schema: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="standin-") as unpacked:
        with tarfile.open(standin.package) as archive:
            # The rest, type declarations mostly, is three quarters of it.
            generated = [member for member in archive if member.name.endswith(".js")]
            archive.extractall(unpacked, generated, filter="data")
        _run([node, str(_RECOVER), f"{unpacked}/package", str(schema)], cwd=_HERE)
    _check_origin(standin, schema)


def _check_origin(standin: _Standin, schema: Path) -> None:
    """A schema under another version's name would be worse than none."""
    recovered = json.loads(schema.read_text(encoding="utf-8"))
    source: str = recovered["source"].removeprefix(f"{_REGISTRY}/")
    origin = (source if "/" in source else f"hashicorp/{source}", recovered["version"])
    if origin != (standin.source, standin.version):
        raise StandinError(
            f"asked for {standin.source} {standin.version}, but {standin.requirement} was generated"
            f" from {' '.join(origin)}: ask for that, or install another release of the binding"
        )


def _run(command: Sequence[str], *, cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    result = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        name = Path(command[0]).name
        raise StandinError(
            f"{name} failed with status {result.returncode}: {result.stderr.strip()}"
        )
    return result.stdout
