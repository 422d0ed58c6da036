"""What is deployed, as JSON. A snapshot proves shape; that it works is for tests/e2e.

After a change that is meant: pytest tests/synth --snapshot-update, and read the difference.
"""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from eaas.pins import pins
from tests.synth.app import Synthesis

STACKS = ["staging-phase0", "staging-phase1", "prod-phase0", "prod-phase1"]


@pytest.fixture
def json_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def content(node: Any) -> Any:
    """A document without what cdktf says about itself and about the construct tree."""
    match node:
        case dict():
            return {key: content(value) for key, value in node.items() if key != "//"}
        case list():
            return [content(value) for value in node]
        case _:
            return node


@pytest.mark.parametrize("stack", STACKS)
def test_the_content_of_a_stack(
    synthesis: Synthesis, stack: str, json_snapshot: SnapshotAssertion
) -> None:
    document = content(synthesis.stacks[stack])
    for provider in document["terraform"]["required_providers"].values():
        del provider["version"]
    assert document == json_snapshot


@pytest.mark.parametrize("stack", STACKS)
def test_the_addresses_of_a_stack(
    synthesis: Synthesis, stack: str, json_snapshot: SnapshotAssertion
) -> None:
    """An address that changes means: destroy and create. Outputs are read by later stacks."""
    addresses = [
        f"{item.address} <- {item.body['//']['metadata']['path']}"
        for item in synthesis.resources()
        if item.stack == stack
    ]
    outputs = [f"output.{name}" for name in synthesis.stacks[stack]["output"]]
    assert sorted(addresses + outputs) == json_snapshot


def test_the_versions_of_everything(synthesis: Synthesis, json_snapshot: SnapshotAssertion) -> None:
    providers = {
        f"{name} ({provider['source']})": provider["version"]
        for document in synthesis.stacks.values()
        for name, provider in document["terraform"]["required_providers"].items()
    }
    engines = {document["//"]["metadata"]["version"] for document in synthesis.stacks.values()}
    assert {
        "cdktf": sorted(engines),
        "providers": providers,
        "required terraform": sorted(
            {document["terraform"]["required_version"] for document in synthesis.stacks.values()}
        ),
        **pins().model_dump(),
    } == json_snapshot
