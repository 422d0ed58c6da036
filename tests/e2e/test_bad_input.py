"""What a person can get wrong, through the command they type: one message, nothing changed."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bench import Bench, Host
from tests.e2e.test_life import RELEASES, releases
from tests.e2e.workspace import Result, Workspace

pytestmark = pytest.mark.usefixtures("real_providers")


@pytest.fixture(scope="module")
def host(bench: Bench) -> Iterator[Host]:
    with bench.host("bad-input") as host:
        yield host


@pytest.fixture
def agent() -> Iterator[dict[str, str]]:
    """An SSH agent without a key: the variables that lead to it."""
    output = subprocess.run(["ssh-agent", "-s"], check=True, capture_output=True, text=True).stdout
    found = dict(re.findall(r"(SSH_\w+)=([^;]+);", output))
    yield found
    subprocess.run(["ssh-agent", "-k"], check=True, env={**os.environ, **found})


@pytest.fixture
def staging(new_workspace: Callable[[], Workspace], host: Host) -> Workspace:
    workspace = new_workspace()
    workspace.use(host)
    return workspace


def assert_refused(staging: Workspace, host: Host, result: Result, *words: str) -> None:
    assert result.code != 0
    for word in words:
        assert word in result.output, result.output
    assert "Traceback" not in result.output
    assert staging.objects() == []
    assert not host.exists("/etc/rancher")
    assert not host.exists(f"/{host.root_user}/.eaas")


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_state_credentials_that_are_missing_are_named(
    name: str, staging: Workspace, host: Host
) -> None:
    staging.variables[name] = ""
    result = staging.cdktf("deploy", "staging-phase0")
    assert_refused(staging, host, result, f"{name} is not set", ".env.example")


def test_a_variable_that_is_missing_is_named_with_its_stack(staging: Workspace, host: Host) -> None:
    del staging.variables["TF_VAR_ssh_private_key"]
    result = staging.cdktf("deploy", "staging-*")
    assert_refused(
        staging, host, result, "TF_VAR_ssh_private_key is not set; staging-phase0 needs it"
    )


def test_a_key_with_a_passphrase_is_refused(staging: Workspace, host: Host, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret words", "-f", str(key)], check=True
    )
    staging.variables["TF_VAR_ssh_private_key"] = key.read_text()
    result = staging.cdktf("deploy", "staging-phase0")
    assert_refused(staging, host, result, "TF_VAR_ssh_private_key has a passphrase", "agent")


def test_a_host_that_does_not_answer_is_named(staging: Workspace, host: Host) -> None:
    host.stop_sshd()
    try:
        result = staging.cdktf("deploy", "staging-phase0")
    finally:
        host.start_sshd()
    assert_refused(
        staging, host, result, "cluster.host", f"127.0.0.1:{host.ssh_port} cannot be reached"
    )


def test_another_host_key_is_refused(staging: Workspace, host: Host, tmp_path: Path) -> None:
    key = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    staging.change("cluster.ssh.host_key", key.with_suffix(".pub").read_text().strip())
    result = staging.cdktf("deploy", "staging-phase0")
    assert_refused(staging, host, result, "cluster.ssh.host_key", "another host key")


def test_a_right_host_key_that_terraform_is_not_shown_is_refused_with_the_one_that_is(
    staging: Workspace, host: Host
) -> None:
    staging.change("cluster.ssh.host_key", host.other_host_key)
    result = staging.cdktf("deploy", "staging-phase0")
    assert_refused(staging, host, result, "cluster.ssh.host_key", "-t ecdsa 127.0.0.1")


def test_a_user_who_may_not_log_in_is_named(staging: Workspace, host: Host) -> None:
    staging.change("cluster.ssh.user", "stranger")
    result = staging.cdktf("deploy", "staging-phase0")
    assert_refused(staging, host, result, "cluster.ssh.user", "stranger@127.0.0.1")


def test_a_terraform_that_is_not_there_is_named(staging: Workspace, host: Host) -> None:
    staging.variables["TERRAFORM_BINARY_NAME"] = "no-terraform-here"
    result = staging.cdktf("deploy", "staging-phase0")
    assert_refused(staging, host, result, "no-terraform-here: not found on PATH")


def test_a_log_that_would_hold_secrets_is_refused(staging: Workspace, host: Host) -> None:
    staging.variables["TF_LOG"] = "DEBUG"
    result = staging.cdktf("deploy", "staging-phase0")
    assert_refused(staging, host, result, "TF_LOG is DEBUG")


def test_an_installer_with_another_checksum_changes_nothing_on_the_host(
    staging: Workspace, host: Host
) -> None:
    staging.change("cluster.installer.sha256", "0" * 64)
    result = staging.cdktf("deploy", "staging-phase0")

    assert result.code != 0
    assert "has the checksum" in result.output
    assert "cluster.installer.sha256 is 0000" in result.output
    assert host.installs() == 0
    assert not host.exists("/etc/rancher")
    assert not host.exists("/var/lib/rancher")


def test_a_failing_installer_shows_its_own_words_and_is_repeated(
    staging: Workspace, host: Host
) -> None:
    broken = staging.bench.broken_installer
    staging.change("cluster.installer", {"url": broken.url, "sha256": broken.sha256})
    result = staging.cdktf("deploy", "staging-phase0")

    assert result.code != 0
    assert "[ERROR]" in result.output
    assert "the k3s installer failed; its messages are above" in result.output
    assert not host.exists(f"/{host.root_user}/.eaas/authorities"), "no key is left behind"

    staging.use(host)
    result = staging.cdktf("deploy", "staging-phase0")
    assert result.code == 0, result.output
    assert releases(host) == dict.fromkeys(RELEASES, "deployed")


def test_a_user_with_sudo_and_a_key_in_an_agent_can_install(
    bench: Bench, new_workspace: Callable[[], Workspace], agent: dict[str, str]
) -> None:
    staging = new_workspace()
    with bench.host("sudo") as host:
        staging.use(host)
        staging.change("cluster.ssh.user", host.sudo_user)
        staging.change("cluster.ssh.key", "agent")
        del staging.variables["TF_VAR_ssh_private_key"]
        staging.variables |= agent
        refused = staging.cdktf("deploy", "staging-phase0")
        assert_refused(staging, host, refused, "the agent holds no key; ssh-add one")
        subprocess.run(
            ["ssh-add", "-q", str(host.keys.folder / "login_key")],
            check=True,
            env={**os.environ, **agent},
        )
        result = staging.cdktf("deploy", "staging-phase0")
        assert result.code == 0, result.output
        assert releases(host) == dict.fromkeys(RELEASES, "deployed")
