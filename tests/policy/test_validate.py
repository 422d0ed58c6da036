"""Terraform accepts every stack: names and types of all arguments, by the providers' schemas."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from eaas.loader import load_environments
from tests.bench.providers import ProviderVersions, resolve_providers
from tests.synth.app import ROOT, Synthesis

STACKS = [
    f"{environment.name}-{phase}"
    for environment in load_environments(ROOT / "environments")
    for phase in ("phase0", "phase1")
]


@pytest.fixture(scope="module")
def settings(synthesis: Synthesis, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Terraform's environment: with the providers of this machine, or the registry's."""
    versions: ProviderVersions = {
        name: (f"hashicorp/{provider['source'].rpartition('/')[2]}", provider["version"])
        for document in synthesis.stacks.values()
        for name, provider in document["terraform"]["required_providers"].items()
    }
    folder = tmp_path_factory.mktemp("providers")
    providers = resolve_providers(versions, folder)
    print(providers)
    source = (
        {"TF_CLI_CONFIG_FILE": str(providers.cli_config)}
        if providers.cli_config
        # each provider is downloaded once and not for every stack
        else {
            "TF_PLUGIN_CACHE_DIR": str(folder),
            "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
        }
    )
    return {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0", **source}


def terraform(
    folder: Path, settings: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["terraform", f"-chdir={folder}", *arguments],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def initialized(
    request: pytest.FixtureRequest, synthesis: Synthesis, settings: dict[str, str], tmp_path: Path
) -> Path:
    folder = tmp_path / "stack"
    shutil.copytree(synthesis.folder / "stacks" / request.param, folder)
    answer = terraform(folder, settings, "init", "-backend=false", "-no-color")
    assert answer.returncode == 0, answer.stderr
    return folder


@pytest.mark.parametrize("initialized", STACKS, indirect=True)
def test_terraform_accepts_the_stack(initialized: Path, settings: dict[str, str]) -> None:
    answer = terraform(initialized, settings, "validate", "-no-color")
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("initialized", STACKS[:1], indirect=True)
def test_terraform_would_refuse_an_argument_that_does_not_exist(
    initialized: Path, settings: dict[str, str]
) -> None:
    path = initialized / "cdk.tf.json"
    path.write_text(path.read_text().replace('"ingress_class_name"', '"ingress_clas_name"'))
    answer = terraform(initialized, settings, "validate", "-no-color")
    assert answer.returncode == 1
    assert "ingress_clas_name" in answer.stderr
