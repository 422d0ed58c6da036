"""The bench: real parts without a cloud, for end-to-end tests. See README.md."""

from .bench import DEFAULT_K3S_VERSIONS, Bench
from .host import Host
from .prerequisites import MissingPrerequisitesError
from .providers import Providers, ProviderVersions
from .releases import Installer
from .repository import ChartVersion

__all__ = [
    "DEFAULT_K3S_VERSIONS",
    "Bench",
    "ChartVersion",
    "Host",
    "Installer",
    "MissingPrerequisitesError",
    "ProviderVersions",
    "Providers",
]
