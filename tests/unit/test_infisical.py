from typing import Any

import pytest
from ruamel.yaml import YAML

from eaas.environment import DatabaseSettings, InfisicalSettings, PostgresSettings, RedisSettings
from eaas.infisical import Infisical
from eaas.namespace import Namespace
from eaas.pins import Chart
from eaas.postgres import PostgresServer
from eaas.redis import Redis
from eaas.terraform import TerraformOutput
from tests.unit.one_stack import OneStack

CHART = Chart(name="any", repository="https://charts.example.com", version="1.9.0")
IAC = "${kubernetes_namespace_v1.iac.metadata[0].name}"


def infisical(one: OneStack, *, protect: bool = False) -> Infisical:
    namespace = Namespace(one.stack, "iac", protect=False)
    postgres = PostgresServer(
        one.stack,
        "postgres",
        chart=CHART,
        image="docker.io/postgres:16.14",
        namespace=namespace,
        settings=PostgresSettings(),
        databases=[DatabaseSettings(name="infisical", owner="infisical")],
        storage_class="local-path",
        protect=False,
    )
    redis = Redis(
        one.stack,
        "redis",
        chart=CHART,
        image="docker.io/redis:7.4.11",
        namespace=namespace,
        settings=RedisSettings(),
        storage_class="local-path",
        protect=False,
    )
    return Infisical(
        one.stack,
        "infisical",
        chart=CHART,
        image="docker.io/infisical/infisical:v0.158.0",
        namespace=namespace,
        settings=InfisicalSettings(replicas=2),
        database=postgres.databases["infisical"],
        redis=redis,
        host="cloud.example.com",
        url="https://cloud.example.com",
        ingress_class="traefik",
        protect=protect,
    )


def release(one: OneStack) -> dict[str, Any]:
    return one.resources("helm_release")["infisical/release/Default"]


def values(one: OneStack) -> dict[str, Any]:
    (text,) = release(one)["values"]
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return content


def test_its_secret_has_all_five_keys_in_the_form_infisical_wants(one: OneStack) -> None:
    infisical(one)
    data = one.resources("kubernetes_secret_v1")["infisical/secret/Default"]["data"]
    sources = one.resources("random_bytes")
    assert set(data) == {
        "ENCRYPTION_KEY",
        "AUTH_SECRET",
        "DB_CONNECTION_URI",
        "REDIS_URL",
        "SITE_URL",
    }
    # 32 hexadecimal digits, and 32 bytes in base64
    assert data["ENCRYPTION_KEY"].startswith("${random_bytes.infisical_encryption-key_")
    assert data["ENCRYPTION_KEY"].endswith(".hex}")
    assert sources["infisical/encryption-key"]["length"] == 16
    assert data["AUTH_SECRET"].startswith("${random_bytes.infisical_auth-secret_")
    assert data["AUTH_SECRET"].endswith(".base64}")
    assert sources["infisical/auth-secret"]["length"] == 32
    assert data["DB_CONNECTION_URI"].startswith("postgresql://infisical:${random_password.")
    assert data["DB_CONNECTION_URI"].endswith(":5432/infisical")
    assert data["REDIS_URL"].startswith("redis://:${random_password.")
    assert data["SITE_URL"] == "https://cloud.example.com"


@pytest.mark.parametrize(
    ("protect", "lifecycle"), [(True, {"prevent_destroy": True}), (False, None)]
)
def test_the_key_that_decrypts_every_secret_is_protected_where_the_environment_is(
    one: OneStack, protect: bool, lifecycle: dict[str, bool] | None
) -> None:
    infisical(one, protect=protect)
    key = one.resources("random_bytes")["infisical/encryption-key"]
    assert key.get("lifecycle") == lifecycle


def test_nothing_that_the_chart_bundles_is_installed(one: OneStack) -> None:
    infisical(one)
    assert values(one)["postgresql"] == {"enabled": False}
    assert values(one)["redis"] == {"enabled": False}
    assert values(one)["ingress"] == {"enabled": False, "nginx": {"enabled": False}}


def test_its_values_name_the_secret_but_hold_none(one: OneStack) -> None:
    infisical(one)
    settings = values(one)["infisical"]
    assert settings["kubeSecretRef"].startswith("${kubernetes_secret_v1.infisical_secret_")
    assert "random_" not in str(values(one))
    assert settings["replicaCount"] == 2
    assert settings["image"] == {"repository": "docker.io/infisical/infisical", "tag": "v0.158.0"}


def test_it_starts_when_its_database_and_its_redis_answer(one: OneStack) -> None:
    infisical(one)
    login, redis = release(one)["depends_on"]
    assert login.startswith("kubernetes_job_v1.postgres_database-infisical_login_")
    assert redis.startswith("helm_release.redis_release_")


def test_it_has_time_for_its_migrations(one: OneStack) -> None:
    infisical(one)
    assert release(one)["timeout"] >= 600


def test_its_ingress_is_ours_and_leads_to_the_charts_service(one: OneStack) -> None:
    infisical(one)
    (rule,) = one.only("kubernetes_ingress_v1")["spec"]["rule"]
    (path,) = rule["http"]["path"]
    assert rule["host"] == "cloud.example.com"
    assert path["backend"]["service"] == {
        "name": values(one)["infisical"]["fullnameOverride"],
        "port": {"number": 8080},
    }


def test_its_ingress_comes_after_its_service(one: OneStack) -> None:
    infisical(one)
    (release,) = one.only("kubernetes_ingress_v1").get("depends_on", ["nothing"])
    assert release.startswith("helm_release.infisical_release_")


def test_it_has_an_address_for_people_and_one_for_workloads(one: OneStack) -> None:
    made = infisical(one)
    TerraformOutput(one.stack, "internal", value=made.internal_url)
    assert made.url == "https://cloud.example.com"
    assert one.document()["output"]["internal"]["value"] == (
        f"http://infisical.{IAC}.svc.cluster.local:8080"
    )
