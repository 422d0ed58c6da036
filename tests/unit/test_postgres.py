from collections.abc import Mapping
from typing import Any

import pytest
from ruamel.yaml import YAML

from eaas.environment import DatabaseSettings, PostgresSettings, Resources
from eaas.namespace import Namespace
from eaas.pins import Chart
from eaas.postgres import PostgresOperator, PostgresServer
from eaas.terraform import TerraformOutput
from tests.unit.one_stack import OneStack

CHART = Chart(name="cluster", repository="https://charts.example.com", version="0.8.1")
IMAGE = "ghcr.io/cloudnative-pg/postgresql:16.14-standard-trixie"
PASSWORD = "${random_password.pg_owner-alice_password_D00E034C.result}"
SHARED = [DatabaseSettings(name="app", owner="alice"), DatabaseSettings(name="jobs", owner="alice")]


def server(
    one: OneStack, databases: list[DatabaseSettings], *, protect: bool = False, **settings: Any
) -> PostgresServer:
    return PostgresServer(
        one.stack,
        "pg",
        chart=CHART,
        image=IMAGE,
        namespace=Namespace(one.stack, "data", protect=False),
        settings=PostgresSettings(**settings),
        databases=databases,
        storage_class="local-path",
        protect=protect,
    )


def values(one: OneStack) -> Mapping[str, Any]:
    (text,) = one.only("helm_release")["values"]
    content: Mapping[str, Any] = YAML(typ="safe", pure=True).load(text)
    return content


def test_the_operator_is_one_release_with_limits(one: OneStack) -> None:
    PostgresOperator(
        one.stack,
        "operator",
        chart=Chart(name="cloudnative-pg", repository="https://x.example.com", version="0.29.0"),
        namespace=Namespace(one.stack, "cnpg-system", protect=False),
        protect=False,
    )
    assert one.only("helm_release")["name"] == "cnpg"
    assert values(one)["resources"]["limits"] == {"memory": "256Mi"}


def test_the_size_is_the_environments(one: OneStack) -> None:
    resources = Resources(cpu="2", memory="4Gi")
    server(one, SHARED, instances=3, storage="50Gi", resources=resources)
    cluster = values(one)["cluster"]
    assert cluster["instances"] == 3
    assert cluster["storage"] == {"size": "50Gi", "storageClass": "local-path"}
    assert cluster["resources"] == {
        "requests": {"cpu": "2", "memory": "4Gi"},
        "limits": {"memory": "4Gi"},
    }
    assert cluster["imageName"] == IMAGE


@pytest.mark.parametrize(("instances", "budget"), [(1, False), (2, True)])
def test_a_single_instance_has_no_disruption_budget_which_would_block_drains(
    one: OneStack, instances: int, budget: bool
) -> None:
    server(one, SHARED, instances=instances)
    assert values(one)["cluster"]["enablePDB"] is budget


@pytest.mark.parametrize(
    ("protect", "annotations"), [(True, {"helm.sh/resource-policy": "keep"}), (False, {})]
)
def test_uninstalling_keeps_the_data_where_the_environment_is_protected(
    one: OneStack, protect: bool, annotations: dict[str, str]
) -> None:
    server(one, SHARED, protect=protect)
    assert values(one)["cluster"]["annotations"] == annotations


def test_nobody_is_a_superuser(one: OneStack) -> None:
    server(one, SHARED)
    cluster = values(one)["cluster"]
    assert cluster["enableSuperuserAccess"] is False
    assert not any(role.get("superuser") for role in cluster["roles"])


def test_databases_that_share_an_owner_share_one_login(one: OneStack) -> None:
    server(one, SHARED)
    secret = one.only("kubernetes_secret_v1")
    (role,) = values(one)["cluster"]["roles"]
    assert secret["type"] == "kubernetes.io/basic-auth"
    assert secret["data"] == {"username": "alice", "password": PASSWORD}
    assert role["name"] == "alice"
    assert role["login"] is True
    assert role["passwordSecret"]["name"].startswith("${kubernetes_secret_v1.pg_owner-alice_secret")
    assert values(one)["databases"] == [
        {"name": "app", "owner": "alice"},
        {"name": "jobs", "owner": "alice"},
    ]


def test_each_owner_has_a_password_of_its_own(one: OneStack) -> None:
    server(
        one, [DatabaseSettings(name="a", owner="alice"), DatabaseSettings(name="b", owner="bob")]
    )
    passwords = one.resources("random_password")
    assert set(passwords) == {"pg/owner-alice/password/Default", "pg/owner-bob/password/Default"}
    secrets = [body["data"]["password"] for body in one.resources("kubernetes_secret_v1").values()]
    assert len(set(secrets)) == 2


def test_passwords_need_no_quoting_in_a_url(one: OneStack) -> None:
    server(one, SHARED)
    body = one.only("random_password")
    assert body["length"] == 32
    assert body["special"] is False


def test_a_databases_uri_is_complete(one: OneStack) -> None:
    uri = server(one, SHARED).databases["jobs"].uri
    TerraformOutput(one.stack, "uri", value=uri, sensitive=True)
    namespace = "${kubernetes_namespace_v1.data.metadata[0].name}"
    assert one.document()["output"]["uri"]["value"] == (
        f"postgresql://alice:{PASSWORD}@pg-rw.{namespace}.svc.cluster.local:5432/jobs"
    )


def test_a_database_answers_when_its_owner_has_logged_in(one: OneStack) -> None:
    server(one, SHARED)
    jobs = one.resources("kubernetes_job_v1")
    assert set(jobs) == {"pg/database-app/login", "pg/database-jobs/login"}
    job = jobs["pg/database-jobs/login"]
    (container,) = job["spec"]["template"]["spec"]["container"]
    environment = {item["name"]: item.get("value") for item in container["env"]}
    password = container["env"][-1]["value_from"]["secret_key_ref"]
    assert environment["PGUSER"] == "alice"
    assert environment["PGDATABASE"] == "jobs"
    assert environment["PGHOST"].startswith("pg-rw.")
    assert environment["PGPASSWORD"] is None
    assert password["key"] == "password"
    assert password["name"].startswith("${kubernetes_secret_v1.pg_owner-alice_secret")
    assert container["image"] == IMAGE


def test_the_login_waits_for_the_server_and_gives_up_before_terraform_does(one: OneStack) -> None:
    server(one, [DatabaseSettings(name="app", owner="alice")])
    job = one.only("kubernetes_job_v1")
    (release,) = job["depends_on"]
    assert release.startswith("helm_release.pg_release_")
    assert job["wait_for_completion"] is True
    assert job["spec"]["active_deadline_seconds"] == 600
    assert job["timeouts"] == {"create": "11m", "update": "11m"}
