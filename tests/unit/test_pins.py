import pytest
from pydantic import ValidationError

from eaas.pins import Images, Installer, Pins, pins, split_image


def test_the_installer_is_the_one_of_the_pinned_version() -> None:
    k3s = pins().k3s
    assert k3s.installer.url == (
        f"https://raw.githubusercontent.com/k3s-io/k3s/{k3s.version.replace('+', '%2B')}/install.sh"
    )


def test_every_image_names_its_registry_so_that_no_default_decides() -> None:
    images = pins().images
    for name in Images.model_fields:
        registry, repository, tag = split_image(getattr(images, name))
        assert "." in registry
        assert repository
        assert tag


def test_redis_is_a_version_that_infisical_supports() -> None:
    _, _, tag = split_image(pins().images.redis)
    assert (6, 2) <= tuple(int(part) for part in tag.split(".")[:2]) < (8, 0)


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("docker.io/redis:7.4.11", ("docker.io", "redis", "7.4.11")),
        (
            "ghcr.io/cloudnative-pg/postgresql:16.14-trixie",
            ("ghcr.io", "cloudnative-pg/postgresql", "16.14-trixie"),
        ),
        (
            f"docker.io/a/b:v1@sha256:{'0' * 64}",
            ("docker.io", "a/b", f"v1@sha256:{'0' * 64}"),
        ),
    ],
)
def test_an_image_falls_into_registry_repository_and_tag(
    image: str, parts: tuple[str, str, str]
) -> None:
    assert split_image(image) == parts


@pytest.mark.parametrize("version", ["latest", "^1.9.0", "1.9"])
def test_a_chart_without_an_exact_version_is_no_pin(version: str) -> None:
    document = pins().model_dump()
    document["charts"]["redis"]["version"] = version
    with pytest.raises(ValidationError, match="one exact chart version"):
        Pins.model_validate(document)


def test_an_unknown_chart_is_no_pin() -> None:
    document = pins().model_dump()
    document["charts"]["bitnami-redis"] = document["charts"]["redis"]
    with pytest.raises(ValidationError, match="'cloudnative-pg', 'cluster'"):
        Pins.model_validate(document)


def test_an_installer_needs_its_checksum() -> None:
    with pytest.raises(ValidationError, match="sha256"):
        Installer.model_validate({"url": "https://example.com/install.sh"})
