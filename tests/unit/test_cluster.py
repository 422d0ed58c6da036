from pathlib import Path

from ruamel.yaml import YAML

from eaas.checkpoint import Checkpoint
from eaas.cluster import ClusterAccess, ExistingCluster
from eaas.environment import ExistingClusterSettings
from eaas.terraform import App, TerraformOutput, TerraformStack
from tests.unit.one_stack import OneStack

ACCESS = ClusterAccess(
    endpoint="https://198.18.0.10:6443",
    ca_certificate="authority",
    client_certificate="certificate",
    client_key="key",
)
VARIABLES = {
    "kube_endpoint": False,
    "kube_ca_certificate": False,
    "kube_client_certificate": False,
    "kube_client_key": True,
}


def existing(one: OneStack) -> ExistingCluster:
    checkpoint = Checkpoint(one.stack, "checkpoint", interval=0)
    cluster = ExistingCluster(
        one.stack,
        "cluster",
        settings=ExistingClusterSettings(
            type="existing", ingress_class="nginx", storage_class="fast"
        ),
        after=checkpoint,
    )
    checkpoint.close()
    return cluster


def test_both_providers_use_the_same_cluster(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    stack = TerraformStack(app, "test")
    ACCESS.connect(stack, endpoint="https://other:6443")
    credentials = {
        "host": "https://other:6443",
        "cluster_ca_certificate": "authority",
        "client_certificate": "certificate",
        "client_key": "key",
    }
    provider = stack.to_terraform()["provider"]
    assert provider["kubernetes"] == [credentials]
    assert provider["helm"] == [{"kubernetes": credentials}]


def test_without_another_endpoint_the_providers_use_its_own(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    stack = TerraformStack(app, "test")
    ACCESS.connect(stack)
    assert stack.to_terraform()["provider"]["kubernetes"][0]["host"] == ACCESS.endpoint


def test_the_kubeconfig_is_a_complete_file(one: OneStack) -> None:
    TerraformOutput(one.stack, "kubeconfig", value=ACCESS.kubeconfig("staging"), sensitive=True)
    text = one.document()["output"]["kubeconfig"]["value"]
    config = YAML(typ="safe", pure=True).load(text)
    assert config["current-context"] == "staging"
    (context,) = config["contexts"]
    assert context == {"name": "staging", "context": {"cluster": "staging", "user": "staging"}}
    (cluster,) = config["clusters"]
    assert cluster["name"] == "staging"
    assert cluster["cluster"]["server"] == "https://198.18.0.10:6443"
    assert cluster["cluster"]["certificate-authority-data"] == '${base64encode("authority")}'
    (user,) = config["users"]
    assert user["name"] == "staging"
    assert user["user"]["client-certificate-data"] == '${base64encode("certificate")}'
    assert user["user"]["client-key-data"] == '${base64encode("key")}'


def test_an_existing_cluster_comes_by_variables_without_defaults(one: OneStack) -> None:
    existing(one)
    variables = one.document()["variable"]
    assert {name: body["sensitive"] for name, body in variables.items()} == VARIABLES
    for body in variables.values():
        assert "default" not in body
        assert body["nullable"] is False
        assert body["description"]


def test_its_classes_are_the_environments(one: OneStack) -> None:
    cluster = existing(one)
    assert (cluster.ingress_class, cluster.storage_class) == ("nginx", "fast")


def test_its_users_wait_for_the_checkpoint(one: OneStack) -> None:
    TerraformOutput(one.stack, "endpoint", value=existing(one).endpoint_when_ready)
    document = one.document()
    assert document["output"]["endpoint"]["value"] == (
        "${null_resource.checkpoint.triggers.endpoint}"
    )
    assert one.only("null_resource")["triggers"]["endpoint"] == "${var.kube_endpoint}"
