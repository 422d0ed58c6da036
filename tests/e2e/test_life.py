"""The life of an environment on one host, in order: each test goes on where the last one ended."""

import json
import re
import stat
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.bench import Bench, Host
from tests.e2e.workspace import Result, Workspace

pytestmark = pytest.mark.usefixtures("real_providers")

OUR_NAMESPACES = {"apps", "cnpg-system", "dashboard", "data", "iac", "kubero"}
RELEASES = {"cnpg", "infisical", "infisical-redis", "platform-postgres"}


@pytest.fixture(scope="module")
def host(bench: Bench) -> Iterator[Host]:
    with bench.host("life") as host:
        yield host


@pytest.fixture(scope="module")
def staging(new_workspace: Callable[[], Workspace], host: Host) -> Workspace:
    workspace = new_workspace()
    workspace.use(host)
    return workspace


def get(host: Host, kind: str, *options: str) -> list[dict[str, Any]]:
    items = json.loads(host.kubectl("get", kind, "-A", "-o", "json", *options).stdout)["items"]
    assert isinstance(items, list)
    return items


def releases(host: Host) -> dict[str, str]:
    """Name -> status of the newest revision."""
    newest: dict[str, tuple[int, str]] = {}
    for secret in get(host, "secrets", "-l", "owner=helm"):
        labels = secret["metadata"]["labels"]
        found = (int(labels["version"]), labels["status"])
        newest[labels["name"]] = max(newest.get(labels["name"], found), found)
    return {name: status for name, (_, status) in newest.items()}


def unready(host: Host) -> list[str]:
    """Workloads that are not what they should be."""
    workloads = [
        item["metadata"]["name"]
        for item in get(host, "deployments,statefulsets")
        if item["status"].get("readyReplicas", 0) != item["spec"]["replicas"]
    ]
    jobs = [
        item["metadata"]["name"]
        for item in get(host, "jobs")
        if not item["status"].get("succeeded")
    ]
    return workloads + jobs


def applied(result: Result) -> list[tuple[int, ...]]:
    """(added, changed, destroyed) of every stack that was applied."""
    found = re.findall(r"Resources: (\d+) added, (\d+) changed, (\d+) destroyed", result.output)
    return [tuple(int(number) for number in numbers) for numbers in found]


def test_the_first_deploy_installs_the_host_and_fills_the_cluster(
    staging: Workspace, host: Host
) -> None:
    result = staging.cdktf("deploy", "staging-phase0")

    assert result.code == 0, result.output
    assert host.installs() == 1
    assert releases(host) == dict.fromkeys(RELEASES, "deployed")
    assert unready(host) == []
    assert staging.objects() == ["staging/phase0.tfstate"], "the state is there, the lock is gone"
    assert "eaas: k3s version" in result.output, "the installer's own words reach the user"


def test_no_secret_is_left_in_the_output_the_json_or_on_the_host(
    staging: Workspace, host: Host
) -> None:
    result = staging.cdktf("deploy", "staging-phase0")
    secrets = staging.secrets("phase0") | {staging.variables["TF_VAR_ssh_private_key"]}
    needles = {line for secret in secrets for line in secret.splitlines() if len(line) > 20}
    needles = {line for line in needles if not line.startswith("-----")}
    assert len(needles) > 20

    written = [
        path.read_text(errors="replace")
        for path in [*staging.folder.rglob("*.json"), *staging.folder.rglob("*.log")]
    ]
    assert not [
        needle for needle in needles for text in [result.output, *written] if needle in text
    ]
    assert not list(staging.out.rglob("*tfplan*"))
    assert not host.exists(f"/{host.root_user}/.eaas")
    home = host.run("find", f"/{host.root_user}", "-type", "f", "-size", "+0").stdout
    assert ".eaas" not in home


def test_a_second_deploy_changes_nothing_and_runs_nothing(staging: Workspace, host: Host) -> None:
    result = staging.cdktf("deploy", "staging-phase0")

    assert result.code == 0, result.output
    assert "No changes" in result.output
    assert host.installs() == 1


def test_the_kubeconfig_output_works_and_is_closed_to_others(
    staging: Workspace, host: Host
) -> None:
    result = staging.tool("kubeconfig", "staging")
    assert result.code == 0, result.output
    path = staging.folder / ".kube" / "staging.yaml"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    answer = host.kubectl("--kubeconfig", str(path), "auth", "can-i", "*", "*")
    assert answer.stdout.strip() == "yes"


def test_phase_1_stands_on_phase_0_through_the_contract(staging: Workspace, host: Host) -> None:
    result = staging.cdktf("deploy", "staging-*")

    assert result.code == 0, result.output
    assert host.installs() == 1
    assert releases(host) == dict.fromkeys({*RELEASES, "postgres"}, "deployed")
    assert unready(host) == []
    (claim,) = [
        item
        for item in get(host, "clusters.postgresql.cnpg.io")
        if item["metadata"]["name"] == "postgres"
    ]
    assert claim["spec"]["storage"]["storageClass"] == "local-path"
    assert claim["spec"]["enableSuperuserAccess"] is False


def test_a_changed_configuration_reinstalls_once_while_a_second_deploy_is_refused(
    staging: Workspace, host: Host
) -> None:
    before = {item["metadata"]["uid"] for item in get(host, "deployments,statefulsets")}
    staging.change("cluster.disable", ["metrics-server"])

    first = staging.start("deploy", "staging-phase0")
    read = staging.wait_for_line(first, r"null_resource\.k3s.*Creating")
    second = staging.cdktf("deploy", "staging-phase0")
    result = staging.finish(first)

    assert second.code != 0
    assert "Error acquiring the state lock" in second.output
    assert re.search(r"Who:\s+\S+@\S+", second.output), "the holder is named"
    assert result.code == 0, read + result.output
    assert applied(result) == [(1, 0, 1)], "the installer alone is replaced"
    assert host.installs() == 2
    assert host.running_config()["disable"] == ["metrics-server"]
    assert {item["metadata"]["uid"] for item in get(host, "deployments,statefulsets")} == before
    assert "No changes" in staging.cdktf("deploy", "staging-phase0").output


def test_with_the_api_down_nothing_is_dropped_from_the_state(
    staging: Workspace, host: Host
) -> None:
    before = staging.addresses("phase0"), staging.addresses("phase1")
    host.stop_k3s()
    try:
        plan = staging.cdktf("diff", "staging-phase0")
        apply = staging.cdktf("deploy", "staging-*")
    finally:
        host.start_k3s()

    assert plan.code != 0
    assert apply.code != 0
    assert "connection refused" in apply.output
    assert (staging.addresses("phase0"), staging.addresses("phase1")) == before
    after = staging.cdktf("deploy", "staging-*")
    assert after.code == 0, after.output
    assert after.output.count("No changes") == 2


def test_a_protected_environment_refuses_to_be_destroyed(staging: Workspace, host: Host) -> None:
    staging.change("protect", True)
    assert staging.cdktf("deploy", "staging-*").code == 0
    before = staging.addresses("phase0"), staging.addresses("phase1")

    result = staging.cdktf("destroy", "staging-*")
    past_our_own_check = staging.terraform("staging-phase0", "destroy", "-auto-approve")

    assert result.code != 0
    assert "protect is true, so staging is not destroyed" in result.output
    assert past_our_own_check.code != 0
    assert "Instance cannot be destroyed" in past_our_own_check.output
    assert (staging.addresses("phase0"), staging.addresses("phase1")) == before
    assert releases(host) == dict.fromkeys({*RELEASES, "postgres"}, "deployed")


def test_an_unprotected_environment_is_destroyed_and_leaves_nothing(
    staging: Workspace, host: Host
) -> None:
    staging.change("protect", False)
    assert staging.cdktf("deploy", "staging-*").code == 0

    result = staging.cdktf("destroy", "staging-*")

    assert result.code == 0, result.output
    assert staging.addresses("phase0") == staging.addresses("phase1") == set()
    names = {item["metadata"]["name"] for item in get(host, "namespaces")}
    assert not names & OUR_NAMESPACES
    assert get(host, "persistentvolumes") == []
    assert releases(host) == {}


def test_a_host_that_holds_another_cluster_is_refused(staging: Workspace, host: Host) -> None:
    """After a destroy, k3s and its authorities are still on the host; see docs/runbook.md."""
    result = staging.cdktf("deploy", "staging-phase0")

    assert result.code != 0
    assert "this host has a cluster that is not in this state" in result.output
    assert "k3s-uninstall.sh" in result.output

    host.run("k3s-uninstall.sh")
    result = staging.cdktf("deploy", "staging-phase0")
    assert result.code == 0, result.output
    assert releases(host) == dict.fromkeys(RELEASES, "deployed")
