from collections.abc import Mapping

from constructs import Construct

from eaas.labels import labels
from eaas.namespace import Namespace
from eaas.terraform import SecretV1, SecretV1Metadata


class Secret(Construct):
    """A Kubernetes Secret. `data` is plain text: Kubernetes and terraform encode it."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        namespace: Namespace,
        data: Mapping[str, str],
        type: str = "Opaque",
    ) -> None:
        super().__init__(scope, id)
        secret = SecretV1(
            self,
            "Default",
            metadata=SecretV1Metadata(name=name, namespace=namespace.name, labels=labels(name)),
            type=type,
            data=data,
        )
        self.name: str = secret.metadata.name
