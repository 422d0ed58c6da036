from base64 import b64encode
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from eaas import fields

KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


def whole_key(kind: str) -> str:
    name = kind.encode()
    return f"{kind} {b64encode(len(name).to_bytes(4, 'big') + name + bytes(64)).decode()}"


GOOD = [
    (fields.Label, ["a", "x-staging", "0", "a" * 63]),
    (fields.LabelOrApex, ["", "cloud"]),
    (fields.DomainName, ["localhost", "example.com", "a.b-c.d0"]),
    (fields.Size, ["1Mi", "10Gi", "2Ti"]),
    (fields.Cpu, ["1", "500m", "12"]),
    (fields.DatabaseName, ["app", "a-1", "a" * 41]),
    (fields.ChartVersion, ["1.9.0", "v1.21.1", "0.34.18", "1.0.0-rc.1"]),
    (fields.TerraformVersion, ["1.11.2"]),
    (fields.K3sVersion, ["v1.36.5+k3s1", "v1.37.0-rc2+k3s12"]),
    (fields.Sha256, ["0123456789abcdef" * 4]),
    (fields.Url, ["https://example.com/a%2Bb", "http://127.0.0.1:5000"]),
    (fields.ChartRepository, ["https://a.example.com/charts/", "oci://r.example.com/x"]),
    (fields.Image, ["docker.io/redis:7.4.11", f"a/b:v1.2.3@sha256:{'a' * 64}"]),
    (
        fields.HostKey,
        [
            f"ssh-ed25519 {KEY}",
            whole_key("ssh-rsa"),
            f"{whole_key('ecdsa-sha2-nistp256')} root@host",
        ],
    ),
    (fields.UserName, ["root", "deploy", "_svc", "a-b_1"]),
    (fields.R2AccountId, ["0123456789abcdef" * 2]),
    (fields.Bucket, ["abc", "truealpha-tfstate"]),
    (fields.RelativePath, [".state", "a/b", "a_b-c.d"]),
    (fields.KubernetesName, ["traefik", "local-path", "a.b"]),
    (fields.HostAddress, ["198.18.0.10", "2001:db8::1", "host", "k3s.example.com"]),
]
BAD = [
    (fields.Label, ["", "a.b", "A", "-a", "a-", "a_b", "a" * 64, "a\n"], "one DNS label"),
    (fields.LabelOrApex, ["a.b", " ", "-"], "one DNS label without a dot"),
    (fields.DomainName, ["", "a..b", ".a", "Example.com", "https://a.b"], "such as example.com"),
    (fields.Size, ["10GB", "10G", "0Gi", "1.5Gi", "Gi", "10", "10gi", "-1Gi"], "write 10Gi"),
    (fields.Cpu, ["1.5", "0", "0m", "500M", "m", "", "1 "], "write 500m for half a core"),
    (fields.DatabaseName, ["", "1a", "A", "a_b", "a" * 42], "a lower-case letter, then"),
    (
        fields.ChartVersion,
        ["latest", ">=1", "1.9", "1", "^1.9.0", "~1.9.0", "1.9.x", "*", "1.9.0 "],
        "one exact chart version such as 1.9.0",
    ),
    (fields.TerraformVersion, ["1.11", ">= 1.11.2", "v1.11.2", "latest"], "a Terraform version"),
    (
        fields.K3sVersion,
        ["stable", "latest", "v1.36", "v1.36.5", "1.36.5+k3s1", "v1.36.5+k3s"],
        "one exact k3s version such as v1.36.5",
    ),
    (fields.Sha256, ["", "abc", "g" * 64, "A" * 64], "64 hexadecimal digits"),
    (fields.Url, ["example.com", "ftp://a", "https://", "https://a b", "https://a;b"], "https://"),
    (fields.ChartRepository, ["file:///charts", "./charts", "oci:/x"], "oci:// URL"),
    (fields.Image, ["redis", "redis:latest", "a/b:", "a/b@sha256:0", "A/b:1"], "a pinned image"),
    (
        fields.HostKey,
        [KEY, f"[host]:22 ssh-ed25519 {KEY}", f"ssh-dss {KEY}", "ssh-ed25519", f"ssh-rsa {KEY}!"],
        "an SSH host key as in /etc/ssh",
    ),
    (fields.UserName, ["", "Root", "a b", "1a", "$(id)", "a" * 33], "a Linux user name"),
    (fields.R2AccountId, ["", "abc", "g" * 32, "0" * 33], "32 hexadecimal digits"),
    (fields.Bucket, ["ab", "A-b", "-ab", "ab-", "a_b", "a.b"], "an R2 bucket name"),
    (fields.RelativePath, ["/tmp", "a//b", "a/", "", "a b"], "a path inside the project"),
    (fields.KubernetesName, ["", "-a", "A"], "a Kubernetes object name"),
    (fields.HostAddress, ["256.1.1.1", "1.2.3", "", "a_b", "root@h", "h:22"], "an IP address nor"),
]


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in GOOD for value in values]
)
def test_good_values_are_taken_as_they_are(field: Any, value: str) -> None:
    assert TypeAdapter(field).validate_python(value) == value


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [(field, value, expected) for field, values, expected in BAD for value in values],
)
def test_bad_values_are_quoted_with_what_is_expected(field: Any, value: str, expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(field).validate_python(value)
    message = caught.value.errors()[0]["msg"]
    assert repr(value) in message
    assert expected in message


@pytest.mark.parametrize("path", ["..", "../x", "a/../../x"])
def test_a_relative_path_does_not_leave_the_project(path: str) -> None:
    with pytest.raises(ValidationError, match="a path inside the project"):
        TypeAdapter(fields.RelativePath).validate_python(path)


@pytest.mark.parametrize("key", ["ssh-ed25519 AAAA", f"ssh-rsa {KEY}", f"ssh-ed25519 {KEY[:40]}"])
def test_a_host_key_that_is_cut_off_or_of_another_type_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="is not a whole SSH host key: copy all of its line"):
        TypeAdapter(fields.HostKey).validate_python(key)


@pytest.mark.parametrize("name", ["postgres", "template0", "template1"])
def test_a_database_is_not_named_as_one_of_postgresqls_own(name: str) -> None:
    with pytest.raises(ValidationError, match="none of PostgreSQL's own"):
        TypeAdapter(fields.DatabaseName).validate_python(name)


def test_editors_get_the_pattern_anchored_at_both_ends() -> None:
    assert TypeAdapter(fields.Size).json_schema()["pattern"] == "^(?:[1-9][0-9]*(Mi|Gi|Ti))$"
