"""No secret in a file, in a plan, in a trigger or on a screen."""

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from eaas.environment import Environment, K3sSettings
from tests.policy.values import leaves, values
from tests.synth.app import ROOT, Resource, Synthesis, strings

SECRET_NAME = re.compile(r"password|passwd|token|secret|key|credential", re.IGNORECASE)
SECRET_SOURCE = re.compile(
    r"random_(password|bytes)\.[\w-]+\.(result|hex|base64|bcrypt_hash|dec)"
    r"|tls_private_key\.[\w-]+\.private_key_(pem|openssh|pem_pkcs8)"
)
ENVIRONMENT_FILES = sorted((ROOT / "environments").glob("*.y*ml"), key=str)
LOOKS_SECRET = re.compile(
    r"-----BEGIN|AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20}|eyJ[A-Za-z0-9_-]{10}"
    r"|://[^/\s:@]+:[^/\s@]+@|(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])"
)


def nulls(synthesis: Synthesis) -> list[Resource]:
    return synthesis.resources("null_resource")


def provisioners(synthesis: Synthesis) -> list[tuple[Resource, str, dict[str, Any]]]:
    return [
        (item, kind, body)
        for item in nulls(synthesis)
        for step in item.body.get("provisioner", [])
        for kind, body in step.items()
    ]


def sensitive_variables(variables: dict[str, dict[str, Any]], stack: str) -> set[str]:
    return {
        f"var.{place.removeprefix(f'{stack}: ')}"
        for place, body in variables.items()
        if place.startswith(f"{stack}: ") and body.get("sensitive")
    }


def test_triggers_hold_literals_hashes_and_open_variables_only(
    synthesis: Synthesis, variables: dict[str, dict[str, Any]]
) -> None:
    seen = 0
    for item in nulls(synthesis):
        for name, value in item.body.get("triggers", {}).items():
            seen += 1
            assert not any(text in value for text in sensitive_variables(variables, item.stack))
            if "${" in value:
                certificates = r"\$\{sha256\(join\(\"\", \[(tls_self_signed_cert\.[\w-]+\.cert_pem"
                assert re.fullmatch(
                    certificates + r"(, )?)+\]\)\)\}|\$\{var\.kube_endpoint\}", value
                ), f"{item}: {name}"
    assert seen


def test_commands_on_the_host_hold_literals_only_so_that_their_output_is_shown(
    synthesis: Synthesis,
) -> None:
    lines = [
        (str(item), line)
        for item, kind, body in provisioners(synthesis)
        if kind == "remote-exec"
        for line in body["inline"]
    ]
    assert lines
    assert [line for line in lines if "${" in line[1]] == []


def test_commands_on_this_machine_do_nothing_but_wait(synthesis: Synthesis) -> None:
    commands = {
        body["command"] for _, kind, body in provisioners(synthesis) if kind == "local-exec"
    }
    assert commands
    assert [command for command in commands if not re.fullmatch(r"sleep \d+", command)] == []


def test_nothing_runs_on_the_host_when_its_resource_is_destroyed(synthesis: Synthesis) -> None:
    assert [kind for _, kind, body in provisioners(synthesis) if "when" in body] == []


def test_every_connection_is_closed_to_other_hosts_and_other_keys(
    synthesis: Synthesis, environments: dict[str, Environment]
) -> None:
    connected = [item for item in nulls(synthesis) if "connection" in item.body]
    assert connected
    for item in connected:
        connection = item.body["connection"]
        cluster = environments[item.stack].cluster
        assert isinstance(cluster, K3sSettings)
        assert connection.get("host_key") == cluster.ssh.host_key
        assert connection["agent"] == ("true" if cluster.ssh.key == "agent" else "false")
        assert connection["script_path"].startswith("./")
        assert connection["timeout"]
        assert connection["host"] == cluster.host
    assert [str(item) for item, _, body in provisioners(synthesis) if "connection" in body] == []


def test_the_ssh_key_is_in_no_state_and_in_no_plan(variables: dict[str, dict[str, Any]]) -> None:
    keys = [body for place, body in variables.items() if place.endswith(": ssh_private_key")]
    assert keys
    for body in keys:
        assert body["ephemeral"] is True
        assert body["sensitive"] is True
        assert body["nullable"] is False


def test_the_ssh_key_goes_into_connections_and_nowhere_else(synthesis: Synthesis) -> None:
    mentions = [
        (item, path)
        for item in synthesis.resources()
        for path, value in leaves(item.body)
        if isinstance(value, str) and "var.ssh_private_key" in value
    ]
    assert {path for _, path in mentions} == {"connection.private_key"}
    for document in synthesis.stacks.values():
        rest = {name: part for name, part in document.items() if name in ("output", "provider")}
        assert "var.ssh_private_key" not in "\n".join(strings(rest))


def test_no_secret_variable_has_a_default(variables: dict[str, dict[str, Any]]) -> None:
    secret = {place: body for place, body in variables.items() if SECRET_NAME.search(place)}
    assert secret
    assert [place for place, body in secret.items() if "default" in body] == []


def test_private_variables_are_sensitive_and_all_are_described(
    variables: dict[str, dict[str, Any]],
) -> None:
    for place, body in variables.items():
        assert body["description"], place
        if re.search(r"password|token|secret|private_key|client_key", place):
            assert body["sensitive"] is True, place


def test_every_output_made_of_a_secret_is_sensitive(
    synthesis: Synthesis, variables: dict[str, dict[str, Any]]
) -> None:
    secret = 0
    for stack, document in synthesis.stacks.items():
        for name, output in document["output"].items():
            private = sensitive_variables(variables, stack)
            value = str(output["value"])
            if SECRET_SOURCE.search(value) or any(text in value for text in private):
                secret += 1
                assert output.get("sensitive") is True, f"{stack}: {name}"
    assert secret


@pytest.mark.parametrize("name", ["kubeconfig", "cluster_client_key", "kubero_database_uri"])
def test_what_opens_the_cluster_or_a_database_is_sensitive_everywhere(
    synthesis: Synthesis, name: str
) -> None:
    phases = [document for stack, document in synthesis.stacks.items() if stack.endswith("-phase0")]
    assert phases
    assert {document["output"][name].get("sensitive") for document in phases} == {True}


def test_values_of_releases_name_secrets_but_hold_none(releases: list[Resource]) -> None:
    for release in releases:
        text = "\n".join(release.body["values"])
        assert not SECRET_SOURCE.search(text), release
        assert "set_sensitive" not in release.body, release
        for path, value in leaves(values(release)):
            if SECRET_NAME.search(path.rpartition(".")[2]) and isinstance(value, str):
                key_name = path.endswith("SecretPasswordKey")
                assert value.startswith("${kubernetes_secret_v1.") or key_name, f"{release}: {path}"


def test_pods_take_secrets_by_reference(synthesis: Synthesis) -> None:
    for job in synthesis.resources("kubernetes_job_v1"):
        assert not SECRET_SOURCE.search("\n".join(strings(job.body))), job
        for container in job.body["spec"]["template"]["spec"]["container"]:
            for item in container["env"]:
                if SECRET_NAME.search(item["name"]):
                    assert "value" not in item, job
                    assert item["value_from"]["secret_key_ref"], job


@pytest.mark.parametrize("path", ENVIRONMENT_FILES, ids=lambda path: path.name)
def test_environment_files_hold_nothing_that_looks_like_a_secret(path: Any) -> None:
    assert not LOOKS_SECRET.search(path.read_text())
    for name, value in leaves(YAML(typ="safe", pure=True).load(path)):
        key = name.rpartition(".")[2]
        if SECRET_NAME.search(key):
            assert (key, value) in {("host_key", value), ("key", "agent"), ("key", "variable")} or (
                isinstance(value, bool)
            ), f"{path.name}: {name}"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghij",
        "postgresql://user:word@host/db",
        "0123456789abcdef0123456789abcdef01234567",
        "eyJhbGciOiJIUzI1NiJ9",
    ],
)
def test_what_looks_like_a_secret_would_be_found(text: str) -> None:
    assert LOOKS_SECRET.search(text)
