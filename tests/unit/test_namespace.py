import pytest

from eaas.namespace import Namespace
from eaas.secret import Secret
from tests.unit.one_stack import OneStack


def test_a_namespace_is_named_by_its_id_and_carries_our_labels(one: OneStack) -> None:
    Namespace(one.stack, "iac", protect=False)
    assert one.only("kubernetes_namespace_v1")["metadata"] == {
        "name": "iac",
        "labels": {
            "app.kubernetes.io/name": "iac",
            "app.kubernetes.io/part-of": "eaas",
            "app.kubernetes.io/managed-by": "eaas",
        },
    }


def test_what_stands_in_it_refers_to_it_and_so_comes_after_it(one: OneStack) -> None:
    namespace = Namespace(one.stack, "iac", protect=False)
    Secret(one.stack, "secret", name="login", namespace=namespace, data={})
    metadata = one.only("kubernetes_secret_v1")["metadata"]
    assert metadata["namespace"] == "${kubernetes_namespace_v1.iac.metadata[0].name}"


@pytest.mark.parametrize(
    ("protect", "lifecycle"), [(True, {"prevent_destroy": True}), (False, None)]
)
def test_it_refuses_to_be_destroyed_where_the_environment_is_protected(
    one: OneStack, protect: bool, lifecycle: dict[str, bool] | None
) -> None:
    Namespace(one.stack, "iac", protect=protect)
    assert one.only("kubernetes_namespace_v1").get("lifecycle") == lifecycle
