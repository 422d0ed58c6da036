"""`k3s server`: the order of things at start, and what makes k3s refuse to start."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path
from types import FrameType

from .config import Config, load
from .controlplane import ControlPlane
from .datastore import Bootstrap
from .log import fatal, log
from .pki import Pki


class _StopError(Exception):
    """The supervisor asked for an end."""


def serve(version: str, arguments: list[str]) -> None:
    """Run until told to stop, or until a component fails."""
    log("info", f"Starting k3s {version} (stand-in)")
    file = Path(os.environ.get("K3S_CONFIG_FILE", "/etc/rancher/k3s/config.yaml"))
    config = load(file, arguments)
    data = Path(config.one("data-dir", os.environ.get("K3S_DATA_DIR", "/var/lib/rancher/k3s")))
    (data / "server").mkdir(parents=True, exist_ok=True)
    (data / "server").chmod(0o700)
    pki = Pki(data / "server/tls")
    pki.prepare_authorities()
    bootstrap = Bootstrap(data / "server/bootstrap.json", pki, _token(config))
    bootstrap.check()

    control_plane = ControlPlane(config, data, pki, version)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        control_plane.start()
        bootstrap.remember()
        _write_kubeconfig(config, control_plane.kubeconfig)
        _keep_running_configuration(file, data)
        log("info", "k3s is up and running")
        _notify_ready()
        _watch(control_plane)
    except _StopError:
        log("info", "Received signal, shutting down")
    finally:
        control_plane.stop()


def _stop(signum: int, frame: FrameType | None) -> None:
    raise _StopError


def _token(config: Config) -> str:
    return config.one("token", os.environ.get("K3S_TOKEN", ""))


def _write_kubeconfig(config: Config, source: Path) -> None:
    target = Path(
        config.one(
            "write-kubeconfig", os.environ.get("K3S_KUBECONFIG_OUTPUT", "/etc/rancher/k3s/k3s.yaml")
        )
    )
    mode = config.one("write-kubeconfig-mode", os.environ.get("K3S_KUBECONFIG_MODE", "0600"))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(0o600)
    target.write_bytes(source.read_bytes())
    target.chmod(int(mode, 8))


def _keep_running_configuration(file: Path, data: Path) -> None:
    """For tests: what the running server was started with, as opposed to what lies there."""
    if file.is_file():
        shutil.copy(file, data / "server/running-config.yaml")


def _notify_ready() -> None:
    notify = os.environ.get("NOTIFY_FILE")
    if notify:
        Path(notify).touch()


def _watch(control_plane: ControlPlane) -> None:
    while True:
        time.sleep(0.5)
        failed = control_plane.failed_component()
        if failed:
            fatal(f"{failed} exited")
