from eaas.ingress import Ingress
from eaas.namespace import Namespace
from tests.unit.one_stack import OneStack


def test_an_ingress_sends_every_path_of_its_one_host_to_the_service(one: OneStack) -> None:
    ingress = Ingress(
        one.stack,
        "ingress",
        name="infisical",
        namespace=Namespace(one.stack, "iac", protect=False),
        host="cloud.example.com",
        service="web",
        port=8080,
        ingress_class="traefik",
    )
    backend = {"service": {"name": "web", "port": {"number": 8080}}}
    assert one.only("kubernetes_ingress_v1")["spec"] == {
        "ingress_class_name": "traefik",
        "rule": [
            {
                "host": "cloud.example.com",
                "http": {"path": [{"path": "/", "path_type": "Prefix", "backend": backend}]},
            }
        ],
    }
    assert ingress.host == "cloud.example.com"


def test_it_lies_in_its_namespace_with_our_labels(one: OneStack) -> None:
    Ingress(
        one.stack,
        "ingress",
        name="infisical",
        namespace=Namespace(one.stack, "iac", protect=False),
        host="cloud.example.com",
        service="web",
        port=8080,
        ingress_class="traefik",
    )
    metadata = one.only("kubernetes_ingress_v1")["metadata"]
    assert metadata["namespace"] == "${kubernetes_namespace_v1.iac.metadata[0].name}"
    assert metadata["name"] == "infisical"
    assert metadata["labels"]["app.kubernetes.io/managed-by"] == "eaas"
