from typing import Any

import pytest
from pydantic import ValidationError

from eaas.environment import Environment, K3sSettings
from eaas.pins import pins
from tests.unit.environments import ABSENT, environment

OTHER_INSTALLER = {"url": "https://example.com/install.sh", "sha256": "b" * 64}


def cluster(**changes: Any) -> K3sSettings:
    made = environment(changes={f"cluster.{key}": value for key, value in changes.items()}).cluster
    assert isinstance(made, K3sSettings)
    return made


def test_what_a_person_must_write_is_little() -> None:
    small = Environment.model_validate(
        {
            "name": "local",
            "zone": "localhost",
            "protect": False,
            "state": {"backend": "local"},
            "cluster": {"type": "existing"},
        }
    )
    assert small.prefix is None
    assert small.https is True
    assert small.components.business_postgres.databases[0].name == "app"


@pytest.mark.parametrize("key", ["zone", "protect", "state", "cluster"])
def test_what_has_no_sensible_default_is_required(key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        environment(changes={key: ABSENT})
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [
        ("missing", (key,))
    ]


def test_an_environment_cannot_be_changed_after_it_was_checked() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        environment().zone = "other.example.com"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "1.9.0"),
        ({"charts": {"infisical-standalone": "1.10.2"}}, "1.10.2"),
    ],
    ids=["pinned", "overridden"],
)
def test_a_chart_has_the_pinned_version_or_the_environments(
    changes: dict[str, Any], expected: str
) -> None:
    chart = environment(changes=changes).chart("infisical-standalone")
    assert (chart.name, chart.version) == ("infisical-standalone", expected)
    assert chart.repository == pins().charts["infisical-standalone"].repository


def test_a_chart_mirror_has_every_chart_in_the_pinned_version() -> None:
    mirrored = environment(changes={"chart_mirror": "oci://mirror.example.com/charts"})
    charts = [mirrored.chart(name) for name in pins().charts]
    assert {chart.repository for chart in charts} == {"oci://mirror.example.com/charts"}
    assert {chart.name: chart.version for chart in charts} == {
        name: pin.version for name, pin in pins().charts.items()
    }


def test_k3s_is_the_pinned_one_with_its_installer() -> None:
    assert cluster().version == pins().k3s.version
    assert cluster().installer == pins().k3s.installer


def test_another_k3s_version_without_its_installer_is_refused_with_its_address() -> None:
    with pytest.raises(ValidationError) as caught:
        cluster(version="v1.35.9+k3s2")
    message = str(caught.value)
    assert "version v1.35.9+k3s2 needs its own installer" in message
    assert "https://raw.githubusercontent.com/k3s-io/k3s/v1.35.9%2Bk3s2/install.sh" in message
    assert "install.sh.sha256sum" in message


def test_another_k3s_version_with_its_installer_is_taken() -> None:
    other = cluster(version="v1.35.9+k3s2", installer=OTHER_INSTALLER)
    assert (other.version, other.installer.sha256) == ("v1.35.9+k3s2", "b" * 64)


@pytest.mark.parametrize(
    ("host", "example"),
    [
        ("192.0.2.1", True),
        ("198.51.100.255", True),
        ("203.0.113.20", True),
        ("203.0.114.1", False),
        ("198.18.0.10", False),
        ("k3s.example.com", False),
        ("2001:db8::1", False),
    ],
)
def test_addresses_for_documentation_are_known_as_examples(host: str, example: bool) -> None:
    assert cluster(host=host).is_example is example


@pytest.mark.parametrize("part", ["traefik", "local-storage"])
def test_the_parts_of_k3s_that_everything_stands_on_cannot_be_left_out(part: str) -> None:
    with pytest.raises(ValidationError, match="metrics-server"):
        cluster(disable=[part])


def test_a_database_is_listed_once() -> None:
    twice = [{"name": "app", "owner": "app"}, {"name": "app", "owner": "other"}]
    with pytest.raises(ValidationError, match="database 'app' is listed 2 times"):
        environment(changes={"components.business_postgres.databases": twice})


def test_there_is_at_least_one_database() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        environment(changes={"components.business_postgres.databases": []})
