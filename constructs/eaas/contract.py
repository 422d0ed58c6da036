"""What a stack gives to later stacks: named, described and typed terraform outputs.

    @dataclass(frozen=True, kw_only=True)
    class Phase0Outputs(Contract):
        endpoint: str = output("URL of the Kubernetes API")

The producer fills one in and calls `export`; a consumer gets one from `read`, with references in
place of values.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Self

from eaas.terraform import TerraformOutput, TerraformRemoteState, TerraformStack


def output(description: str, *, sensitive: bool = False) -> Any:
    return field(metadata={"description": description, "sensitive": sensitive})


@dataclass(frozen=True, kw_only=True)
class Contract:
    """Fields are text. A field's name is the output's name: a contract with deployed states."""

    def export(self, stack: TerraformStack) -> None:
        for item in fields(self):
            TerraformOutput(
                stack,
                item.name,
                value=getattr(self, item.name),
                description=item.metadata["description"],
                sensitive=item.metadata["sensitive"] or None,
                static_id=True,
            )

    @classmethod
    def read(cls, remote: TerraformRemoteState) -> Self:
        return cls(**{item.name: remote.get_string(item.name) for item in fields(cls)})
