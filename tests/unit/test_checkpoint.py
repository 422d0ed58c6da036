from eaas.checkpoint import Checkpoint
from eaas.namespace import Namespace
from eaas.password import Password
from eaas.terraform import TerraformOutput
from tests.unit.one_stack import OneStack


def test_it_waits_for_every_secret_of_the_stack_also_for_those_made_after_it(one: OneStack) -> None:
    Password(one.stack, "before")
    checkpoint = Checkpoint(one.stack, "checkpoint", interval=20)
    Password(one.stack, "after")
    checkpoint.close()
    assert one.only("null_resource")["depends_on"] == [
        "random_password.after",
        "random_password.before",
    ]


def test_it_waits_for_nothing_that_needs_the_cluster(one: OneStack) -> None:
    checkpoint = Checkpoint(one.stack, "checkpoint", interval=20)
    Namespace(one.stack, "iac", protect=False)
    Password(one.stack, "password")
    checkpoint.close()
    assert one.only("null_resource")["depends_on"] == ["random_password.password"]


def test_it_is_made_anew_exactly_when_a_secret_joins_or_leaves(one: OneStack) -> None:
    Password(one.stack, "first")
    checkpoint = Checkpoint(one.stack, "checkpoint", interval=20)
    checkpoint.close()
    one.document()
    before = one.only("null_resource")["triggers"]
    Namespace(one.stack, "iac", protect=False)
    checkpoint.close()
    assert one.only("null_resource")["triggers"] == before
    Password(one.stack, "second")
    checkpoint.close()
    assert one.only("null_resource")["triggers"] == {
        "generated": "random_password.first\nrandom_password.second"
    }


def test_it_takes_longer_than_terraform_may_keep_results_unsaved(one: OneStack) -> None:
    Checkpoint(one.stack, "checkpoint", interval=20).close()
    assert one.only("null_resource")["provisioner"] == [{"local-exec": {"command": "sleep 21"}}]


def test_a_carried_value_is_known_in_a_plan_but_only_behind_the_checkpoint(one: OneStack) -> None:
    checkpoint = Checkpoint(one.stack, "checkpoint", interval=0)
    carried = checkpoint.carry("endpoint", "https://198.18.0.10:6443")
    TerraformOutput(one.stack, "endpoint", value=carried)
    checkpoint.close()
    assert one.document()["output"]["endpoint"]["value"] == (
        "${null_resource.checkpoint.triggers.endpoint}"
    )
    assert one.only("null_resource")["triggers"]["endpoint"] == "https://198.18.0.10:6443"
