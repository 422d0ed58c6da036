"""The app as people start it: `python main.py`, and by the cdktf command line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.synth.app import ROOT, run_app
from tests.unit.environments import ABSENT, write

LOCAL = {
    "state": {"backend": "local"},
    "cluster": {"type": "existing"},
    "prefix": ABSENT,
    "zone": "localhost",
}


def refusal(folder: Path, outdir: Path) -> str:
    """The message of a run that fails before anything was written."""
    answer = run_app(outdir, EAAS_ENVIRONMENTS=str(folder))
    assert answer.returncode != 0
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr
    assert answer.stderr.count("error: ") == 1
    assert answer.stderr.startswith("error: ")
    assert not outdir.exists()
    return answer.stderr.removeprefix("error: ").strip()


def test_environments_are_synthesized_from_the_given_folder(tmp_path: Path) -> None:
    write(tmp_path / "environments", LOCAL, "mine.yaml")
    answer = run_app(tmp_path / "out", EAAS_ENVIRONMENTS=str(tmp_path / "environments"))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    assert sorted(manifest["stacks"]) == ["mine-phase0", "mine-phase1"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"protekt": True}, "protekt: unknown key; did you mean 'protect'?"),
        ({"state.bucket": ABSENT}, "state.bucket: missing; the key is required"),
        ({"components.infisical_redis.storage": "1GB"}, "'1GB' is not a size: write 10Gi"),
        ({"charts": {"redis": "latest"}}, "charts.redis: 'latest' is not one exact chart version"),
    ],
    ids=["unknown key", "no bucket", "size", "no pin"],
)
def test_a_mistake_in_a_file_is_one_message_and_nothing_is_written(
    tmp_path: Path, changes: dict[str, Any], expected: str
) -> None:
    path = write(tmp_path / "environments", changes)
    message = refusal(path.parent, tmp_path / "out")
    assert message.startswith(f"{path}: ")
    assert expected in message


def test_a_yaml_error_is_one_message_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "environments" / "staging.yaml"
    path.parent.mkdir()
    path.write_text("zone: a\nprefix: [b\n")
    assert refusal(path.parent, tmp_path / "out").startswith(f"{path}:3:1: ")


def test_two_services_on_one_name_are_one_message(tmp_path: Path) -> None:
    write(tmp_path / "environments", {}, "staging.yaml")
    write(tmp_path / "environments", {}, "twin.yaml")
    message = refusal(tmp_path / "environments", tmp_path / "out")
    assert message.startswith(
        "cloud-x-staging.example.com is claimed by infisical of environments/staging.yaml and"
    )


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_no_environments_is_one_message(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    message = refusal(tmp_path / folder, tmp_path / "out")
    assert message.startswith(f"{tmp_path / folder}: no ")


def test_no_node_is_one_message(tmp_path: Path) -> None:
    write(tmp_path / "environments")
    answer = run_app(
        tmp_path / "out", EAAS_ENVIRONMENTS=str(tmp_path / "environments"), PATH=str(tmp_path)
    )
    assert answer.returncode != 0
    assert answer.stderr == (
        "error: node: not found on PATH; install Node.js 22 (20 works as well)\n"
    )


def cdktf(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command of cdktf, as far as the app sees it: it keeps its arguments and variables.

    Like the real one it gives the app neither.
    """
    command = tmp_path / "cdktf"
    command.write_text(
        "import os, subprocess, sys\n"
        "given = {k: v for k, v in os.environ.items() if not k.startswith('TF_VAR_')}\n"
        "sys.exit(subprocess.run([sys.executable, 'main.py'], env=given).returncode)\n"
    )
    return run_app(
        tmp_path / "out",
        [str(command), *arguments],
        EAAS_ENVIRONMENTS=str(tmp_path / "environments"),
        **{
            "AWS_ACCESS_KEY_ID": "",
            "AWS_SECRET_ACCESS_KEY": "",
            "TF_VAR_ssh_private_key": "",
            **variables,
        },
    )


def test_a_deploy_is_stopped_with_everything_that_is_missing(tmp_path: Path) -> None:
    write(tmp_path / "environments", {"cluster.host": "203.0.113.10"})
    answer = cdktf(tmp_path, "deploy", "staging-*")
    assert answer.returncode != 0
    assert "Traceback" not in answer.stderr
    first, *others = answer.stderr.splitlines()
    assert first.startswith("error: AWS_ACCESS_KEY_ID is not set; the state of staging is in R2")
    assert [line.split(" ")[0] for line in others] == [
        "AWS_SECRET_ACCESS_KEY",
        "environments/staging.yaml:",
        "TF_VAR_ssh_private_key",
    ]


def test_the_variables_of_the_command_are_seen_though_the_app_gets_none(tmp_path: Path) -> None:
    write(tmp_path / "environments", LOCAL, "mine.yaml")
    given = {
        f"TF_VAR_kube_{name}": "x"
        for name in ("endpoint", "ca_certificate", "client_certificate", "client_key")
    }
    assert cdktf(tmp_path, "deploy", "mine-*", **given).returncode == 0
    del given["TF_VAR_kube_client_key"]
    answer = cdktf(tmp_path, "deploy", "mine-*", **given)
    assert answer.returncode != 0
    assert answer.stderr == (
        "error: TF_VAR_kube_client_key is not set; mine-phase0 needs it: "
        "the key of that certificate, as PEM\n"
    )


def test_a_synthesis_by_cdktf_checks_nothing(tmp_path: Path) -> None:
    write(tmp_path / "environments", {"cluster.host": "203.0.113.10"})
    assert cdktf(tmp_path, "synth").returncode == 0


def test_the_app_reads_its_environments_from_the_project(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, str(ROOT / "main.py")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0
    assert answer.stderr == (
        "error: environments: no such folder; environment files are expected there\n"
    )


def test_without_its_packages_the_app_says_how_to_get_them() -> None:
    answer = subprocess.run(
        [sys.executable, "-S", "main.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith("error: No module named ")
    assert "run: make synth" in answer.stderr
    assert "Traceback" not in answer.stderr
