import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from eaas import preflight
from eaas.environment import K3sSettings
from eaas.errors import ConfigError
from eaas.preflight import Invocation
from tests.unit.environments import environment

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "TF_VAR_ssh_private_key": "key",
}
LOCAL = {"state": {"backend": "local"}, "cluster": {"type": "existing"}}
VARIABLE = {"ssh_private_key": {"description": "the private key of the host"}}


class Process(psutil.Process):
    """A process that does not exist, as far as the app looks at it."""

    def __init__(self, *arguments: str, gone: bool = False, **variables: str) -> None:
        self._arguments = list(arguments)
        self._variables = variables
        self._gone = gone

    def cmdline(self) -> list[str]:
        if self._gone:
            raise psutil.AccessDenied
        return self._arguments

    def environ(self) -> dict[str, str]:
        return self._variables


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A terraform of a given version, alone on PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("TERRAFORM_BINARY_NAME", raising=False)

    def install(output: str, name: str = "terraform") -> None:
        script = programs / name
        script.write_text(f"#!/bin/sh\n/bin/cat <<'END'\n{output}\nEND\n")
        script.chmod(0o755)

    install(json.dumps({"terraform_version": "1.11.4"}))
    return install


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Takes the place of SSH: who was logged in to, and with which key."""
    made: list[tuple[str, str]] = []

    def check_login(name: str, cluster: K3sSettings, key: str) -> None:
        made.append((f"{name} {cluster.host}", key))

    monkeypatch.setattr("eaas.ssh.check_login", check_login)
    return made


def synthesized(folder: Path, stacks: Mapping[str, Mapping[str, Any]]) -> Path:
    """An output folder with these stacks and their variables."""
    for name, variables in stacks.items():
        (folder / "stacks" / name).mkdir(parents=True)
        (folder / "stacks" / name / "cdk.tf.json").write_text(json.dumps({"variable": variables}))
    (folder / "manifest.json").write_text(json.dumps({"stacks": dict.fromkeys(stacks)}))
    return folder


def invoked(
    *patterns: str, command: str = "deploy", variables: Mapping[str, str] = CREDENTIALS
) -> Invocation:
    return Invocation(command, patterns, variables)


def problems(
    folder: Path, invocation: Invocation, changes: Mapping[str, Any], name: str = "staging"
) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        preflight.check(invocation, [environment(name, changes)], folder)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("arguments", "command", "patterns"),
    [
        (["cdktf", "deploy", "staging-phase0"], "deploy", ["staging-phase0"]),
        (["node", "/usr/bin/cdktf", "deploy", "a", "b"], "deploy", ["a", "b"]),
        (["node", "node_modules/.bin/cdktf", "diff", "prod-phase1"], "diff", ["prod-phase1"]),
        (["node", "/x/bin/cdktf.js", "destroy", "--auto-approve", "a"], "destroy", ["a"]),
        (["node", "--flag", "/x/cdktf", "apply", "a"], "apply", ["a"]),
        (["cdktf", "plan", "a"], "plan", ["a"]),
        (["cdktf", "--log-level", "info", "deploy", "a"], "deploy", ["a"]),
        (["cdktf", "deploy", "a-{b,c}*"], "deploy", ["a-b*", "a-c*"]),
    ],
)
def test_the_cdktf_command_that_started_us_is_found(
    arguments: Sequence[str], command: str, patterns: Sequence[str]
) -> None:
    parents = [Process("sh", "-c", "python main.py"), Process(*arguments, TF_VAR_x="1")]
    found = preflight.invocation(parents)
    assert found == Invocation(command, patterns, {"TF_VAR_x": "1"})


@pytest.mark.parametrize(
    "arguments",
    [
        ["bash"],
        ["python", "main.py", "deploy"],
        ["cdktf", "synth"],
        ["cdktf", "list"],
        ["cdktf", "output", "staging-phase0"],
        ["cdktf"],
        ["vim", "notes", "about", "cdktf", "deploy"],
        [],
    ],
    ids=" ".join,
)
def test_nothing_is_checked_when_no_terraform_will_run(arguments: Sequence[str]) -> None:
    assert preflight.invocation([Process(*arguments)]) is None


def test_a_process_that_may_not_be_looked_at_is_passed_over() -> None:
    parents = [Process(gone=True), Process("cdktf", "deploy", "a")]
    found = preflight.invocation(parents)
    assert found is not None
    assert found.command == "deploy"


def test_no_cdktf_started_this_test() -> None:
    assert preflight.invocation() is None


@pytest.mark.parametrize(
    ("pattern", "selected"),
    [("staging-phase0", True), ("staging-*", True), ("*", True), ("prod-*", False), ("", False)],
)
def test_patterns_select_stacks_as_cdktf_does(pattern: str, selected: bool) -> None:
    assert invoked(pattern).selects("staging-phase0") is selected


@pytest.mark.parametrize("command", ["deploy", "apply"])
def test_with_everything_there_the_host_is_logged_in_to_and_nothing_is_said(
    tmp_path: Path,
    terraform: Callable[[str], None],
    logins: list[tuple[str, str]],
    command: str,
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": VARIABLE})
    preflight.check(invoked("staging-*", command=command), [environment()], folder)
    assert logins == [("staging 198.18.0.10", "key")]


@pytest.mark.parametrize("name", sorted(CREDENTIALS))
def test_a_missing_variable_is_named_with_who_needs_it(
    tmp_path: Path, terraform: Callable[[str], None], logins: list[tuple[str, str]], name: str
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": VARIABLE})
    variables = {key: value for key, value in CREDENTIALS.items() if key != name}
    (problem,) = problems(folder, invoked("staging-*", variables=variables), {})
    needed_by = {
        "AWS_ACCESS_KEY_ID": "the state of staging is in R2 and needs an R2 API token's key: "
        "see .env.example",
        "AWS_SECRET_ACCESS_KEY": "the state of staging is in R2 and needs an R2 API token's key: "
        "see .env.example",
        "TF_VAR_ssh_private_key": "staging-phase0 needs it: the private key of the host",
    }
    assert problem == f"{name} is not set; {needed_by[name]}"
    assert logins == []


def test_an_empty_variable_is_a_missing_one(
    tmp_path: Path, terraform: Callable[[str], None], logins: list[tuple[str, str]]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": VARIABLE})
    variables = {**CREDENTIALS, "TF_VAR_ssh_private_key": ""}
    (problem,) = problems(folder, invoked("staging-*", variables=variables), {})
    assert problem.startswith("TF_VAR_ssh_private_key is not set")


def test_a_variable_with_a_default_need_not_be_set(
    tmp_path: Path, terraform: Callable[[str], None], logins: list[tuple[str, str]]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": {"size": {"default": "1"}}})
    preflight.check(invoked("staging-*"), [environment()], folder)
    assert len(logins) == 1


def test_the_example_account_and_host_are_named_with_their_file(
    tmp_path: Path, terraform: Callable[[str], None], logins: list[tuple[str, str]]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    changes = {"state.account_id": "0" * 32, "cluster.host": "203.0.113.10"}
    assert problems(folder, invoked("staging-phase0"), changes) == [
        "environments/staging.yaml: state.account_id is the example; put your Cloudflare account "
        "id there",
        "environments/staging.yaml: cluster.host is 203.0.113.10, an address for examples; put "
        "your server's there",
    ]


def test_all_problems_are_told_at_once_and_each_once(
    tmp_path: Path, terraform: Callable[[str], None], logins: list[tuple[str, str]]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": VARIABLE, "staging-phase1": {}})
    changes = {"cluster.host": "203.0.113.10"}
    said = problems(folder, invoked("staging-*", variables={}), changes)
    assert [line.split(" ")[0] for line in said] == [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "environments/staging.yaml:",
        "TF_VAR_ssh_private_key",
    ]


def test_local_state_and_a_cluster_of_ones_own_need_no_account(
    tmp_path: Path, terraform: Callable[[str], None], logins: list[tuple[str, str]]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    preflight.check(invoked("staging-*", variables={}), [environment(changes=LOCAL)], folder)
    assert logins == []


@pytest.mark.parametrize(("command", "patterns"), [("diff", "*"), ("deploy", "staging-phase1")])
def test_there_is_no_login_where_nothing_is_installed(
    tmp_path: Path,
    terraform: Callable[[str], None],
    logins: list[tuple[str, str]],
    command: str,
    patterns: str,
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": VARIABLE, "staging-phase1": {}})
    preflight.check(invoked(patterns, command=command), [environment()], folder)
    assert logins == []


def test_environments_that_are_not_deployed_are_left_alone(
    tmp_path: Path, terraform: Callable[[str], None], logins: list[tuple[str, str]]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": {}, "prod-phase0": {}})
    environments = [
        environment("prod", {"cluster.host": "203.0.113.20"}),
        environment("staging"),
    ]
    preflight.check(invoked("staging-phase0"), environments, folder)
    assert logins == [("staging 198.18.0.10", "key")]


def test_an_environment_whose_name_begins_anothers_is_left_alone_too(
    tmp_path: Path, terraform: Callable[[str], None], logins: list[tuple[str, str]]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": {}, "staging-eu-phase0": {}})
    environments = [
        environment("staging", {"cluster.host": "203.0.113.10"}),
        environment("staging-eu"),
    ]
    preflight.check(invoked("staging-eu-phase0"), environments, folder)
    assert logins == [("staging-eu 198.18.0.10", "key")]


def test_a_protected_environment_is_not_destroyed_and_the_way_to_do_it_is_told(
    tmp_path: Path, terraform: Callable[[str], None]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    invocation = invoked("staging-*", command="destroy")
    assert problems(folder, invocation, {"protect": True}) == [
        "environments/staging.yaml: protect is true, so staging is not destroyed; to do it on "
        "purpose, set it to false, deploy, and destroy then"
    ]


def test_an_unprotected_environment_can_be_destroyed(
    tmp_path: Path, terraform: Callable[[str], None], logins: list[tuple[str, str]]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    preflight.check(invoked("staging-*", command="destroy"), [environment()], folder)
    assert logins == []


@pytest.mark.parametrize("name", ["CDKTF_LOG_LEVEL", "TF_LOG", "TF_LOG_PROVIDER"])
@pytest.mark.parametrize("level", ["DEBUG", "trace", "JSON", "all"])
def test_a_log_that_would_show_secrets_is_refused(
    tmp_path: Path, terraform: Callable[[str], None], name: str, level: str
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    invocation = invoked("staging-*", variables={**CREDENTIALS, name: level})
    assert problems(folder, invocation, {}) == [
        f"{name} is {level}; such a log would show secrets: set it to INFO"
    ]


def test_a_folder_for_cdktfs_logs_is_refused(
    tmp_path: Path, terraform: Callable[[str], None]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    variables = {**CREDENTIALS, "CDKTF_LOG_FILE_DIRECTORY": "/tmp/logs"}
    (problem,) = problems(folder, invoked("staging-*", variables=variables), {})
    assert problem.startswith("CDKTF_LOG_FILE_DIRECTORY is set; cdktf would write secrets")


def test_quieter_logs_are_allowed(
    tmp_path: Path, terraform: Callable[[str], None], logins: list[tuple[str, str]]
) -> None:
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    variables = {**CREDENTIALS, "TF_LOG": "INFO", "CDKTF_LOG_LEVEL": "warn"}
    preflight.check(invoked("staging-*", variables=variables), [environment()], folder)
    assert len(logins) == 1


def test_no_terraform_is_said_with_the_version_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    (problem,) = problems(folder, invoked("staging-*"), {})
    assert problem == "terraform: not found on PATH; install Terraform 1.11.2 or later"


@pytest.mark.parametrize("version", ["1.11.1", "1.9.8", "0.15.5", "1.10.0"])
def test_an_old_terraform_is_said_with_its_version(
    tmp_path: Path, terraform: Callable[[str], None], version: str
) -> None:
    terraform(json.dumps({"terraform_version": version}))
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    (problem,) = problems(folder, invoked("staging-*"), {})
    assert problem == f"terraform is version {version}; EaaS needs Terraform 1.11.2 or later"


@pytest.mark.parametrize("version", ["1.11.2", "1.12.0", "2.0.0", "1.14.0-beta1"])
def test_a_new_enough_terraform_is_taken(
    tmp_path: Path,
    terraform: Callable[[str], None],
    logins: list[tuple[str, str]],
    version: str,
) -> None:
    terraform(json.dumps({"terraform_version": version}))
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    preflight.check(invoked("staging-*"), [environment()], folder)
    assert len(logins) == 1


def test_another_program_in_terraforms_place_is_looked_at_instead(
    tmp_path: Path, terraform: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", "tofu")
    folder = synthesized(tmp_path, {"staging-phase0": {}})
    (problem,) = problems(folder, invoked("staging-*"), {})
    assert problem.startswith("tofu: not found on PATH")
    terraform(json.dumps({"terraform_version": "1.9.0"}), name="tofu")
    (problem,) = problems(folder, invoked("staging-*"), {})
    assert problem.startswith("tofu is version 1.9.0")
