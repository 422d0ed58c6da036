import os
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests.synth.app import ROOT, Synthesis

EXAMPLE = ROOT / ".env.example"
REQUEST_FORMAT = ["AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION"]
CREDENTIALS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]


def entries() -> dict[str, str]:
    """The variables of the example and what they are set to."""
    lines = EXAMPLE.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_it_lists_exactly_the_variables_that_there_are(synthesis: Synthesis) -> None:
    of_terraform = {
        f"TF_VAR_{name}"
        for document in synthesis.stacks.values()
        for name in document.get("variable", {})
    }
    assert of_terraform
    assert set(entries()) == {*CREDENTIALS, *REQUEST_FORMAT, *of_terraform}


def test_every_variable_is_listed_once_and_described() -> None:
    lines = EXAMPLE.read_text().splitlines()
    names = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert len(names) == len(set(names))
    for above, line in pairwise(lines):
        if line and not line.startswith("#"):
            # the two of the request format share a description
            assert re.match("# .", above) or above.startswith(REQUEST_FORMAT[0]), line


def test_it_says_which_stacks_want_a_variable(synthesis: Synthesis) -> None:
    phases = {
        stack.rpartition("-")[2]
        for stack, document in synthesis.stacks.items()
        if document.get("variable")
    }
    assert phases
    assert [phase for phase in phases if f"<env>-{phase}" not in EXAMPLE.read_text()] == []


def test_it_holds_no_secret_and_no_default_for_one() -> None:
    for name, value in entries().items():
        if name not in REQUEST_FORMAT:
            assert value in {"", '"$(cat ~/.ssh/id_ed25519)"'}, name


@pytest.mark.parametrize("name", REQUEST_FORMAT)
def test_the_request_format_that_r2_needs_is_filled_in(name: str) -> None:
    assert entries()[name] == "when_required"


def test_a_shell_reads_it_as_it_is_with_the_lines_of_the_key(tmp_path: Path) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_ed25519").write_text("first\nsecond\n")
    answer = subprocess.run(
        ["sh", "-euc", 'set -a; . ./.env.example; env; echo "<$TF_VAR_ssh_private_key>"'],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = {line.partition("=")[0] for line in answer.stdout.splitlines()}
    assert set(entries()) <= seen
    assert answer.stdout.endswith("<first\nsecond>\n")


@pytest.mark.parametrize(("name", "ignored"), [(".env", True), (".env.example", False)])
def test_git_ignores_the_file_that_people_make_of_it(name: str, ignored: bool) -> None:
    answer = subprocess.run(
        ["git", "check-ignore", "--quiet", "--no-index", name], cwd=ROOT, check=False
    )
    assert (answer.returncode == 0) is ignored
