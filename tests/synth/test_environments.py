"""staging and prod are the same platform: only names, sizes and protection differ."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.synth.app import Synthesis

DIFFER = {
    "phase0": [
        r"output\.cluster_endpoint\.value",
        r"output\.infisical_url\.value",
        r"output\.kubeconfig\.value",
        r"terraform\.backend\.s3\.(key|bucket|endpoints\.s3)",
        # the host
        r"resource\.null_resource\.k3s\.connection\.(host|port|user|host_key)",
        r"resource\.null_resource\.k3s\.triggers\.(host|config)",
        r"resource\.null_resource\.k3s\.provisioner\.2\.file\.content",
        # names
        r"resource\.kubernetes_ingress_v1\..*\.spec\.rule\.0\.host",
        r"resource\.kubernetes_secret_v1\.infisical_.*\.data\.SITE_URL",
        r"resource\.helm_release\.infisical_.*\.podAnnotations\.eaas/site-url",
        # sizes
        r".*\.resources\.(requests|limits)\.(cpu|memory)",
        r"resource\.helm_release\.platform-postgres_.*\.values\.0\.cluster\.storage\.size",
        r"resource\.helm_release\.infisical-redis_.*\.values\.0\.persistence\.size",
        r"resource\.helm_release\.infisical-redis_.*\.values\.0\.extraConfig",
        r"resource\.helm_release\.infisical_.*\.values\.0\.infisical\.replicaCount",
        # protection
        r"resource\..*\.lifecycle\.prevent_destroy",
        r"resource\.helm_release\.platform-postgres_.*\.values\.0\.cluster\.annotations.*",
    ],
    "phase1": [
        r"data\.terraform_remote_state\.phase0\.config\.(key|bucket|endpoints\.s3)",
        r"terraform\.backend\.s3\.(key|bucket|endpoints\.s3)",
        r"resource\.helm_release\.postgres_.*\.resources\.(requests|limits)\.(cpu|memory)",
        r"resource\.helm_release\.postgres_.*\.values\.0\.cluster\.storage\.size",
        r"resource\..*\.lifecycle\.prevent_destroy",
        r"resource\.helm_release\.postgres_.*\.values\.0\.cluster\.annotations.*",
    ],
}


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its place; the values of a release are looked into."""
    if isinstance(node, str) and re.search(r"helm_release\..*\.values\.\d+$", path):
        node = YAML(typ="safe", pure=True).load(node)
    match node:
        case dict() if node:
            for key, value in node.items():
                if key != "//":
                    yield from leaves(value, f"{path}.{key}".lstrip("."))
        case list() if node:
            for position, value in enumerate(node):
                yield from leaves(value, f"{path}.{position}")
        case _:
            yield path, node


@pytest.mark.parametrize("phase", DIFFER)
def test_both_have_the_same_addresses(synthesis: Synthesis, phase: str) -> None:
    staging, prod = (
        {item.address for item in synthesis.resources() if item.stack == f"{name}-{phase}"}
        for name in ("staging", "prod")
    )
    assert staging == prod


@pytest.mark.parametrize("phase", DIFFER)
def test_they_differ_in_names_sizes_and_protection_only(synthesis: Synthesis, phase: str) -> None:
    staging, prod = (
        dict(leaves(synthesis.stacks[f"{name}-{phase}"])) for name in ("staging", "prod")
    )
    different = {
        path
        for path in staging.keys() | prod.keys()
        if staging.get(path, "absent") != prod.get(path, "absent")
    }
    expected = {
        path for path in different if any(re.fullmatch(rule, path) for rule in DIFFER[phase])
    }
    assert different - expected == set()
    assert different


@pytest.mark.parametrize(
    ("phase", "rule"), [(phase, rule) for phase, rules in DIFFER.items() for rule in rules]
)
def test_every_allowed_difference_is_one(synthesis: Synthesis, phase: str, rule: str) -> None:
    staging, prod = (
        dict(leaves(synthesis.stacks[f"{name}-{phase}"])) for name in ("staging", "prod")
    )
    paths = [path for path in staging.keys() | prod.keys() if re.fullmatch(rule, path)]
    assert any(staging.get(path) != prod.get(path) for path in paths)
