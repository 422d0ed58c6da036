"""A deploy that loses its machine at ten moments of phase 0, and what it takes to go on."""

import re
import time
from collections.abc import Callable

import pytest

from tests.bench import Bench
from tests.e2e.test_life import RELEASES, releases, unready
from tests.e2e.workspace import Workspace, kill

pytestmark = pytest.mark.usefixtures("real_providers")

MOMENTS = {
    "keys are being made": (r"null_resource\.checkpoint.*: Creating", 0),
    "keys are not saved yet": (r"null_resource\.checkpoint.*Still creating.*10s", 0),
    "files are being uploaded": (r"null_resource\.k3s.*Provisioning with 'file'", 0),
    "k3s is being installed": (r"eaas: installing k3s", 0.5),
    "k3s is ready but not recorded": (r"eaas: k3s version .* is ready", 1),
    "namespaces are being made": (r"kubernetes_namespace_v1\..*: Creating", 0.2),
    "the operator is being installed": (r"helm_release\.postgres-operator.*: Creating", 0.7),
    "redis is being installed": (r"helm_release\.infisical-redis.*: Creating", 0.7),
    "a login is awaited": (r"kubernetes_job_v1\..*: Creating", 0.3),
    "infisical is being installed": (r"helm_release\.infisical_.*: Creating", 0.7),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_deploy_goes_on_after_it_was_killed_while(
    moment: str, bench: Bench, new_workspace: Callable[[], Workspace]
) -> None:
    pattern, seconds = MOMENTS[moment]
    staging = new_workspace()
    with bench.host(moment.replace(" ", "-")) as host:
        staging.use(host)
        deploy = staging.start("deploy", "staging-phase0")
        staging.wait_for_line(deploy, pattern)
        time.sleep(seconds)
        kill(deploy)
        deploy.communicate()

        unlock(staging)
        result = staging.cdktf("deploy", "staging-phase0")

        assert result.code == 0, result.output
        assert host.installs() >= 1
        assert releases(host) == dict.fromkeys(RELEASES, "deployed")
        assert unready(host) == []
        assert "No changes" in staging.cdktf("deploy", "staging-phase0").output


def unlock(staging: Workspace) -> None:
    """The documented way: see who holds the lock, then name it."""
    refused = staging.tool("recover", "staging-phase0")
    assert refused.code != 0, refused.output
    found = re.search(r"is locked by (\S+) since .*LOCK=(\S+)", refused.output, re.S)
    assert found, refused.output

    released = staging.tool("recover", "staging-phase0", found[2])
    assert released.code == 0, released.output
    assert f"released the lock of {found[1]}" in released.output
    print(released.output)
