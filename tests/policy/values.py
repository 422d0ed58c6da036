"""The values that a release passes to its chart."""

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML

from tests.synth.app import Resource


def values(release: Resource) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for text in release.body["values"]:
        merged |= YAML(typ="safe", pure=True).load(text)
    return merged


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """`cluster.roles[].name` and its value, for every value that is not a collection itself."""
    match node:
        case dict() if node:
            for key, value in node.items():
                yield from leaves(value, f"{path}.{key}".lstrip("."))
        case list() if node:
            for value in node:
                yield from leaves(value, f"{path}[]")
        case _:
            yield path, node
