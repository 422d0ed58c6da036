import pytest

from eaas.environment import Environment
from tests.policy.values import values
from tests.synth.app import Resource, Synthesis

KEPT = ("kubernetes_namespace", "helm_release", "tls_")


def is_kept(item: Resource) -> bool:
    """Whether losing it loses data, or the cluster."""
    return item.kind.startswith(KEPT) or "encryption-key" in item.id


def protected(item: Resource) -> bool:
    return item.body.get("lifecycle", {}).get("prevent_destroy") is True


@pytest.mark.parametrize("kind", ["kubernetes_namespace", "helm_release", "tls_", "random_bytes"])
def test_a_protected_environment_refuses_to_lose_what_it_cannot_get_back(
    synthesis: Synthesis, environments: dict[str, Environment], kind: str
) -> None:
    kept = [
        item
        for item in synthesis.resources(kind)
        if environments[item.stack].protect and is_kept(item)
    ]
    assert kept
    assert [str(item) for item in kept if not protected(item)] == []


def test_an_unprotected_environment_can_be_destroyed_whole(
    synthesis: Synthesis, environments: dict[str, Environment]
) -> None:
    free = [item for item in synthesis.resources() if not environments[item.stack].protect]
    assert free
    assert [str(item) for item in free if "prevent_destroy" in str(item.body)] == []


def test_helm_keeps_the_database_exactly_where_the_environment_is_protected(
    releases: list[Resource], environments: dict[str, Environment]
) -> None:
    policies = {
        (environments[release.stack].protect, release.stack, release.body["name"]): values(release)[
            "cluster"
        ]["annotations"]
        for release in releases
        if release.body["chart"] == "cluster"
    }
    assert {protect for protect, *_ in policies} == {True, False}
    for (protect, *place), annotations in policies.items():
        assert annotations == ({"helm.sh/resource-policy": "keep"} if protect else {}), place
