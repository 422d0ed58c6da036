"""Prints what was synthesized: every stack, its size, what it waits for, where its state lives."""

import json
import sys
from pathlib import Path
from typing import Any

HEADINGS = ("stack", "resources", "depends on", "state")


def rows(folder: Path) -> list[tuple[str, ...]]:
    manifest = json.loads((folder / "manifest.json").read_text())
    return [
        _row(name, stack, json.loads((folder / stack["synthesizedStackPath"]).read_text()))
        for name, stack in sorted(manifest["stacks"].items())
    ]


def _row(name: str, stack: dict[str, Any], document: dict[str, Any]) -> tuple[str, ...]:
    resources = sum(len(items) for items in document.get("resource", {}).values())
    return (name, str(resources), ", ".join(stack["dependencies"]) or "-", _state(document))


def _state(document: dict[str, Any]) -> str:
    ((kind, backend),) = document["terraform"]["backend"].items()
    if kind == "local":
        path = Path(backend["path"])
        return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    return f"{backend['bucket']}/{backend['key']} at {backend['endpoints']['s3']}"


def main() -> None:
    table = [HEADINGS, *rows(Path(sys.argv[1]))]
    widths = [max(len(row[column]) for row in table) for column in range(len(HEADINGS))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    main()
