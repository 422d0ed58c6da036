from eaas.namespace import Namespace
from eaas.secret import Secret
from eaas.terraform import TerraformOutput
from tests.unit.one_stack import OneStack


def test_a_secret_takes_plain_text_and_carries_our_labels(one: OneStack) -> None:
    namespace = Namespace(one.stack, "iac", protect=False)
    Secret(one.stack, "secret", name="login", namespace=namespace, data={"user_name": "it's $me"})
    body = one.only("kubernetes_secret_v1")
    assert body["data"] == {"user_name": "it's $me"}
    assert body["type"] == "Opaque"
    assert body["metadata"]["name"] == "login"
    assert body["metadata"]["labels"] == {
        "app.kubernetes.io/name": "login",
        "app.kubernetes.io/part-of": "eaas",
        "app.kubernetes.io/managed-by": "eaas",
    }


def test_its_name_refers_to_it_so_that_users_of_it_come_after_it(one: OneStack) -> None:
    namespace = Namespace(one.stack, "iac", protect=False)
    secret = Secret(
        one.stack,
        "secret",
        name="login",
        namespace=namespace,
        type="kubernetes.io/basic-auth",
        data={},
    )
    TerraformOutput(one.stack, "name", value=secret.name)
    document = one.document()
    assert document["output"]["name"]["value"] == "${kubernetes_secret_v1.secret.metadata[0].name}"
    assert one.only("kubernetes_secret_v1")["type"] == "kubernetes.io/basic-auth"
