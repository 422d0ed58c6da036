"""Stacks talk through named outputs alone."""

import re

from eaas.environment import Environment
from tests.synth.app import Synthesis, strings

READ = re.compile(r"data\.terraform_remote_state\.([\w-]+)\.outputs\.([\w-]+)")


def reads(synthesis: Synthesis) -> set[tuple[str, str, str]]:
    """(stack, producer as it is called there, output) of every read."""
    return {
        (stack, producer, name)
        for stack, document in synthesis.stacks.items()
        for text in strings(document)
        for producer, name in READ.findall(text)
    }


def test_every_output_that_is_read_exists_in_its_producer(
    synthesis: Synthesis, environments: dict[str, Environment]
) -> None:
    found = reads(synthesis)
    assert found
    missing = [
        f"{stack} reads {name} of {producer}"
        for stack, producer, name in found
        if name not in synthesis.stacks[f"{environments[stack].name}-{producer}"]["output"]
    ]
    assert missing == []


def test_every_mention_of_a_remote_state_is_such_a_read(synthesis: Synthesis) -> None:
    for document in synthesis.stacks.values():
        for text in strings(document):
            assert text.count("data.terraform_remote_state.") == len(READ.findall(text))


def test_no_name_is_made_of_construct_paths(synthesis: Synthesis) -> None:
    assert [text for text in strings(synthesis.stacks) if "cross-stack-" in text] == []


def test_every_output_is_described_and_named_as_in_python(synthesis: Synthesis) -> None:
    for stack, document in synthesis.stacks.items():
        for name, output in document["output"].items():
            assert output["description"], f"{stack}: {name}"
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name), f"{stack}: {name}"


def test_all_environments_export_the_same(
    synthesis: Synthesis, environments: dict[str, Environment]
) -> None:
    exports: dict[str, set[frozenset[str]]] = {}
    for stack, document in synthesis.stacks.items():
        phase = stack.removeprefix(f"{environments[stack].name}-")
        exports.setdefault(phase, set()).add(frozenset(document["output"]))
    assert {phase: len(kinds) for phase, kinds in exports.items()} == dict.fromkeys(exports, 1)
