from typing import Any

import pytest
from ruamel.yaml import YAML

from eaas.environment import RedisSettings, Resources
from eaas.namespace import Namespace
from eaas.pins import Chart
from eaas.redis import Redis
from eaas.terraform import TerraformOutput
from tests.unit.one_stack import OneStack


def redis(one: OneStack, memory: str = "256Mi") -> Redis:
    return Redis(
        one.stack,
        "cache",
        chart=Chart(name="redis", repository="oci://charts.example.com", version="0.34.18"),
        image="docker.io/library/redis:7.4.11",
        namespace=Namespace(one.stack, "iac", protect=False),
        settings=RedisSettings(storage="3Gi", resources=Resources(cpu="50m", memory=memory)),
        storage_class="local-path",
        protect=False,
    )


def values(one: OneStack) -> dict[str, Any]:
    (text,) = one.only("helm_release")["values"]
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return content


@pytest.mark.parametrize(("limit", "megabytes"), [("256Mi", 192), ("1Gi", 768), ("1Ti", 786_432)])
def test_redis_uses_three_quarters_of_its_memory_and_drops_nothing(
    one: OneStack, limit: str, megabytes: int
) -> None:
    redis(one, limit)
    assert values(one)["extraConfig"].splitlines() == [
        f"maxmemory {megabytes}mb",
        "maxmemory-policy noeviction",
        "appendonly yes",
    ]
    assert values(one)["resources"]["limits"] == {"memory": limit}


def test_it_keeps_its_data(one: OneStack) -> None:
    redis(one)
    assert values(one)["persistence"] == {
        "enabled": True,
        "size": "3Gi",
        "storageClass": "local-path",
    }


def test_the_image_is_given_in_the_charts_three_parts(one: OneStack) -> None:
    redis(one)
    assert values(one)["image"] == {
        "registry": "docker.io",
        "repository": "library/redis",
        "tag": "7.4.11",
    }


def test_its_password_is_in_a_secret_and_never_in_the_values(one: OneStack) -> None:
    redis(one)
    auth = values(one)["auth"]
    secret = one.only("kubernetes_secret_v1")
    assert auth["enabled"] is True
    assert auth["existingSecret"].startswith("${kubernetes_secret_v1.cache_secret_")
    assert secret["data"][auth["existingSecretPasswordKey"]].startswith("${random_password.cache_")
    assert "random_password" not in str(values(one))


def test_its_url_carries_the_login(one: OneStack) -> None:
    TerraformOutput(one.stack, "url", value=redis(one).uri, sensitive=True)
    url = one.document()["output"]["url"]["value"]
    assert url.startswith("redis://:${random_password.cache_password_")
    assert url.endswith(
        "@cache.${kubernetes_namespace_v1.iac.metadata[0].name}.svc.cluster.local:6379"
    )
