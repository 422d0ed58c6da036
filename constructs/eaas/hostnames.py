"""Every public name, in one place, for all environments of a zone."""

from collections.abc import Iterable, Iterator

from eaas.environment import Environment, ServiceLabels
from eaas.errors import ConfigError

MAX_LABEL = 63
MAX_NAME = 253
"""Characters of a whole name (RFC 1035, section 2.3.4)."""


class Hostnames:
    """Derives and registers names. Two services with one name are a ConfigError."""

    def __init__(self, environments: Iterable[Environment]) -> None:
        self._owners: dict[str, tuple[Environment, str]] = {}
        for environment in environments:
            for service in ServiceLabels.model_fields:
                self._claim(environment, service)

    def host(self, environment: Environment, service: str) -> str:
        """`<label>-<prefix>.<zone>`, without the parts that are empty."""
        label: str = getattr(environment.hostnames, service)
        name = "-".join(part for part in (label, environment.prefix) if part)
        return ".".join(part for part in (name, environment.zone) if part)

    def url(self, environment: Environment, service: str) -> str:
        scheme = "https" if environment.https else "http"
        return f"{scheme}://{self.host(environment, service)}"

    def __iter__(self) -> Iterator[tuple[str, Environment, str]]:
        """(host, environment, service) of every claim."""
        for host, (environment, service) in self._owners.items():
            yield host, environment, service

    def _claim(self, environment: Environment, service: str) -> None:
        host = self.host(environment, service)
        label = host.split(".")[0]
        if len(label) > MAX_LABEL:
            raise ConfigError(
                f"{environment.file}: hostnames.{service}: {label!r} has {len(label)} "
                f"characters, a DNS label has at most {MAX_LABEL}; shorten it or the prefix"
            )
        if len(host) > MAX_NAME:
            raise ConfigError(
                f"{environment.file}: hostnames.{service}: {host} has {len(host)} characters, "
                f"a DNS name has at most {MAX_NAME}; use a shorter label, prefix or zone"
            )
        if host in self._owners:
            other, claimed = self._owners[host]
            raise ConfigError(
                f"{host} is claimed by {claimed} of {other.file} and by {service} of "
                f"{environment.file}; change hostnames.{service} or prefix in one of them"
            )
        self._owners[host] = (environment, service)
