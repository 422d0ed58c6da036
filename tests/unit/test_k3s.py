import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

import pytest

from eaas.checkpoint import Checkpoint
from eaas.environment import K3sSettings
from eaas.k3s import K3s
from eaas.terraform import TerraformOutput
from tests.unit.environments import UNCHANGED, environment
from tests.unit.one_stack import OneStack

OTHER_K3S = {
    "cluster.version": "v1.36.6+k3s1",
    "cluster.installer": {"url": "https://example.com/install.sh", "sha256": "b" * 64},
}
TRIGGERS = {"host", "version", "installer", "config", "setup", "authorities"}


def k3s(one: OneStack, changes: Mapping[str, Any] = UNCHANGED, *, protect: bool = False) -> K3s:
    settings = environment(changes=changes).cluster
    assert isinstance(settings, K3sSettings)
    checkpoint = Checkpoint(one.stack, "checkpoint", interval=20)
    cluster = K3s(one.stack, "k3s", settings=settings, protect=protect, after=checkpoint)
    checkpoint.close()
    return cluster


def installation(one: OneStack) -> dict[str, Any]:
    return one.resources("null_resource")["k3s/Default"]


def steps(one: OneStack) -> list[tuple[str, dict[str, Any]]]:
    """The provisioners in their order: kind and arguments."""
    return [item for step in installation(one)["provisioner"] for item in step.items()]


def uploads(one: OneStack) -> dict[str, dict[str, Any]]:
    return {body["destination"]: body for kind, body in steps(one) if kind == "file"}


def config(one: OneStack) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(uploads(one)[".eaas/config.yaml"]["content"])
    return content


def setup_words(one: OneStack) -> list[str]:
    """The command that runs the script on the host, as the shell takes it apart."""
    last = [body["inline"] for kind, body in steps(one) if kind == "remote-exec"][-1]
    assert last[1] == "trap 'rm -rf .eaas' EXIT; trap 'exit 1' HUP"
    return shlex.split(last[2])


def test_the_folder_is_closed_before_secrets_are_uploaded_into_it(one: OneStack) -> None:
    k3s(one)
    (first, opening), *later = steps(one)
    assert first == "remote-exec"
    assert opening["inline"] == ["set -eu", "umask 077; rm -rf .eaas; mkdir .eaas"]
    assert [kind for kind, _ in later] == ["file", "file", "file", "remote-exec", "local-exec"]
    assert set(uploads(one)) == {".eaas/authorities", ".eaas/config.yaml", ".eaas/setup.sh"}


def test_every_command_on_the_host_stops_at_the_first_failure(one: OneStack) -> None:
    k3s(one)
    commands = [body["inline"] for kind, body in steps(one) if kind == "remote-exec"]
    assert [inline[0] for inline in commands] == ["set -eu", "set -eu"]


def test_the_script_runs_with_no_secret_so_that_its_messages_are_shown(one: OneStack) -> None:
    k3s(one)
    commands = [body["inline"] for kind, body in steps(one) if kind == "remote-exec"]
    assert "${" not in "\n".join(line for inline in commands for line in inline)


def test_the_script_has_a_time_limit_and_gets_exactly_what_is_pinned(one: OneStack) -> None:
    k3s(one, OTHER_K3S)
    assert setup_words(one) == [
        "env",
        "K3S_VERSION=v1.36.6+k3s1",
        "INSTALLER_URL=https://example.com/install.sh",
        f"INSTALLER_SHA256={'b' * 64}",
        "RELEASES=",
        "timeout",
        "900",
        "sh",
        ".eaas/setup.sh",
    ]


def test_a_release_mirror_reaches_the_script(one: OneStack) -> None:
    k3s(one, {"cluster.release_mirror": "https://mirror.example.com/k3s"})
    assert "RELEASES=https://mirror.example.com/k3s" in setup_words(one)


def test_another_user_than_root_becomes_root_without_being_asked(one: OneStack) -> None:
    k3s(one, {"cluster.ssh.user": "deploy"})
    assert setup_words(one)[:3] == ["sudo", "-n", "env"]


def test_the_last_step_waits_until_the_installation_is_saved(one: OneStack) -> None:
    k3s(one)
    assert steps(one)[-1] == ("local-exec", {"command": "sleep 21"})


def test_the_host_gets_a_certificate_and_a_key_of_every_authority(one: OneStack) -> None:
    k3s(one)
    content = uploads(one)[".eaas/authorities"]["content"]
    names = re.findall(r'"(\S+) \$\{base64encode\((\w+)\.[\w-]+\.(\w+)\)\}"', content)
    certificate = ("tls_self_signed_cert", "cert_pem")
    key = ("tls_private_key", "private_key_pem")
    authorities = ("server", "client", "request-header", "etcd/server", "etcd/peer")
    assert {name: tuple(source) for name, *source in names} == {
        "service.key": key,
        **{f"{name}-ca.crt": certificate for name in authorities},
        **{f"{name}-ca.key": key for name in authorities},
    }
    # the script reads lines: the last one must end, or the shell's `read` drops it
    assert content.endswith("}\n")


def test_the_config_names_every_address_that_the_certificate_is_for(one: OneStack) -> None:
    k3s(one, {"cluster.tls_san": ["k3s.example.com", "10.0.0.1"], "cluster.api_port": 7443})
    assert config(one)["tls-san"] == ["198.18.0.10", "k3s.example.com", "10.0.0.1"]
    assert config(one)["https-listen-port"] == 7443


def test_the_config_has_only_keys_that_k3s_knows_since_it_skips_others(one: OneStack) -> None:
    k3s(one, {"cluster.disable": ["metrics-server"], "cluster.secrets_encryption": False})
    assert config(one) == {
        "https-listen-port": 6443,
        "tls-san": ["198.18.0.10"],
        "disable": ["metrics-server"],
        "secrets-encryption": False,
        "write-kubeconfig-mode": "0600",
    }


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"cluster.host": "198.18.0.11"}, {"host", "config"}),
        (OTHER_K3S, {"version", "installer"}),
        ({"cluster.tls_san": ["k3s.example.com"]}, {"config"}),
        ({"cluster.api_port": 7443}, {"config"}),
        ({"cluster.secrets_encryption": False}, {"config"}),
        # how terraform gets to the host is no reason to restart k3s
        ({"cluster.ssh.user": "deploy", "cluster.ssh.port": 2222}, set()),
        ({"cluster.ssh.key": "agent"}, set()),
        ({"cluster.release_mirror": "https://mirror.example.com"}, set()),
        ({"components.infisical.replicas": 3}, set()),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else None,
)
def test_the_installer_runs_again_for_what_changes_k3s_and_for_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any], changed: set[str]
) -> None:
    before, after = (OneStack(tmp_path_factory.mktemp("cdktf.out")) for _ in range(2))
    k3s(before)
    k3s(after, changes)
    old, new = installation(before)["triggers"], installation(after)["triggers"]
    assert old.keys() == new.keys() == TRIGGERS
    assert {name for name in TRIGGERS if old[name] != new[name]} == changed


def test_a_replaced_authority_runs_the_installer_again(one: OneStack) -> None:
    k3s(one)
    trigger = installation(one)["triggers"]["authorities"]
    assert trigger.startswith("${sha256(join(")
    assert trigger.count(".cert_pem") == 5


def test_the_installer_comes_after_the_checkpoint(one: OneStack) -> None:
    k3s(one)
    assert installation(one)["depends_on"] == ["null_resource.checkpoint"]


def test_only_the_given_host_key_is_accepted(one: OneStack) -> None:
    k3s(one)
    assert installation(one)["connection"] == {
        "type": "ssh",
        "host": "198.18.0.10",
        "port": 22,
        "user": "root",
        "host_key": "ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
        "timeout": "2m",
        "script_path": "./.eaas-run.sh",
        "agent": "false",
        "private_key": "${var.ssh_private_key}",
    }


def test_with_an_agent_there_is_no_key_variable(one: OneStack) -> None:
    k3s(one, {"cluster.ssh.key": "agent"})
    connection = installation(one)["connection"]
    assert connection["agent"] == "true"
    assert "private_key" not in connection
    assert "variable" not in one.document()


def test_the_key_is_neither_in_the_state_nor_in_a_saved_plan(one: OneStack) -> None:
    k3s(one)
    document = one.document()
    variable = document["variable"]["ssh_private_key"]
    assert variable["ephemeral"] is True
    assert variable["sensitive"] is True
    assert variable["nullable"] is False
    assert "default" not in variable
    assert json.dumps(document["resource"]).count("var.ssh_private_key") == 1


def test_credentials_are_known_before_the_cluster_exists(one: OneStack) -> None:
    access = k3s(one, {"cluster.api_port": 7443}).access
    TerraformOutput(one.stack, "certificate", value=access.client_certificate)
    TerraformOutput(one.stack, "authority", value=access.ca_certificate)
    output = one.document()["output"]
    assert access.endpoint == "https://198.18.0.10:7443"
    assert output["certificate"]["value"].startswith("${tls_locally_signed_cert.k3s_admin_")
    assert output["authority"]["value"].startswith("${tls_self_signed_cert.k3s_server_")


def test_the_url_of_a_host_with_an_ipv6_address_has_brackets(one: OneStack) -> None:
    assert k3s(one, {"cluster.host": "2001:db8::1"}).access.endpoint == "https://[2001:db8::1]:6443"


def test_what_uses_the_cluster_waits_for_the_installation(one: OneStack) -> None:
    cluster = k3s(one)
    TerraformOutput(one.stack, "endpoint", value=cluster.endpoint_when_ready)
    assert one.document()["output"]["endpoint"]["value"] == (
        "https://${null_resource.k3s.triggers.host}:6443"
    )


@pytest.mark.parametrize(
    ("protect", "lifecycle"), [(True, {"prevent_destroy": True}), (False, None)]
)
def test_all_that_makes_the_cluster_this_cluster_is_protected(
    one: OneStack, protect: bool, lifecycle: dict[str, bool] | None
) -> None:
    k3s(one, protect=protect)
    made = {
        f"{kind}.{name}": body.get("lifecycle")
        for kind, bodies in one.document()["resource"].items()
        if kind.startswith("tls_")
        for name, body in bodies.items()
    }
    assert len(made) == 14
    assert made == dict.fromkeys(made, lifecycle)
