import json
from pathlib import Path
from typing import Any

import pytest

from tests.synth.app import Synthesis
from tools import stack_table

S3 = {"bucket": "tfstate", "key": "a/phase0.tfstate", "endpoints": {"s3": "https://r2.example.com"}}


def stack(
    folder: Path, name: str, backend: dict[str, Any], dependencies: list[str], resources: Any
) -> dict[str, Any]:
    path = Path("stacks") / name / "cdk.tf.json"
    (folder / path).parent.mkdir(parents=True)
    document = {"terraform": {"backend": backend}, **({"resource": resources} if resources else {})}
    (folder / path).write_text(json.dumps(document))
    return {"synthesizedStackPath": str(path), "dependencies": dependencies}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    stacks = {
        "b-phase1": stack(
            tmp_path,
            "b-phase1",
            {"local": {"path": str(Path.cwd() / ".state/b/phase1.tfstate")}},
            ["a-phase0", "b-phase0"],
            None,
        ),
        "a-phase0": stack(
            tmp_path, "a-phase0", {"s3": S3}, [], {"x": {"1": {}, "2": {}}, "y": {"1": {}}}
        ),
        "c-phase0": stack(
            tmp_path, "c-phase0", {"local": {"path": "/elsewhere/state"}}, [], {"x": {"1": {}}}
        ),
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"stacks": stacks}))
    return tmp_path


def test_a_row_says_how_large_a_stack_is_what_it_waits_for_and_where_its_state_is(
    folder: Path,
) -> None:
    assert stack_table.rows(folder) == [
        ("a-phase0", "3", "-", "tfstate/a/phase0.tfstate at https://r2.example.com"),
        ("b-phase1", "0", "a-phase0, b-phase0", ".state/b/phase1.tfstate"),
        ("c-phase0", "1", "-", "/elsewhere/state"),
    ]


def test_the_table_is_aligned_under_its_headings(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["stack_table", str(folder)])
    stack_table.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "stack     resources  depends on          state"
    assert lines[2] == "b-phase1  0          a-phase0, b-phase0  .state/b/phase1.tfstate"
    assert len(lines) == 4


def test_every_stack_of_the_app_is_in_the_table(synthesis: Synthesis) -> None:
    rows = stack_table.rows(synthesis.folder)
    assert [row[0] for row in rows] == sorted(synthesis.stacks)
    assert all(int(row[1]) > 0 for row in rows)
