from collections.abc import Sequence

from constructs import Construct

from eaas.labels import labels
from eaas.namespace import Namespace
from eaas.terraform import (
    IngressV1,
    IngressV1Metadata,
    IngressV1Spec,
    IngressV1SpecRule,
    IngressV1SpecRuleHttp,
    IngressV1SpecRuleHttpPath,
    IngressV1SpecRuleHttpPathBackend,
    IngressV1SpecRuleHttpPathBackendService,
    IngressV1SpecRuleHttpPathBackendServicePort,
    TerraformResource,
)


class Ingress(Construct):
    """One public host, all paths, to one Service. The host is required: one without matches all."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        namespace: Namespace,
        host: str,
        service: str,
        port: int,
        ingress_class: str,
        after: Sequence[TerraformResource] = (),
    ) -> None:
        super().__init__(scope, id)
        backend = IngressV1SpecRuleHttpPathBackend(
            service=IngressV1SpecRuleHttpPathBackendService(
                name=service, port=IngressV1SpecRuleHttpPathBackendServicePort(number=port)
            )
        )
        path = IngressV1SpecRuleHttpPath(path="/", path_type="Prefix", backend=backend)
        IngressV1(
            self,
            "Default",
            metadata=IngressV1Metadata(name=name, namespace=namespace.name, labels=labels(name)),
            spec=IngressV1Spec(
                ingress_class_name=ingress_class,
                rule=[IngressV1SpecRule(host=host, http=IngressV1SpecRuleHttp(path=[path]))],
            ),
            depends_on=list(after),
        )
        self.host = host
