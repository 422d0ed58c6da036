"""A valid environment, and variations of it by dotted keys."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ruamel.yaml import YAML

from eaas.environment import Environment

BASE = Path(__file__).with_name("environment.yaml")
ABSENT = object()
"""As a value: the key is left out."""
UNCHANGED: Mapping[str, Any] = MappingProxyType({})


def data(changes: Mapping[str, Any] = UNCHANGED) -> dict[str, Any]:
    """The valid environment with `changes`: `{"cluster.ssh.port": 2222, "zone": ABSENT}`."""
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(BASE)
    for path, value in changes.items():
        *parents, key = path.split(".")
        place = content
        for parent in parents:
            place = place[parent]
        if value is ABSENT:
            del place[key]
        else:
            place[key] = value
    return content


def environment(name: str = "staging", changes: Mapping[str, Any] = UNCHANGED) -> Environment:
    return Environment.model_validate({"name": name, **data(changes)})


def write(folder: Path, changes: Mapping[str, Any] = UNCHANGED, name: str = "staging.yaml") -> Path:
    """An environment file in `folder`."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    YAML(typ="safe", pure=True).dump(data(changes), path)
    return path
