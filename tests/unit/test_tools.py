"""`make kubeconfig` and `make recover`, with a terraform that only says its part."""

import json
import os
import stat
from pathlib import Path

import pytest

from eaas.errors import ConfigError
from tools import kubeconfig, recover
from tools.terraform import Terraform

LOCKED = """
Error: Error acquiring the state lock

Error message: operation error S3: PutObject, StatusCode: 412
Lock Info:
  ID:        8a6c1a2e-7f0e-9a6d-1f0e-2f9b0c1d2e3f
  Path:      example-tfstate/staging/phase0.tfstate
  Operation: OperationTypeApply
  Who:       ci@runner
  Version:   1.11.4
  Created:   2026-11-25 10:00:00.000000 +0000 UTC
"""
HOLDER = "8a6c1a2e-7f0e-9a6d-1f0e-2f9b0c1d2e3f"


class Workspace:
    """A synthesized stack, and a terraform whose answers are set per command."""

    def __init__(self, folder: Path) -> None:
        self._answers = folder / "answers"
        self._answers.mkdir()
        self.calls = folder / "calls"
        script = folder / "terraform"
        script.write_text(
            "#!/bin/sh\n"
            f'echo "$*" >>"{self.calls}"\n'
            f'[ -e "{self._answers}/$2" ] || exit 0\n'
            f'. "{self._answers}/$2"\n'
        )
        script.chmod(0o755)
        stack = folder / "cdktf.out" / "stacks" / "staging-phase0"
        stack.mkdir(parents=True)
        (stack / "cdk.tf.json").write_text("{}")

    def answer(self, command: str, *, stdout: str = "", stderr: str = "", status: int = 0) -> None:
        out, err = self._answers / f"{command}.out", self._answers / f"{command}.err"
        out.write_text(stdout)
        err.write_text(stderr)
        (self._answers / command).write_text(f'cat "{out}"; cat "{err}" >&2; exit {status}\n')

    def commands(self) -> list[str]:
        """What terraform was asked to do, without the folder."""
        return [line.split(" ", 1)[1] for line in self.calls.read_text().splitlines()]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    made = Workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    return made


def test_the_kubeconfig_is_written_for_its_owner_alone(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.answer("output", stdout=json.dumps({"kubeconfig": {"value": "apiVersion: v1\n"}}))
    kubeconfig.main("staging")
    path = Path(".kube/staging.yaml")
    assert path.read_text() == "apiVersion: v1\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [item.name for item in path.parent.iterdir()] == ["staging.yaml"]
    assert f"export KUBECONFIG={path.resolve()}" in capsys.readouterr().out


def test_an_older_kubeconfig_with_wider_rights_is_replaced(workspace: Workspace) -> None:
    path = Path(".kube/staging.yaml")
    path.parent.mkdir()
    path.write_text("old")
    path.chmod(0o644)
    workspace.answer("output", stdout=json.dumps({"kubeconfig": {"value": "new"}}))
    kubeconfig.main("staging")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_cluster_the_kubeconfig_says_how_to_get_one(workspace: Workspace) -> None:
    workspace.answer("output", stdout="{}")
    with pytest.raises(ConfigError) as caught:
        kubeconfig.main("staging")
    assert str(caught.value) == ("staging has no cluster yet; run: npx cdktf deploy staging-phase0")
    assert not Path(".kube").exists()


def test_an_unknown_environment_names_the_stacks_that_there_are(workspace: Workspace) -> None:
    with pytest.raises(ConfigError) as caught:
        kubeconfig.main("stagin")
    assert str(caught.value) == "stagin-phase0: no such stack; there are staging-phase0"


def test_a_failure_of_terraform_is_told_in_its_own_words(workspace: Workspace) -> None:
    workspace.answer("init", stderr="Error: No valid credential sources found\n", status=1)
    with pytest.raises(ConfigError) as caught:
        Terraform("staging-phase0").init()
    assert str(caught.value) == (
        "staging-phase0: terraform init failed:\nError: No valid credential sources found"
    )


def test_a_lock_that_is_held_is_named_with_its_holder_and_left_alone(workspace: Workspace) -> None:
    workspace.answer("plan", stderr=LOCKED, status=1)
    with pytest.raises(ConfigError) as caught:
        recover.free_lock(Terraform("staging-phase0"), None)
    assert str(caught.value) == (
        "staging-phase0 is locked by ci@runner since 2026-11-25 10:00:00.000000 +0000 UTC "
        "(OperationTypeApply). If that run is over for certain: "
        f"make recover STACK=staging-phase0 LOCK={HOLDER}"
    )
    assert not any(command.startswith("force-unlock") for command in workspace.commands())


def test_another_lock_than_the_one_that_is_held_is_not_released(workspace: Workspace) -> None:
    workspace.answer("plan", stderr=LOCKED, status=1)
    with pytest.raises(ConfigError, match="is locked by ci@runner"):
        recover.free_lock(Terraform("staging-phase0"), "0" * 36)
    assert not any(command.startswith("force-unlock") for command in workspace.commands())


def test_the_lock_that_is_named_is_released(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.answer("plan", stderr=LOCKED, status=1)
    recover.free_lock(Terraform("staging-phase0"), HOLDER)
    assert workspace.commands()[-1] == f"force-unlock -force {HOLDER}"
    assert capsys.readouterr().out == "released the lock of ci@runner\n"


def test_without_a_lock_nothing_is_released(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    recover.free_lock(Terraform("staging-phase0"), HOLDER)
    assert [command.split(" ")[0] for command in workspace.commands()] == ["plan"]
    assert capsys.readouterr().out == "no lock is held\n"


def test_a_plan_is_read_and_its_file_with_its_secrets_is_removed(
    workspace: Workspace,
) -> None:
    changes = [
        {"address": "a.new", "mode": "managed", "change": {"actions": ["create"]}},
        {"address": "a.kept", "mode": "managed", "change": {"actions": ["no-op"]}},
        {"address": "a.replaced", "mode": "managed", "change": {"actions": ["delete", "create"]}},
        {"address": "data.a.read", "mode": "data", "change": {"actions": ["create"]}},
    ]
    terraform = Terraform("staging-phase0")
    (terraform.folder / "recover.tfplan").write_text("secret")
    workspace.answer("show", stdout=json.dumps({"resource_changes": changes}))
    planned = [change["address"] for change in terraform.planned()]
    assert planned == ["a.new", "a.kept", "a.replaced"]
    assert not (terraform.folder / "recover.tfplan").exists()
