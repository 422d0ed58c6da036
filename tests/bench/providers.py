"""Where terraform gets its providers from: the registry, a local mirror, or stand-ins."""

from __future__ import annotations

import importlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from .cache import cache_home, machine_architecture

ProviderVersions = Mapping[str, tuple[str, str]]
"""Short name -> (source like "hashicorp/kubernetes", version)."""

_REGISTRY = "registry.terraform.io"
_DISCOVERY = f"https://{_REGISTRY}/.well-known/terraform.json"


@dataclass(frozen=True)
class Providers:
    """What a run uses. `cli_config` is None when terraform's own way is left alone."""

    real: frozenset[str]
    stand_ins: frozenset[str]
    cli_config: Path | None
    origin: str

    def all_real(self, names: Iterable[str]) -> bool:
        """Whether none of these is a stand-in: only then may a test expect real behaviour."""
        return self.real.issuperset(names)

    def __str__(self) -> str:
        parts = [f"{name} (real)" for name in sorted(self.real)]
        parts += [f"{name} (stand-in)" for name in sorted(self.stand_ins)]
        return f"providers from {self.origin}: {', '.join(parts)}"


def resolve_providers(versions: ProviderVersions, work: Path) -> Providers:
    """Decide where each provider comes from, and write a mirror for the run if it needs one."""
    if Path(os.environ.get("TF_CLI_CONFIG_FILE", "")).is_file():
        return Providers(frozenset(versions), frozenset(), None, "the person's own configuration")
    if _registry_reachable():
        return Providers(frozenset(versions), frozenset(), None, "the registry")
    return _mirror(versions, work)


def _registry_reachable() -> bool:
    try:
        with urllib.request.urlopen(_DISCOVERY, timeout=3) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _mirror(versions: ProviderVersions, work: Path) -> Providers:
    mirror = work / "mirror"
    local = cache_home() / "providers"
    real = {name for name, pin in versions.items() if _has_binary(local / _relative(*pin))}
    missing = {name: pin for name, pin in versions.items() if name not in real}
    for name in real:
        _link(local, mirror, _relative(*versions[name]))
    if missing:
        stand_ins = _stand_in_builder()(missing)
        for pin in missing.values():
            _link(stand_ins, mirror, _relative(*pin))
    config = work / "terraform.tfrc"
    config.write_text(_cli_config(mirror))
    return Providers(frozenset(real), frozenset(missing), config, str(mirror))


def _relative(source: str, version: str) -> Path:
    return Path(_REGISTRY) / source / version / f"linux_{machine_architecture()}"


def _has_binary(folder: Path) -> bool:
    return any(folder.glob("terraform-provider-*"))


def _link(origin: Path, mirror: Path, relative: Path) -> None:
    """One mirror for the run, as terraform looks for a provider in one place only."""
    folder = origin / relative
    if not _has_binary(folder):
        raise RuntimeError(f"bench: no provider in {folder}")
    target = mirror / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_symlink():
        target.symlink_to(folder.resolve(), target_is_directory=True)


def _stand_in_builder() -> Callable[[ProviderVersions], Path]:
    # Imported only when needed: with real providers at hand nothing of it has to work.
    module = importlib.import_module(".standins", __package__)
    return cast(Callable[[ProviderVersions], Path], module.build)


def _cli_config(mirror: Path) -> str:
    return (
        "disable_checkpoint = true\n"
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f'    path    = "{mirror}"\n'
        f'    include = ["{_REGISTRY}/*/*"]\n'
        "  }\n"
        "}\n"
    )
