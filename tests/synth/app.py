"""One run of the app, and what it wrote."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]


class Resource(NamedTuple):
    """A resource of one stack, as it stands in the JSON."""

    stack: str
    kind: str
    id: str
    body: dict[str, Any]

    @property
    def address(self) -> str:
        return f"{self.kind}.{self.id}"

    def __str__(self) -> str:
        return f"{self.stack}: {self.address}"


@dataclass(frozen=True)
class Synthesis:
    folder: Path
    manifest: dict[str, Any]
    stacks: dict[str, dict[str, Any]]

    @classmethod
    def load(cls, folder: Path) -> "Synthesis":
        manifest = json.loads((folder / "manifest.json").read_text())
        return cls(
            folder=folder,
            manifest=manifest,
            stacks={
                name: json.loads((folder / stack["synthesizedStackPath"]).read_text())
                for name, stack in sorted(manifest["stacks"].items())
            },
        )

    def resources(self, *prefixes: str) -> list[Resource]:
        """The resources of all stacks whose type starts with one of `prefixes`; never none."""
        found = [item for item in self._resources() if item.kind.startswith(prefixes or "")]
        assert found, f"no stack has a resource {prefixes}: there is nothing to judge"
        return found

    def files(self) -> dict[Path, bytes]:
        """Everything that was written, by its place in the folder."""
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        return {path.relative_to(self.folder): path.read_bytes() for path in paths}

    def _resources(self) -> Iterator[Resource]:
        for stack, document in self.stacks.items():
            for kind, bodies in document.get("resource", {}).items():
                for name, body in bodies.items():
                    yield Resource(stack, kind, name, body)


def run_app(
    outdir: Path, program: Sequence[str] = ("main.py",), **environment: str
) -> subprocess.CompletedProcess[str]:
    """`python main.py`, or another Python program, in the project's folder."""
    inherited = {name: value for name, value in os.environ.items() if name != "EAAS_ENVIRONMENTS"}
    return subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env={**inherited, "CDKTF_OUTDIR": str(outdir), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def strings(node: Any) -> Iterator[str]:
    """Every text in a JSON document, keys included."""
    match node:
        case str():
            yield node
        case dict():
            for key, value in node.items():
                yield key
                yield from strings(value)
        case list():
            for value in node:
                yield from strings(value)
