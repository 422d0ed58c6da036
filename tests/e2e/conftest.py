import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.bench import Bench, ChartVersion, Providers, ProviderVersions
from tests.e2e.workspace import REPOSITORY, Workspace, read_yaml

NEEDED = {"helm", "kubernetes", "null", "random", "tls"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.bench)


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    with Bench(folder) as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def providers(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Providers:
    return bench.use_providers(provider_versions(tmp_path_factory.mktemp("synth")))


@pytest.fixture(scope="session")
def real_providers(providers: Providers) -> None:
    """For tests that prove nothing with made-up providers."""
    if not providers.all_real(NEEDED):
        pytest.skip(f"needs the real providers; there are {providers}")


@pytest.fixture(scope="session")
def chart_repository(bench: Bench) -> str:
    return bench.charts(pinned_charts())


@pytest.fixture(scope="session")
def new_workspace(
    bench: Bench, chart_repository: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Workspace]:
    numbers = count(1)

    def make(name: str = "staging") -> Workspace:
        number = next(numbers)
        folder = tmp_path_factory.mktemp(f"workspace-{number}")
        return Workspace(folder, bench, chart_repository, bucket=f"eaas-{number}", name=name)

    return make


def pinned_charts() -> list[ChartVersion]:
    pins = read_yaml(REPOSITORY / "constructs" / "eaas" / "pins.yaml")
    return [(name, pin["version"], "0") for name, pin in pins["charts"].items()]


def provider_versions(outdir: Path) -> ProviderVersions:
    """The providers of the repository's own stacks, as they are synthesized."""
    subprocess.run(
        [sys.executable, "main.py"],
        cwd=REPOSITORY,
        check=True,
        env={**os.environ, "CDKTF_OUTDIR": str(outdir)},
    )
    versions: dict[str, tuple[str, str]] = {}
    for path in outdir.glob("stacks/*/cdk.tf.json"):
        required = json.loads(path.read_text())["terraform"]["required_providers"]
        for name, provider in required.items():
            source = provider["source"]
            versions[name] = (
                source if "/" in source else f"hashicorp/{source}",
                provider["version"],
            )
    return versions
