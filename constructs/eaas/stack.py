from pathlib import Path
from typing import TypeVar

from constructs import Construct

from eaas.contract import Contract
from eaas.environment import Environment
from eaas.pins import pins
from eaas.state import state_key, state_store
from eaas.terraform import TerraformStack

ROOT = Path(__file__).parents[2]

Outputs = TypeVar("Outputs", bound=Contract)


class PhaseStack(TerraformStack):
    """One phase of one environment: the stack `<environment>-<phase>` with a state of its own."""

    def __init__(self, scope: Construct, environment: Environment, phase: str) -> None:
        super().__init__(scope, f"{environment.name}-{phase}")
        self.environment = environment
        self.phase = phase
        self.state = state_store(environment, ROOT)
        self.state.hold(self, state_key(environment, phase))
        self.add_override("terraform.required_version", f">= {pins().terraform}")

    def outputs_of(self, producer: "PhaseStack", contract: type[Outputs]) -> Outputs:
        """What `producer` exports, read from its state; it is deployed before this stack."""
        self.add_dependency(producer)
        key = state_key(producer.environment, producer.phase)
        return contract.read(self.state.read(self, producer.phase, key))
