import subprocess
from pathlib import Path
from typing import Any

import pytest

from eaas.environment import Environment, R2State
from tests.synth.app import ROOT, Synthesis

FORBIDDEN = {"access_key", "secret_key", "token", "profile", "encrypt", "acl", "dynamodb_table"}


def backends(synthesis: Synthesis) -> dict[str, tuple[str, dict[str, Any]]]:
    """The kind of each stack's backend, and its settings."""
    return {
        stack: next(iter(document["terraform"]["backend"].items()))
        for stack, document in synthesis.stacks.items()
    }


def key(backend: tuple[str, dict[str, Any]]) -> str:
    kind, settings = backend
    return str(settings["key"] if kind == "s3" else settings["path"])


def test_every_stack_has_exactly_the_backend_of_its_environment(
    synthesis: Synthesis, environments: dict[str, Environment]
) -> None:
    for stack, (kind, _) in backends(synthesis).items():
        assert len(synthesis.stacks[stack]["terraform"]["backend"]) == 1
        r2 = isinstance(environments[stack].state, R2State)
        assert kind == ("s3" if r2 else "local"), stack


def test_every_key_is_the_environment_and_the_phase_and_no_two_are_alike(
    synthesis: Synthesis, environments: dict[str, Environment]
) -> None:
    keys = {stack: key(backend) for stack, backend in backends(synthesis).items()}
    assert len(set(keys.values())) == len(keys)
    for stack, found in keys.items():
        name = environments[stack].name
        wanted = f"{name}/{stack.removeprefix(f'{name}-')}.tfstate"
        kind, _ = backends(synthesis)[stack]
        assert found == (wanted if kind == "s3" else str(ROOT / ".state" / wanted))


def test_the_lock_is_the_boolean_true_wherever_state_is_shared(synthesis: Synthesis) -> None:
    shared = {
        stack: settings for stack, (kind, settings) in backends(synthesis).items() if kind == "s3"
    }
    assert shared
    for stack, settings in shared.items():
        assert settings["use_lockfile"] is True, stack


def test_no_backend_and_no_remote_state_holds_credentials_or_what_r2_lacks(
    synthesis: Synthesis,
) -> None:
    remotes = [
        remote["config"]
        for document in synthesis.stacks.values()
        for remote in document.get("data", {}).get("terraform_remote_state", {}).values()
    ]
    settings = [settings for _, settings in backends(synthesis).values()]
    assert remotes
    assert [item for item in settings + remotes if FORBIDDEN & item.keys()] == []


def test_a_remote_state_is_read_where_its_producer_keeps_it(
    synthesis: Synthesis, environments: dict[str, Environment]
) -> None:
    for stack, document in synthesis.stacks.items():
        for phase, remote in document.get("data", {}).get("terraform_remote_state", {}).items():
            kind, held = backends(synthesis)[f"{environments[stack].name}-{phase}"]
            assert remote["backend"] == kind
            assert remote["config"] == {
                name: value for name, value in held.items() if name != "use_lockfile"
            }


def test_local_state_is_where_git_does_not_look(synthesis: Synthesis) -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    for kind, settings in backends(synthesis).values():
        if kind == "local":
            assert f"{Path(settings['path']).relative_to(ROOT).parts[0]}/" in ignored


@pytest.mark.parametrize("name", [".state/x", ".env", ".kube/staging.yaml", "cdktf.out/x"])
def test_git_ignores_what_holds_secrets(name: str) -> None:
    answer = subprocess.run(
        ["git", "check-ignore", "--quiet", "--no-index", name], cwd=ROOT, check=False
    )
    assert answer.returncode == 0
