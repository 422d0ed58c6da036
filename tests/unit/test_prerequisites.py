"""tools/prerequisites.sh, with nothing on PATH but the programs of the case."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from eaas.pins import pins
from tests.synth.app import ROOT

SCRIPT = ROOT / "tools" / "prerequisites.sh"
PYTHON = (
    'case "$*" in --version) echo "Python {version}" ;; *ensurepip*) exit {no_venv} ;; '
    "*) exit {too_old} ;; esac"
)
GOOD = {
    "python3": PYTHON.format(version="3.11.2", too_old=0, no_venv=0),
    "node": "echo v22.23.0",
    "npm": "echo 10.9.0",
    "terraform": 'echo "Terraform v1.11.4"; echo "on linux_amd64"',
}


def run(folder: Path, programs: Mapping[str, str | None]) -> subprocess.CompletedProcess[str]:
    """`programs`: the script of each one that differs, or None for one that is absent."""
    for tool in ("head", "cut"):
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    for name, script in {**GOOD, **programs}.items():
        if script is not None:
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
    return subprocess.run(
        ["/bin/sh", str(SCRIPT)],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def missing(folder: Path, programs: Mapping[str, str | None]) -> str:
    """The one line that is said about what is missing."""
    answer = run(folder, programs)
    (line,) = answer.stderr.splitlines()
    assert answer.returncode == 1
    assert line.startswith("missing: ")
    return line.removeprefix("missing: ")


@pytest.mark.parametrize(
    "programs",
    [
        {},
        {"node": "echo v20.20.2"},
        {"terraform": "echo Terraform v1.11.2"},
        {"terraform": "echo Terraform v1.12.0-beta1"},
        {"terraform": "echo Terraform v1.20.3"},
        {"terraform": "echo Terraform v2.0.0"},
    ],
    ids=str,
)
def test_a_machine_with_everything_passes_in_silence(
    tmp_path: Path, programs: dict[str, str]
) -> None:
    answer = run(tmp_path, programs)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


@pytest.mark.parametrize("version", ["v24.21.0", "v18.20.4", "v2.0.0", "v23.1.0"])
def test_another_node_is_named_with_what_breaks(tmp_path: Path, version: str) -> None:
    assert missing(tmp_path, {"node": f"echo {version}"}) == (
        f"Node.js 22 (or 20): node is {version}, and cdktf-cli 0.21 does not work with it"
    )


@pytest.mark.parametrize(
    "version", ["v1.11.1", "v1.11.0", "v1.11.0-rc1", "v1.10.5", "v1.9.8", "v1.0.0", "v0.15.5"]
)
def test_an_old_terraform_is_named_with_what_is_needed(tmp_path: Path, version: str) -> None:
    script = f'echo "Terraform {version}"; echo "on linux_amd64"'
    assert missing(tmp_path, {"terraform": script}) == (
        f"Terraform 1.11.2 or later: terraform is {version}"
    )


def test_the_oldest_terraform_is_the_one_in_the_table_of_pins(tmp_path: Path) -> None:
    assert run(tmp_path, {"terraform": f"echo Terraform v{pins().terraform}"}).returncode == 0
    assert f"Terraform {pins().terraform} or later" in SCRIPT.read_text()


def test_an_old_python_is_named_with_the_way_to_another(tmp_path: Path) -> None:
    script = PYTHON.format(version="3.10.12", too_old=1, no_venv=0)
    assert missing(tmp_path, {"python3": script}) == (
        "Python 3.11 or later (python3 is Python 3.10.12); name another by PYTHON=..."
    )


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("node", "Node.js 22 (or 20): node is not on PATH"),
        ("npm", "npm, which comes with Node.js"),
        (
            "terraform",
            "Terraform 1.11.2 or later: terraform is not on PATH "
            "(https://developer.hashicorp.com/terraform/install)",
        ),
    ],
)
def test_an_absent_program_is_named(tmp_path: Path, program: str, line: str) -> None:
    assert missing(tmp_path, {program: None}) == line


def test_a_python_without_venv_is_named_with_the_package(tmp_path: Path) -> None:
    script = PYTHON.format(version="3.11.2", too_old=0, no_venv=1)
    assert missing(tmp_path, {"python3": script}) == (
        "Python's venv module (Debian: apt-get install python3-venv)"
    )


def test_everything_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    answer = run(tmp_path, dict.fromkeys(GOOD))
    first, *others = answer.stderr.splitlines()
    assert answer.returncode == 1
    assert first == (
        "missing: Python 3.11 or later (python3 is absent); name another by PYTHON=..."
    )
    assert [line.split(" ")[1].rstrip(",") for line in others[-3:]] == [
        "Node.js",
        "npm",
        "Terraform",
    ]


def test_another_python_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "python3.12").write_text(f"#!/bin/sh\n{GOOD['python3']}\n")
    (tmp_path / "python3.12").chmod(0o755)
    assert run(tmp_path, {"python3": None}).returncode == 1
    answer = subprocess.run(
        ["/bin/sh", str(SCRIPT)],
        env={"PATH": str(tmp_path), "PYTHON": "python3.12"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (0, "")
