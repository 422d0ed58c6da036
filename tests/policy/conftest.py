from typing import Any

import pytest

from eaas.environment import Environment
from eaas.loader import load_environments
from tests.synth.app import ROOT, Resource, Synthesis


@pytest.fixture(scope="session")
def environments() -> dict[str, Environment]:
    """Every environment, by the names of its stacks."""
    return {
        f"{environment.name}-{phase}": environment
        for environment in load_environments(ROOT / "environments")
        for phase in ("phase0", "phase1")
    }


@pytest.fixture(scope="session")
def releases(synthesis: Synthesis) -> list[Resource]:
    return synthesis.resources("helm_release")


@pytest.fixture(scope="session")
def variables(synthesis: Synthesis) -> dict[str, dict[str, Any]]:
    """Every terraform variable of every stack: `staging-phase0: ssh_private_key`."""
    return {
        f"{stack}: {name}": body
        for stack, document in synthesis.stacks.items()
        for name, body in document.get("variable", {}).items()
    }
