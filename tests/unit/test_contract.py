from dataclasses import dataclass

import pytest

from eaas.contract import Contract, output
from eaas.terraform import DataTerraformRemoteStateLocal, TerraformOutput
from tests.unit.one_stack import OneStack


@dataclass(frozen=True, kw_only=True)
class Deliverables(Contract):
    endpoint: str = output("URL of the API")
    client_key: str = output("its key", sensitive=True)


def test_every_field_is_an_output_under_its_own_name(one: OneStack) -> None:
    Deliverables(endpoint="https://a", client_key="k").export(one.stack)
    assert one.document()["output"] == {
        "endpoint": {"value": "https://a", "description": "URL of the API"},
        "client_key": {"value": "k", "description": "its key", "sensitive": True},
    }


def test_a_consumer_gets_references_in_place_of_values(one: OneStack) -> None:
    remote = DataTerraformRemoteStateLocal(one.stack, "phase0", path="/state")
    read = Deliverables.read(remote)
    TerraformOutput(one.stack, "copy", value=f"{read.endpoint} {read.client_key}", sensitive=True)
    assert one.document()["output"]["copy"]["value"] == (
        "${data.terraform_remote_state.phase0.outputs.endpoint} "
        "${data.terraform_remote_state.phase0.outputs.client_key}"
    )


def test_a_contract_cannot_be_filled_in_half() -> None:
    with pytest.raises(TypeError, match="client_key"):
        Deliverables(endpoint="https://a")
