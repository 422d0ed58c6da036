"""An environment as data: the typed model of `environments/<name>.yaml`.

Sizes, versions, names, host and backend; no secrets. Loading is `loader.py`.
"""

from ipaddress import ip_address, ip_network
from typing import Annotated, Literal

from pydantic import Field, model_validator

from eaas.fields import (
    Bucket,
    ChartRepository,
    ChartVersion,
    Cpu,
    DatabaseName,
    DomainName,
    HostAddress,
    HostKey,
    K3sVersion,
    KubernetesName,
    Label,
    LabelOrApex,
    R2AccountId,
    RelativePath,
    Size,
    Url,
    UserName,
)
from eaas.model import Model
from eaas.pins import Chart, ChartName, Installer, pins

EXAMPLE_ADDRESSES = [
    ip_network(network) for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
]
EXAMPLE_ACCOUNT = "0" * 32


class R2State(Model):
    """Terraform state in a Cloudflare R2 bucket, with locks. Credentials: AWS_* variables only."""

    backend: Literal["r2"]
    account_id: R2AccountId
    bucket: Bucket
    jurisdiction: Literal["default", "eu", "fedramp"] = "default"
    s3_endpoint: Url | None = None
    """Another S3 store in R2's place. It must honour `If-None-Match`, or locks are none."""

    @property
    def endpoint(self) -> str:
        """R2's S3 API (buckets of a jurisdiction answer only under its own name), or another."""
        if self.s3_endpoint:
            return self.s3_endpoint
        jurisdiction = "" if self.jurisdiction == "default" else f".{self.jurisdiction}"
        return f"https://{self.account_id}{jurisdiction}.r2.cloudflarestorage.com"


class LocalState(Model):
    """Terraform state in a folder of the project (git ignores the default one)."""

    backend: Literal["local"]
    folder: RelativePath = ".state"


class SshSettings(Model):
    user: UserName = "root"
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    host_key: HostKey | None = None
    """The only host key that is accepted. Without one, any host that answers is trusted."""
    key: Literal["variable", "agent"] = "variable"
    """`variable`: TF_VAR_ssh_private_key; `agent`: the agent behind SSH_AUTH_SOCK."""


class K3sSettings(Model):
    """k3s, installed over SSH on a host that is already there."""

    type: Literal["k3s"]
    host: HostAddress
    ssh: SshSettings = SshSettings()
    api_port: Annotated[int, Field(ge=1, le=65535)] = 6443
    version: K3sVersion = pins().k3s.version
    installer: Installer = pins().k3s.installer
    release_mirror: Url | None = None
    """Where the installer finds k3s's releases instead of GitHub (its GITHUB_URL)."""
    disable: list[Literal["coredns", "servicelb", "metrics-server", "runtimes"]] = []
    """Bundled parts to leave out. Traefik and local-storage are what EaaS stands on."""
    tls_san: list[HostAddress] = []
    """More names and addresses for the API server's certificate, beside `host`."""
    secrets_encryption: bool = True
    """Encrypts Secrets in the datastore. k3s honours it at the first start only."""

    @model_validator(mode="after")
    def _installer_belongs_to_version(self) -> "K3sSettings":
        if self.version != pins().k3s.version and self.installer == pins().k3s.installer:
            raise ValueError(
                f"version {self.version} needs its own installer: set installer.url to "
                f"https://raw.githubusercontent.com/k3s-io/k3s/{self.version.replace('+', '%2B')}"
                "/install.sh and installer.sha256 to what install.sh.sha256sum beside it says"
            )
        return self

    @property
    def is_example(self) -> bool:
        """The host is an address that is reserved for documentation (RFC 5737)."""
        try:
            address = ip_address(self.host)
        except ValueError:
            return False
        return any(address in network for network in EXAMPLE_ADDRESSES)


class ExistingClusterSettings(Model):
    """A cluster that exists already. Credentials: TF_VAR_kube_* variables."""

    type: Literal["existing"]
    ingress_class: KubernetesName = "traefik"
    storage_class: KubernetesName = "local-path"


class Resources(Model):
    """What a container asks for. Memory is also its limit; CPU has none, so idle cores are used."""

    cpu: Cpu
    memory: Size

    @property
    def values(self) -> dict[str, dict[str, str]]:
        """As a container's `resources`."""
        return {
            "requests": {"cpu": self.cpu, "memory": self.memory},
            "limits": {"memory": self.memory},
        }


class PostgresSettings(Model):
    instances: Annotated[int, Field(ge=1, le=9)] = 1
    storage: Size = "10Gi"
    resources: Resources = Resources(cpu="250m", memory="512Mi")


class DatabaseSettings(Model):
    name: DatabaseName
    owner: DatabaseName


class BusinessPostgresSettings(PostgresSettings):
    databases: Annotated[list[DatabaseSettings], Field(min_length=1)] = [
        DatabaseSettings(name="app", owner="app")
    ]

    @model_validator(mode="after")
    def _names_are_unique(self) -> "BusinessPostgresSettings":
        names = [database.name for database in self.databases]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"database {name!r} is listed {names.count(name)} times")
        return self


class RedisSettings(Model):
    storage: Size = "1Gi"
    resources: Resources = Resources(cpu="50m", memory="256Mi")


class InfisicalSettings(Model):
    replicas: Annotated[int, Field(ge=1, le=9)] = 1
    resources: Resources = Resources(cpu="350m", memory="1Gi")


class Components(Model):
    """What stands in the environment, and its size."""

    platform_postgres: PostgresSettings = PostgresSettings()
    infisical_redis: RedisSettings = RedisSettings()
    infisical: InfisicalSettings = InfisicalSettings()
    business_postgres: BusinessPostgresSettings = BusinessPostgresSettings()


class ServiceLabels(Model):
    """The label of each public name. `api` belongs to the application's backend."""

    infisical: LabelOrApex = "cloud"
    frontend: LabelOrApex = ""
    backend: LabelOrApex = "api"


class Environment(Model):
    """One environment file. Its name is the file's, and part of every stack's name."""

    name: Label
    zone: DomainName
    prefix: Label | None = None
    """Joined to every label: `cloud` with the prefix `x-staging` is `cloud-x-staging.<zone>`."""
    https: bool = True
    """Whether visitors reach the public names by https (TLS ends before or at the ingress)."""
    protect: bool
    """Whether databases, keys and namespaces refuse to be destroyed."""
    state: Annotated[R2State | LocalState, Field(discriminator="backend")]
    cluster: Annotated[K3sSettings | ExistingClusterSettings, Field(discriminator="type")]
    components: Components = Components()
    hostnames: ServiceLabels = ServiceLabels()
    charts: dict[ChartName, ChartVersion] = {}
    """Chart versions that differ from `constructs/eaas/pins.yaml`."""
    chart_mirror: ChartRepository | None = None
    """One repository that has every chart, for closed networks."""

    @property
    def file(self) -> str:
        """Where people find this environment, for messages."""
        return f"environments/{self.name}.yaml"

    def chart(self, name: ChartName) -> Chart:
        """The chart as this environment has it: with its version, from its mirror."""
        pin = pins().charts[name]
        return Chart(
            name=name,
            repository=self.chart_mirror or pin.repository,
            version=self.charts.get(name, pin.version),
        )
