"""Reads k3s's configuration: config.yaml, config.yaml.d and command-line flags."""

from __future__ import annotations

from pathlib import Path

import yaml

from .log import fatal, log

# The flags of `k3s server` a config file may name. k3s skips others with a warning only.
KNOWN_KEYS = frozenset((Path(__file__).parent / "config-keys.txt").read_text().split())


class Config:
    """Settings by key; each is a list, as any flag may be repeated."""

    def __init__(self, settings: dict[str, list[str]]) -> None:
        self._settings = settings

    def all(self, key: str) -> list[str]:
        """Every value given for the key."""
        return self._settings.get(key, [])

    def one(self, key: str, default: str = "") -> str:
        """The value in force: the last one, as with a repeated flag."""
        values = self.all(key)
        return values[-1] if values else default

    def enabled(self, key: str) -> bool:
        """Whether a switch is on."""
        return self.one(key).lower() in ("true", "1", "t")


def load(main_file: Path, arguments: list[str]) -> Config:
    """Merge the files, in k3s's order, and then the flags over them."""
    settings: dict[str, list[str]] = {}
    for path in (main_file, *sorted(Path(f"{main_file}.d").glob("*.y*ml"))):
        if path.is_file():
            _merge(settings, _parse(path))
    for key in sorted(set(settings) - KNOWN_KEYS):
        log("warning", f"Unknown flag --{key} found in {main_file.name}, skipping")
        del settings[key]
    _merge(settings, _flags(arguments))
    return Config(settings)


def _parse(path: Path) -> dict[str, object]:
    try:
        content = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        fatal(f"failed to parse {path}: {' '.join(str(error).split())}")
    if content is None:
        return {}
    if not isinstance(content, dict):
        fatal(f"failed to parse {path}: not a map")
    return {str(key): value for key, value in content.items()}


def _merge(settings: dict[str, list[str]], new: dict[str, object]) -> None:
    for raw_key, value in new.items():
        key = raw_key.rstrip("+")
        values = [_text(item) for item in value] if isinstance(value, list) else [_text(value)]
        settings[key] = settings.get(key, []) + values if raw_key.endswith("+") else values


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _flags(arguments: list[str]) -> dict[str, object]:
    flags: dict[str, list[str]] = {}
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).removeprefix("--").partition("=")
        if name not in KNOWN_KEYS:
            fatal(f"flag provided but not defined: -{name}")
        if not equals:
            value = rest.pop(0) if rest and not rest[0].startswith("--") else "true"
        flags.setdefault(name, []).append(value)
    return dict(flags)
