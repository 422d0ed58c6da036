from dataclasses import dataclass

from constructs import Construct

from eaas.checkpoint import Checkpoint
from eaas.environment import ExistingClusterSettings
from eaas.terraform import (
    Fn,
    HelmProvider,
    HelmProviderKubernetes,
    KubernetesProvider,
    TerraformStack,
    TerraformVariable,
)


@dataclass(frozen=True)
class ClusterAccess:
    """How to reach a Kubernetes API server: its URL, and PEM texts."""

    endpoint: str
    ca_certificate: str
    client_certificate: str
    client_key: str

    def connect(self, stack: TerraformStack, *, endpoint: str | None = None) -> None:
        """Give `stack` the kubernetes and helm providers for this cluster.

        `endpoint`: the same URL, as a reference to what must be there first.
        """
        credentials = {
            "host": endpoint or self.endpoint,
            "cluster_ca_certificate": self.ca_certificate,
            "client_certificate": self.client_certificate,
            "client_key": self.client_key,
        }
        KubernetesProvider(stack, "kubernetes", **credentials)
        HelmProvider(stack, "helm", kubernetes=HelmProviderKubernetes(**credentials))

    def kubeconfig(self, name: str) -> str:
        """A complete kubeconfig file."""
        return (
            "apiVersion: v1\n"
            "kind: Config\n"
            f"current-context: {name}\n"
            "clusters:\n"
            f"  - name: {name}\n"
            "    cluster:\n"
            f"      server: {self.endpoint}\n"
            f"      certificate-authority-data: {Fn.base64encode(self.ca_certificate)}\n"
            "contexts:\n"
            f"  - name: {name}\n"
            f"    context: {{cluster: {name}, user: {name}}}\n"
            "users:\n"
            f"  - name: {name}\n"
            "    user:\n"
            f"      client-certificate-data: {Fn.base64encode(self.client_certificate)}\n"
            f"      client-key-data: {Fn.base64encode(self.client_key)}\n"
        )


class ExistingCluster(Construct):
    """A cluster that somebody else made, reached by a client certificate given as variables."""

    def __init__(
        self, scope: Construct, id: str, *, settings: ExistingClusterSettings, after: Checkpoint
    ) -> None:
        super().__init__(scope, id)
        stack = TerraformStack.of(self)
        endpoint = _variable(stack, "kube_endpoint", "URL of the Kubernetes API server")
        self.access = ClusterAccess(
            endpoint=endpoint,
            ca_certificate=_variable(stack, "kube_ca_certificate", "its authority, as PEM"),
            client_certificate=_variable(
                stack, "kube_client_certificate", "an administrator's certificate, as PEM"
            ),
            client_key=_variable(
                stack, "kube_client_key", "the key of that certificate, as PEM", sensitive=True
            ),
        )
        self.endpoint_when_ready = after.carry("endpoint", endpoint)
        self.ingress_class = settings.ingress_class
        self.storage_class = settings.storage_class


def _variable(
    stack: TerraformStack, name: str, description: str, *, sensitive: bool = False
) -> str:
    variable = TerraformVariable(
        stack, name, type="string", description=description, sensitive=sensitive, nullable=False
    )
    return str(variable.string_value)
