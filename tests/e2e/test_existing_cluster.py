"""An environment on a cluster that was there before, with whatever providers there are.

With stand-in providers this proves synthesis, backend, locks, order and contract, and no more:
they accept what the real ones would have to carry out.
"""

import base64
from collections.abc import Callable, Iterator

import pytest

from tests.bench import Bench, Host, Providers
from tests.e2e.conftest import NEEDED
from tests.e2e.test_life import RELEASES, releases, unready
from tests.e2e.workspace import Workspace, read_yaml


@pytest.fixture(scope="module")
def cluster(bench: Bench) -> Iterator[Host]:
    """A host on which somebody else has installed k3s."""
    with bench.host("existing") as host:
        done = host.ssh(
            f"mkdir -p /etc/rancher/k3s; echo 'https-listen-port: {host.api_port}' "
            ">/etc/rancher/k3s/config.yaml; "
            f"curl -fsSL {bench.installer_url} | INSTALL_K3S_VERSION={bench.k3s_versions[0]} "
            f"GITHUB_URL={bench.release_url} sh -"
        )
        assert done.returncode == 0, done.stderr
        yield host


@pytest.fixture(scope="module")
def staging(new_workspace: Callable[[], Workspace], cluster: Host) -> Workspace:
    workspace = new_workspace()
    workspace.write({**workspace.read(), "cluster": {"type": "existing"}})
    kubeconfig = read_yaml(cluster.kubeconfig())
    user, server = kubeconfig["users"][0]["user"], kubeconfig["clusters"][0]["cluster"]
    workspace.variables |= {
        "TF_VAR_kube_endpoint": server["server"],
        "TF_VAR_kube_ca_certificate": decode(server["certificate-authority-data"]),
        "TF_VAR_kube_client_certificate": decode(user["client-certificate-data"]),
        "TF_VAR_kube_client_key": decode(user["client-key-data"]),
    }
    return workspace


def decode(text: str) -> str:
    return base64.b64decode(text).decode()


def test_all_phases_deploy_in_order_without_ssh(
    staging: Workspace, cluster: Host, providers: Providers
) -> None:
    result = staging.cdktf("deploy", "staging-*")

    assert result.code == 0, result.output
    assert staging.objects() == ["staging/phase0.tfstate", "staging/phase1.tfstate"]
    assert cluster.installs() == 1
    if providers.all_real(NEEDED):
        assert releases(cluster) == dict.fromkeys({*RELEASES, "postgres"}, "deployed")
        assert unready(cluster) == []


def test_a_second_deploy_changes_nothing(staging: Workspace) -> None:
    result = staging.cdktf("deploy", "staging-*")
    assert result.output.count("No changes") == 2, result.output


def test_phase_1_alone_is_refused_with_the_missing_phase_named(staging: Workspace) -> None:
    result = staging.cdktf("deploy", "staging-phase1")
    assert result.code != 0
    assert "not included in the stacks to run: staging-phase0" in result.output


def test_a_destroy_leaves_empty_states(staging: Workspace) -> None:
    result = staging.cdktf("destroy", "staging-*")
    assert result.code == 0, result.output
    assert staging.addresses("phase0") == staging.addresses("phase1") == set()
