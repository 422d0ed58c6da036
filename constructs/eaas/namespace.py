from constructs import Construct

from eaas.labels import labels
from eaas.protection import protection
from eaas.terraform import NamespaceV1, NamespaceV1Metadata


class Namespace(Construct):
    """A Kubernetes namespace, named by its id.

    Deleting a namespace deletes every volume claim in it, those that Helm keeps included.
    """

    def __init__(self, scope: Construct, id: str, *, protect: bool) -> None:
        super().__init__(scope, id)
        namespace = NamespaceV1(
            self,
            "Default",
            metadata=NamespaceV1Metadata(name=id, labels=labels(id)),
            lifecycle=protection(protect),
        )
        self.name: str = namespace.metadata.name
