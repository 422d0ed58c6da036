"""What people can get wrong in an environment file. Each message: file, field, value, remedy."""

from pathlib import Path
from typing import Any

import pytest

from eaas.errors import ConfigError
from eaas.loader import load_environment, load_environments
from tests.unit.environments import ABSENT, write


def problem(path: Path) -> str:
    """What is said about the file, without its place."""
    with pytest.raises(ConfigError) as caught:
        load_environment(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def test_the_valid_file_is_taken_and_named_by_its_file_name(tmp_path: Path) -> None:
    assert load_environment(write(tmp_path, name="prod.yml")).name == "prod"


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        # unknown keys
        (
            {"protekt": True},
            "protekt",
            "unknown key; did you mean 'protect'? allowed: chart_mirror",
        ),
        ({"cluster.ssh.prot": 22}, "cluster.ssh.prot", "unknown key; did you mean 'port'?"),
        ({"state.buckett": "x"}, "state.buckett", "unknown key; did you mean 'bucket'?"),
        (
            {"components.infisical.resources.memry": "1Gi"},
            "components.infisical.resources.memry",
            "unknown key; did you mean 'memory'? allowed: cpu, memory",
        ),
        (
            {"components.business_postgres.databases": [{"name": "a", "owner": "a", "ovner": "a"}]},
            "components.business_postgres.databases.0.ovner",
            "unknown key; did you mean 'owner'?",
        ),
        (
            {"hostnames.zzz": "x"},
            "hostnames.zzz",
            "unknown key; allowed: backend, frontend, infisical",
        ),
        ({"name": "staging"}, "name", "unknown key; an environment is named by its file"),
        (
            {"cluster": {"type": "existing", "host": "h"}},
            "cluster.host",
            "unknown key; allowed: ingress_class, storage_class, type",
        ),
        (
            {"components.neo5j": {"storage": "1Gi"}},
            "components.neo5j",
            "unknown key; allowed: business_postgres, infisical, infisical_redis, platform_",
        ),
        # missing keys
        ({"zone": ABSENT}, "zone", "missing; the key is required"),
        ({"protect": ABSENT}, "protect", "missing; the key is required"),
        ({"cluster.host": ABSENT}, "cluster.host", "missing; the key is required"),
        ({"state.account_id": ABSENT}, "state.account_id", "missing; the key is required"),
        ({"state.bucket": ABSENT}, "state.bucket", "missing; the key is required"),
        ({"state.backend": ABSENT}, "state", "'backend' is missing; it says which kind this is"),
        ({"cluster.type": ABSENT}, "cluster", "'type' is missing; it says which kind this is"),
        # one of a few
        ({"state.backend": "s3"}, "state", "'backend' 's3': use 'r2', 'local'"),
        ({"cluster.type": "eks"}, "cluster", "'type' 'eks': use 'k3s', 'existing'"),
        (
            {"cluster.ssh.key": "file"},
            "cluster.ssh.key",
            "'file' is not allowed; use 'variable' or",
        ),
        ({"state.jurisdiction": "us"}, "state.jurisdiction", "'us' is not allowed; use 'default',"),
        ({"cluster.disable": ["traefik"]}, "cluster.disable.0", "'traefik' is not allowed; use"),
        # types
        ({"protect": "yes"}, "protect", "'yes' is not allowed; use true or false"),
        ({"protect": 1}, "protect", "1 is not allowed; use true or false"),
        ({"zone": 1}, "zone", "1 is not a domain name such as example.com"),
        ({"cluster.ssh.port": "22"}, "cluster.ssh.port", "'22': should be a valid integer"),
        ({"cluster.ssh.port": 70000}, "cluster.ssh.port", "70000: should be less than or equal to"),
        (
            {"components.infisical.replicas": 0},
            "components.infisical.replicas",
            "0: should be greater than or equal to 1",
        ),
        (
            {"components": ["infisical"]},
            "components",
            "['infisical']: keys and values are expected",
        ),
        # values
        ({"zone": "Example.com"}, "zone", "'Example.com' is not a domain name such as example.com"),
        ({"prefix": "x.staging"}, "prefix", "'x.staging' is not one DNS label: at most 63"),
        ({"prefix": "a" * 64}, "prefix", f"'{'a' * 64}' is not one DNS label: at most 63"),
        (
            {"hostnames.infisical": "a.b"},
            "hostnames.infisical",
            "'a.b' is not one DNS label without",
        ),
        (
            {"hostnames.backend": "a" * 64},
            "hostnames.backend",
            "is not one DNS label without a dot",
        ),
        (
            {"components.platform_postgres.storage": "10GB"},
            "components.platform_postgres.storage",
            "'10GB' is not a size: write 10Gi",
        ),
        (
            {"components.infisical.resources.cpu": "1.5"},
            "components.infisical.resources.cpu",
            "'1.5' is not an amount of CPU: write 500m for half a core",
        ),
        ({"cluster.host": "a b"}, "cluster.host", "'a b' is neither an IP address nor a host name"),
        ({"cluster.ssh.host_key": "AAAA"}, "cluster.ssh.host_key", "'AAAA' is not an SSH host key"),
        ({"state.account_id": "me"}, "state.account_id", "'me' is not a Cloudflare account id: 32"),
        ({"state.bucket": "A"}, "state.bucket", "'A' is not an R2 bucket name (3 to 63"),
        # pins
        (
            {"charts": {"redis": "latest"}},
            "charts.redis",
            "'latest' is not one exact chart version",
        ),
        ({"charts": {"redis": ">=1"}}, "charts.redis", "'>=1' is not one exact chart version"),
        ({"charts": {"redis": "1.9"}}, "charts.redis", "'1.9' is not one exact chart version"),
        (
            {"charts": {"postgresql": "1.9.0"}},
            "charts.postgresql",
            "'postgresql' is not allowed; use 'cloudnative-pg', 'cluster',",
        ),
        ({"cluster.version": "stable"}, "cluster.version", "'stable' is not one exact k3s version"),
        ({"cluster.version": "latest"}, "cluster.version", "'latest' is not one exact k3s version"),
        ({"cluster.version": "v1.36"}, "cluster.version", "'v1.36' is not one exact k3s version"),
        (
            {"cluster.version": "v1.35.9+k3s1"},
            "cluster",
            "version v1.35.9+k3s1 needs its own installer: set installer.url to https://",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_mistake_is_one_line_with_field_value_and_remedy(
    tmp_path: Path, changes: dict[str, Any], field: str, says: str
) -> None:
    message = problem(write(tmp_path, changes))
    assert message.startswith(f"{field}: ")
    assert says in message
    assert len(message.splitlines()) == 1


def test_a_database_may_have_a_name_and_the_message_says_so(tmp_path: Path) -> None:
    changes = {"components.business_postgres.databases": [{"nam": "app", "owner": "app"}]}
    assert "did you mean 'name'? allowed: name, owner" in problem(write(tmp_path, changes))


def test_all_mistakes_of_a_file_are_told_at_once_each_with_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, {"zone": "A", "components.infisical.replicas": 0, "x": 1})
    with pytest.raises(ConfigError) as caught:
        load_environment(path)
    fields = [line.split(": ")[:2] for line in str(caught.value).splitlines()]
    assert fields == [
        [str(path), "zone"],
        [str(path), "components.infisical.replicas"],
        [str(path), "x"],
    ]


@pytest.mark.parametrize("key", ["k3s", "local", "r2", "existing"])
def test_an_unknown_key_is_named_also_when_it_is_the_name_of_a_kind(
    tmp_path: Path, key: str
) -> None:
    assert problem(write(tmp_path, {key: {}})).startswith(f"{key}: unknown key")


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [({"components.infisical.resources.cpu": 1}, "500m"), ({"charts": {"redis": 1.9}}, "1.9.0")],
    ids=["cpu: 1", "redis: 1.9"],
)
def test_a_bare_number_gets_the_same_remedy_as_a_wrong_text(
    tmp_path: Path, changes: dict[str, Any], remedy: str
) -> None:
    assert remedy in problem(write(tmp_path, changes))


@pytest.mark.parametrize("text", ["", "\n", "# a comment\n", "---\n"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "staging.yaml"
    path.write_text(text)
    assert problem(path) == "the file is empty; see environments/local.yaml for the keys"


@pytest.mark.parametrize(
    ("text", "kind"), [("- zone: a\n- b\n", "list"), ("staging\n", "str"), ("42\n", "int")]
)
def test_something_else_than_keys_and_values_is_named(tmp_path: Path, text: str, kind: str) -> None:
    path = tmp_path / "staging.yaml"
    path.write_text(text)
    assert problem(path) == f"keys and values are expected, not a {kind}"


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("zone: a\nprefix: [b\nprotect: true\n", "3:8", "expected ',' or ']'"),
        ("zone: a: b\n", "1:8", "mapping values are not allowed here"),
        ("zone: a\n\tprefix: b\n", "2:1", "found character '\\t'"),
        ("zone: a\nprotect: true\nzone: b\n", "3:1", 'found duplicate key "zone"'),
        ("zone: *anchor\n", "1:7", "undefined alias"),
        ("zone: 'a\n", "2:1", "unexpected end of stream"),
        ("a: 1\n---\nb: 2\n", "2:1", "found another document"),
    ],
)
def test_a_yaml_error_has_its_line_and_column(
    tmp_path: Path, text: str, place: str, expected: str
) -> None:
    path = tmp_path / "staging.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_environment(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{place}: ")
    assert expected in message
    assert len(message.splitlines()) == 1


def test_a_duplicate_key_deep_in_the_file_is_an_error_too(tmp_path: Path) -> None:
    path = tmp_path / "staging.yaml"
    path.write_text("cluster:\n  ssh:\n    user: a\n    user: b\n")
    with pytest.raises(ConfigError, match=r'staging\.yaml:4:5: found duplicate key "user"'):
        load_environment(path)


def test_a_file_that_is_not_text_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "staging.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert problem(path).startswith("cannot be read: ")


def test_python_objects_in_yaml_are_not_made(tmp_path: Path) -> None:
    path = tmp_path / "staging.yaml"
    path.write_text("zone: !!python/object/apply:os.getcwd []\n")
    with pytest.raises(ConfigError, match=r"staging\.yaml:1:7: could not determine a constructor"):
        load_environment(path)


def test_files_are_loaded_by_name_and_others_are_left_alone(tmp_path: Path) -> None:
    for name in ("staging.yaml", "local.yml", "prod.yaml"):
        write(tmp_path, name=name)
    (tmp_path / "schema.json").write_text("{}")
    (tmp_path / "README.md").write_text("notes")
    assert [item.name for item in load_environments(tmp_path)] == ["local", "prod", "staging"]


@pytest.mark.parametrize("second", ["staging.yml", "Staging.yaml", "STAGING.yml"])
def test_one_environment_in_two_files_names_both(tmp_path: Path, second: str) -> None:
    write(tmp_path)
    write(tmp_path, name=second)
    with pytest.raises(ConfigError) as caught:
        load_environments(tmp_path)
    message = str(caught.value)
    assert "environment 'staging' is already defined by" in message
    assert str(tmp_path / "staging.yaml") in message
    assert str(tmp_path / second) in message
    assert "rename one" in message


def test_a_name_that_cannot_be_part_of_a_stacks_name_is_refused(tmp_path: Path) -> None:
    assert problem(write(tmp_path, name="my staging.yaml")).startswith(
        "the file's name is the environment's and part of every stack's: use lower-case letters"
    )


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere: no such folder; environment files are expect"):
        load_environments(tmp_path / "nowhere")


def test_a_folder_without_files_says_what_to_add(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"no environment files; add one, such as staging\.yaml"):
        load_environments(tmp_path)
