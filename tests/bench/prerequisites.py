"""What the machine must bring. Each missing thing is one line that names the remedy."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SSHD = Path("/usr/sbin/sshd")
_POLICY = Path("/usr/sbin/policy-rc.d")
_TOOLS = {
    "unshare": "install util-linux",
    "nsenter": "install util-linux",
    "setpriv": "install util-linux",
    "openssl": "install openssl",
    "curl": "install curl",
    "ssh-keygen": "install openssh-client",
    "scp": "install openssh-client (terraform's file provisioner needs it on the host)",
}


class MissingPrerequisitesError(RuntimeError):
    """The bench can't run on this machine; the message says what to do."""


def check_host(log: Callable[[str], None] = print) -> None:
    """Check what a throw-away host needs, and install sshd and sudo where we may."""
    problems = []
    if os.geteuid() != 0:
        problems.append("not root: run as root (namespaces and overlay mounts need it)")
    elif not _programs_of_a_server() and shutil.which("apt-get"):
        _install_server_programs(log)
    if not SSHD.exists():
        problems.append(f"{SSHD} is missing: install openssh-server")
    if not shutil.which("sudo"):
        problems.append("sudo is missing: install sudo")
    problems += [
        f"{tool} is missing: {remedy}" for tool, remedy in _TOOLS.items() if not shutil.which(tool)
    ]
    _raise(problems)


def check_build() -> None:
    """Check what building the control plane needs; only asked when there is nothing built."""
    problems = []
    if not shutil.which("go"):
        problems.append("go is missing: install Go 1.24 or newer and put it on PATH")
    _raise(problems)


def _raise(problems: list[str]) -> None:
    if problems:
        raise MissingPrerequisitesError("\n".join(f"bench: {problem}" for problem in problems))


def _programs_of_a_server() -> bool:
    return SSHD.exists() and shutil.which("sudo") is not None


def _install_server_programs(log: Callable[[str], None]) -> None:
    log("bench: installing openssh-server and sudo with apt-get")
    had_sshd = SSHD.exists()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_service_starts():
        for arguments in (
            ["update", "-q"],
            ["install", "-qy", "--no-install-recommends", "openssh-server", "sudo"],
        ):
            done = subprocess.run(
                ["apt-get", *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                last = (done.stderr or done.stdout).strip().splitlines()[-1:]
                log(f"bench: apt-get {arguments[0]} failed: {' '.join(last)}")
    if not had_sshd:
        _disable_service()


def _disable_service() -> None:
    """The package enables its service; nobody asked for a login on this machine."""
    commands = [["update-rc.d", "ssh", "disable"]]
    if Path("/run/systemd/system").exists():
        commands += [["systemctl", "disable", "--now", "ssh.socket", "ssh.service"]]
    for command in commands:
        subprocess.run(command, capture_output=True, check=False)


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Debian's own way to keep a package from starting its service while it is installed."""
    if _POLICY.exists():
        yield
        return
    with tempfile.NamedTemporaryFile("w", dir=_POLICY.parent, delete=False) as script:
        script.write("#!/bin/sh\nexit 101\n")
    Path(script.name).chmod(0o755)
    Path(script.name).rename(_POLICY)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
