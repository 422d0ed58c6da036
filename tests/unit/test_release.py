from typing import Any

import pytest
from ruamel.yaml import YAML

from eaas.namespace import Namespace
from eaas.pins import Chart
from eaas.release import HelmRelease
from tests.unit.one_stack import OneStack

CHART = Chart(name="redis", repository="oci://charts.example.com/all", version="0.34.18")


def release(one: OneStack, values: dict[str, Any], **settings: Any) -> dict[str, Any]:
    namespace = Namespace(one.stack, "iac", protect=False)
    HelmRelease(
        one.stack,
        "release",
        name="cache",
        chart=CHART,
        namespace=namespace,
        values=values,
        **{"protect": False, **settings},
    )
    return one.only("helm_release")


def test_a_release_is_exactly_one_version_of_one_chart(one: OneStack) -> None:
    body = release(one, {})
    assert (body["name"], body["chart"]) == ("cache", "redis")
    assert (body["repository"], body["version"]) == ("oci://charts.example.com/all", "0.34.18")
    assert body["namespace"] == "${kubernetes_namespace_v1.iac.metadata[0].name}"


def test_it_is_waited_for_and_survives_an_unreachable_api(one: OneStack) -> None:
    body = release(one, {}, timeout=42)
    assert body["wait"] is True
    assert body["wait_for_jobs"] is True
    assert body["upgrade_install"] is True
    assert body["timeout"] == 42


def test_what_it_comes_after_is_a_dependency(one: OneStack) -> None:
    first = HelmRelease(
        one.stack,
        "operator",
        name="operator",
        chart=CHART,
        namespace=Namespace(one.stack, "operators", protect=False),
        values={},
        protect=False,
    )
    HelmRelease(
        one.stack,
        "release",
        name="cache",
        chart=CHART,
        namespace=Namespace(one.stack, "iac", protect=False),
        values={},
        protect=False,
        after=[first.resource],
    )
    releases = {body["name"]: body for body in one.resources("helm_release").values()}
    assert releases["operator"]["depends_on"] == []
    (needed,) = releases["cache"]["depends_on"]
    assert needed.startswith("helm_release.operator")


@pytest.mark.parametrize(
    "values",
    [
        {"replicas": 1, "enabled": False, "list": [{"name": "a"}], "empty": {}, "text": "1"},
        {"zero": "0123", "yes": "yes", "nothing": None, "lines": "a 1\nb 2\n"},
        {"reference": "${kubernetes_secret_v1." + "long-name_" * 40 + ".metadata[0].name}"},
        {"spaced": " ".join(["word"] * 80)},
    ],
)
def test_values_arrive_as_they_were_written(one: OneStack, values: dict[str, Any]) -> None:
    (text,) = release(one, values)["values"]
    assert YAML(typ="safe", pure=True).load(text) == values


def test_a_long_reference_stays_on_one_line(one: OneStack) -> None:
    reference = '${join("-", [' + ", ".join(f'"part {n}"' for n in range(60)) + "])}"
    (text,) = release(one, {"key": reference})["values"]
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    ("protect", "lifecycle"), [(True, {"prevent_destroy": True}), (False, None)]
)
def test_it_refuses_to_be_destroyed_where_the_environment_is_protected(
    one: OneStack, protect: bool, lifecycle: dict[str, bool] | None
) -> None:
    assert release(one, {}, protect=protect).get("lifecycle") == lifecycle
