from collections import Counter

from eaas.environment import Environment
from eaas.hostnames import Hostnames
from tests.policy.values import leaves, values
from tests.synth.app import Resource, Synthesis


def hosts(synthesis: Synthesis) -> list[tuple[Resource, str | None]]:
    return [
        (ingress, rule.get("host"))
        for ingress in synthesis.resources("kubernetes_ingress")
        for rule in ingress.body["spec"]["rule"]
    ]


def test_every_rule_has_a_host_since_one_without_matches_every_name(synthesis: Synthesis) -> None:
    for ingress in synthesis.resources("kubernetes_ingress"):
        assert ingress.body["spec"]["rule"], ingress
        assert "default_backend" not in ingress.body["spec"], ingress
    assert [str(ingress) for ingress, host in hosts(synthesis) if not host] == []


def test_no_two_ingresses_of_any_environments_have_one_host(synthesis: Synthesis) -> None:
    count = Counter(host for _, host in hosts(synthesis))
    assert [host for host, times in count.items() if times > 1] == []


def test_every_host_is_at_most_one_label_below_its_zone(
    synthesis: Synthesis, environments: dict[str, Environment]
) -> None:
    for ingress, host in hosts(synthesis):
        zone = environments[ingress.stack].zone
        assert host is not None
        assert host == zone or host.partition(".")[2] == zone, ingress


def test_every_host_is_a_registered_claim_of_its_environment(
    synthesis: Synthesis, environments: dict[str, Environment]
) -> None:
    unique = {environment.name: environment for environment in environments.values()}
    owners = {host: owner.name for host, owner, _ in Hostnames(unique.values())}
    for ingress, host in hosts(synthesis):
        assert owners[str(host)] == environments[ingress.stack].name


def test_no_chart_brings_an_ingress_of_its_own(releases: list[Resource]) -> None:
    enabled = [
        str(release)
        for release in releases
        for path, value in leaves(values(release))
        if path.startswith("ingress.") and path.endswith("enabled") and value is not False
    ]
    assert enabled == []
    (infisical,) = {
        str(values(release).get("ingress"))
        for release in releases
        if release.body["chart"] == "infisical-standalone"
    }
    assert infisical == "{'enabled': False, 'nginx': {'enabled': False}}"
