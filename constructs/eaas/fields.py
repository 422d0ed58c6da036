"""Types of the values people write in environment files."""

import re
from base64 import b64decode
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class Matching:
    """Text that matches `pattern` from end to end; `expected` completes the error message."""

    pattern: str
    expected: str

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}

    def _check(self, value: object) -> object:
        # before pydantic's own check, which would say of a number only that it is no string
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise ValueError(f"{value!r} is not {self.expected}")
        return value


LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

Label = Annotated[
    str,
    Matching(
        LABEL,
        "one DNS label: at most 63 lower-case letters, digits and dashes, and no dot, since a free "
        "Cloudflare certificate covers one level below the zone only",
    ),
]
LabelOrApex = Annotated[
    str, Matching(rf"({LABEL})?", "one DNS label without a dot, or '' for the bare name")
]
DomainName = Annotated[
    str, Matching(rf"{LABEL}(\.{LABEL})*", "a domain name such as example.com, in lower case")
]
Size = Annotated[str, Matching(r"[1-9][0-9]*(Mi|Gi|Ti)", "a size: write 10Gi (Mi, Gi or Ti)")]
Cpu = Annotated[
    str, Matching(r"[1-9][0-9]*m?", "an amount of CPU: write 500m for half a core, or '2' for two")
]
DatabaseName = Annotated[
    str,
    Matching(
        r"(?!(postgres|template[01])$)[a-z][a-z0-9-]{0,40}",
        "a database or owner name: a lower-case letter, then letters, digits and dashes, and none "
        "of PostgreSQL's own (postgres, template0, template1)",
    ),
]
ChartVersion = Annotated[
    str,
    Matching(
        r"v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?",
        "one exact chart version such as 1.9.0: ranges, 'latest' and channels are not pins",
    ),
]
TerraformVersion = Annotated[str, Matching(r"[0-9]+\.[0-9]+\.[0-9]+", "a Terraform version")]
K3sVersion = Annotated[
    str,
    Matching(
        r"v[0-9]+\.[0-9]+\.[0-9]+(-rc[0-9]+)?\+k3s[0-9]+",
        "one exact k3s version such as v1.36.5+k3s1: channels such as 'stable' are not pins",
    ),
]
Sha256 = Annotated[str, Matching(r"[0-9a-f]{64}", "a SHA-256 checksum: 64 hexadecimal digits")]
Url = Annotated[
    str, Matching(r"https?://[A-Za-z0-9.:_~/%@+-]+", "a URL that starts with https:// or http://")
]
ChartRepository = Annotated[
    str, Matching(r"(https?|oci)://[A-Za-z0-9.:_~/%@+-]+", "an https://, http:// or oci:// URL")
]
Image = Annotated[
    str,
    Matching(
        r"(?!.*:latest$)[a-z0-9./_-]+:[A-Za-z0-9._-]+(@sha256:[0-9a-f]{64})?",
        "a pinned image such as docker.io/redis:7.4.11 (never 'latest')",
    ),
]


def _whole_key(value: str) -> str:
    """The data is a row of texts, each after its length, the key's type first (RFC 4253, 6.6)."""
    kind, data = value.split()[:2]
    try:
        rest = b64decode(data, validate=True)
    except ValueError:
        rest = b""
    parts: list[bytes] = []
    while len(rest) >= 4 + (length := int.from_bytes(rest[:4], "big")):
        parts.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    if rest or len(parts) < 2 or parts[0] != kind.encode():
        raise ValueError(f"{value!r} is not a whole SSH host key: copy all of its line")
    return value


HostKey = Annotated[
    str,
    AfterValidator(_whole_key),
    Matching(
        r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( [^\n]*)?",
        "an SSH host key as in /etc/ssh/ssh_host_ecdsa_key.pub: 'ecdsa-sha2-nistp256 AAAA...' "
        "(ssh-keyscan -t ecdsa <host> prints it after the host's name)",
    ),
]
UserName = Annotated[str, Matching(r"[a-z_][a-z0-9_-]{0,31}", "a Linux user name")]
R2AccountId = Annotated[
    str,
    Matching(
        r"[0-9a-f]{32}",
        "a Cloudflare account id: 32 hexadecimal digits (dashboard, R2, Account ID)",
    ),
]
Bucket = Annotated[
    str, Matching(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", "an R2 bucket name (3 to 63 characters)")
]
_PATH_PART = r"(?!\.\.?(/|$))[A-Za-z0-9._-]+"
RelativePath = Annotated[
    str, Matching(rf"{_PATH_PART}(/{_PATH_PART})*", "a path inside the project")
]
KubernetesName = Annotated[
    str, Matching(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", "a Kubernetes object name")
]


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        if re.fullmatch(rf"{LABEL}(\.{LABEL})*", value) and not re.fullmatch(r"[0-9.]+", value):
            return value
    raise ValueError(f"{value!r} is neither an IP address nor a host name")


HostAddress = Annotated[str, AfterValidator(_address)]
