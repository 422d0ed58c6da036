import pytest

from eaas.loader import load_environments
from tests.synth.app import ROOT, Synthesis

ENVIRONMENTS = [item.name for item in load_environments(ROOT / "environments")]
PHASES: dict[str, set[str]] = {"phase0": set(), "phase1": {"phase0"}}
"""What each phase waits for, of the same environment."""


def test_every_environment_has_every_phase_and_nothing_else_is_there(synthesis: Synthesis) -> None:
    assert set(synthesis.stacks) == {
        f"{environment}-{phase}" for environment in ENVIRONMENTS for phase in PHASES
    }


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_phase_is_deployed_after_exactly_what_it_waits_for(
    synthesis: Synthesis, environment: str, phase: str
) -> None:
    stack = synthesis.manifest["stacks"][f"{environment}-{phase}"]
    assert set(stack["dependencies"]) == {f"{environment}-{earlier}" for earlier in PHASES[phase]}


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_phase_reads_the_state_of_no_stack_that_it_does_not_wait_for(
    synthesis: Synthesis, environment: str, phase: str
) -> None:
    data = synthesis.stacks[f"{environment}-{phase}"].get("data", {})
    assert set(data.get("terraform_remote_state", {})) <= PHASES[phase]
