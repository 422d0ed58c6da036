"""The bench: everything an end-to-end test needs, started and ended together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from .build import ensure_binaries
from .host import Host, helm_folders
from .objectstore import ACCESS_KEY, REGION, SECRET_KEY, ObjectStore
from .prerequisites import check_host
from .providers import Providers, ProviderVersions, resolve_providers
from .releases import Releases
from .repository import ChartRepository, ChartVersion
from .web import WebServer

DEFAULT_K3S_VERSIONS = ("v1.36.5+k3s1", "v1.36.6+k3s1")


class Bench:
    """Use as a context manager. `work` must be a folder of its own; it is left behind."""

    def __init__(
        self,
        work: Path,
        k3s_versions: Sequence[str] = DEFAULT_K3S_VERSIONS,
        bucket: str = "eaas-state",
        log: Callable[[str], None] = print,
    ) -> None:
        self.work = work
        self.k3s_versions = tuple(k3s_versions)
        self.bucket = bucket
        self._log = log
        self._open = ExitStack()
        self._providers: Providers | None = None

    def __enter__(self) -> Bench:
        check_host(self._log)
        self.binaries = ensure_binaries(self._log)
        self.work.mkdir(parents=True, exist_ok=True)
        with ExitStack() as starting:
            self.web = WebServer(self.work / "www")
            starting.callback(self.web.close)
            self.releases = Releases(self.web.folder, self.web.url)
            for version in self.k3s_versions:
                self.releases.publish(version)
            self.installer = self.releases.installer("install.sh")
            self.broken_installer = self.releases.installer("broken-install.sh")
            self._charts = ChartRepository(
                self.web.folder / "charts", f"{self.web.url}/charts", self.binaries
            )
            self._store = ObjectStore(self.work / "s3.log", self.bucket)
            starting.callback(self._store.close)
            self._open = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all hosts and servers."""
        self._open.close()

    # --- hosts and k3s

    def host(self, name: str) -> Host:
        """A fresh host. It ends with the bench unless it is closed before."""
        return self._open.enter_context(Host(name, self.work / "hosts" / name, self.binaries))

    @property
    def installer_url(self) -> str:
        """The installer a product would pin."""
        return self.installer.url

    @property
    def installer_sha256(self) -> str:
        """Its hash."""
        return self.installer.sha256

    @property
    def release_url(self) -> str:
        """For GITHUB_URL."""
        return self.releases.url

    def serve_release(self, version: str) -> None:
        """Offer one more release of k3s."""
        self.releases.publish(version)

    # --- charts

    def charts(self, charts: Iterable[ChartVersion], prefer_real: bool = False) -> str:
        """Offer charts (name, version, app version); returns the repository's URL."""
        self._charts.add(charts, prefer_real)
        return self._charts.url

    @property
    def chart_origins(self) -> dict[str, str]:
        """Which charts are "real" and which are a "stand-in"."""
        return dict(self._charts.origins)

    # --- terraform

    @property
    def s3(self) -> Any:
        """A boto3 client for the state's store."""
        return self._store.client

    @property
    def s3_url(self) -> str:
        """Where the store listens."""
        return self._store.url

    def use_providers(self, versions: ProviderVersions) -> Providers:
        """Decide where terraform gets these providers from; `environment()` then says so."""
        self._providers = resolve_providers(versions, self.work)
        self._log(f"bench: {self._providers}")
        return self._providers

    def environment(self) -> dict[str, str]:
        """Variables for terraform, to be put over the process's own."""
        environment = {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL_S3": self.s3_url,
            # R2 and moto do not take the checksums newer SDKs add on their own.
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
            # Nothing of the person's account is read, and no metadata service is asked.
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            **helm_folders(self.work / "helm"),
        }
        if self._providers and self._providers.cli_config:
            environment["TF_CLI_CONFIG_FILE"] = str(self._providers.cli_config)
        return environment
