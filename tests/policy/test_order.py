"""What must be there first: a deploy that is killed loses nothing that the host already has."""

from tests.synth.app import Resource, Synthesis

MADE_HERE = ("random_", "tls_")


def one(synthesis: Synthesis, stack: str, path: str) -> Resource:
    (found,) = [
        item
        for item in synthesis.resources("null_resource")
        if item.body["//"]["metadata"]["path"] == f"{stack}/{path}"
    ]
    return found


def phase0(synthesis: Synthesis) -> list[str]:
    return [stack for stack in synthesis.stacks if stack.endswith("-phase0")]


def test_the_checkpoint_comes_after_every_secret_of_its_stack(synthesis: Synthesis) -> None:
    assert phase0(synthesis)
    for stack in phase0(synthesis):
        made = {item.address for item in synthesis.resources(*MADE_HERE) if item.stack == stack}
        checkpoint = one(synthesis, stack, "checkpoint/Default")
        assert set(checkpoint.body["depends_on"]) == made
        assert set(checkpoint.body["triggers"]["generated"].split("\n")) == made


def test_the_installer_comes_after_the_checkpoint(synthesis: Synthesis) -> None:
    connected = [item for item in synthesis.resources("null_resource") if "connection" in item.body]
    assert connected
    for item in connected:
        checkpoint = one(synthesis, item.stack, "checkpoint/Default")
        assert checkpoint.address in item.body["depends_on"], item


def test_everything_in_the_cluster_comes_after_installer_or_checkpoint(
    synthesis: Synthesis,
) -> None:
    """By the providers' own configuration: no resource has to name it."""
    for stack in phase0(synthesis):
        provider = synthesis.stacks[stack]["provider"]
        hosts = {
            provider["kubernetes"][0]["host"],
            provider["helm"][0]["kubernetes"]["host"],
        }
        (host,) = hosts
        assert "${null_resource." in host, stack
        assert ".triggers." in host, stack


def test_operators_come_before_their_custom_resources(synthesis: Synthesis) -> None:
    for stack in phase0(synthesis):
        releases = [item for item in synthesis.resources("helm_release") if item.stack == stack]
        (operator,) = [item for item in releases if item.body["chart"] == "cloudnative-pg"]
        (server,) = [item for item in releases if item.body["chart"] == "cluster"]
        assert operator.address in server.body["depends_on"]
