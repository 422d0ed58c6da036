"""The pins of `pins.yaml`, typed."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from ruamel.yaml import YAML

from eaas.fields import (
    ChartRepository,
    ChartVersion,
    Image,
    K3sVersion,
    Sha256,
    TerraformVersion,
    Url,
)
from eaas.model import Model

ChartName = Literal["cloudnative-pg", "cluster", "infisical-standalone", "redis"]


@dataclass(frozen=True)
class Chart:
    """One exact version of a Helm chart in a repository (https:// or oci://)."""

    name: str
    repository: str
    version: str


class ChartPin(Model):
    repository: ChartRepository
    version: ChartVersion


class Installer(Model):
    """k3s's install script: where the host downloads it, and its SHA-256."""

    url: Url
    sha256: Sha256


class K3sPin(Model):
    version: K3sVersion
    installer: Installer


class Images(Model):
    postgresql: Image
    redis: Image
    infisical: Image


class Pins(Model):
    terraform: TerraformVersion
    """The oldest that is accepted."""
    k3s: K3sPin
    charts: dict[ChartName, ChartPin]
    images: Images


@cache
def pins() -> Pins:
    path = Path(__file__).with_name("pins.yaml")
    return Pins.model_validate(YAML(typ="safe", pure=True).load(path))


def split_image(image: str) -> tuple[str, str, str]:
    """Registry, repository and tag (with its digest, if there is one)."""
    registry, path = image.split("/", 1)
    repository, tag = path.split(":", 1)
    return registry, repository, tag
