"""k3s_setup.sh, run on this machine with a host of its own: stand-ins, and folders moved away."""

import base64
import hashlib
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from eaas.k3s import SETUP

REAL = [
    "base64",
    "cp",
    "cut",
    "date",
    "dirname",
    "flock",
    "head",
    "install",
    "mkdir",
    "mv",
    "rm",
    "sh",
    "sha256sum",
]
INSTALLER = (
    'echo "version $INSTALL_K3S_VERSION, restart $INSTALL_K3S_FORCE_RESTART, from $GITHUB_URL"\n'
)
STANDINS = {
    "id": "echo 0",
    "systemctl": "",
    "sleep": 'echo slept >>"$HOST/log"',
    "journalctl": "echo k3s: the service says why",
    "curl": 'for last; do :; done; [ -e "$HOST/installer" ] && cp "$HOST/installer" install.sh',
    "k3s": 'case $1 in --version) echo "k3s version v1.36.5+k3s1 (abc)" ;; esac',
}
AUTHORITIES = {"server-ca.crt": "certificate\n", "etcd/peer-ca.key": "key\n"}


@dataclass(frozen=True)
class Host:
    folder: Path

    @property
    def tls(self) -> Path:
        return self.folder / "var/lib/rancher/k3s/server/tls"

    @property
    def config(self) -> Path:
        return self.folder / "etc/rancher/k3s/config.yaml"

    @property
    def uploads(self) -> Path:
        return self.folder / "home/.eaas"

    def standin(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def lacks(self, name: str) -> None:
        (self.folder / "bin" / name).unlink()

    def run(
        self, authorities: Mapping[str, str] = AUTHORITIES, *, sha256: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Upload, and run the script as the provisioner does."""
        self.uploads.mkdir(parents=True, exist_ok=True)
        lines = [
            f"{name} {base64.b64encode(text.encode()).decode()}\n"
            for name, text in authorities.items()
        ]
        (self.uploads / "authorities").write_text("".join(lines))
        (self.uploads / "config.yaml").write_text("{}\n")
        script = SETUP.read_text()
        # nothing of this machine is used: neither its folders nor a k3s that it may have
        script = script.replace("PATH=$PATH:/usr/local/bin:/opt/bin\n", "")
        (self.folder / "run").mkdir(exist_ok=True)
        for root in ("/var/lib/rancher", "/etc/rancher", "/run/"):
            script = script.replace(root, f"{self.folder}{root}")
        (self.uploads / "setup.sh").write_text(script)
        return subprocess.run(
            ["/bin/sh", str(self.uploads / "setup.sh")],
            env={
                "PATH": str(self.folder / "bin"),
                "HOST": str(self.folder),
                "K3S_VERSION": "v1.36.5+k3s1",
                "INSTALLER_URL": "https://example.com/install.sh",
                "INSTALLER_SHA256": sha256 or hashlib.sha256(INSTALLER.encode()).hexdigest(),
                "RELEASES": "https://mirror.example.com",
            },
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def host(tmp_path: Path) -> Host:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in REAL:
        (programs / name).symlink_to(shutil.which(name) or name)
    (tmp_path / "installer").write_text(INSTALLER)
    made = Host(tmp_path)
    for name, script in STANDINS.items():
        made.standin(name, script)
    return made


def refused(host: Host, answer: subprocess.CompletedProcess[str]) -> str:
    """The message; nothing on the host has changed, and no key is left in the upload."""
    assert answer.returncode == 1
    assert not host.tls.exists()
    assert not host.config.exists()
    assert not (host.uploads / "authorities").exists()
    return answer.stderr


def test_the_installer_gets_the_version_a_forced_restart_and_the_mirror(host: Host) -> None:
    answer = host.run()
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines() == [
        "eaas: installing k3s v1.36.5+k3s1",
        "version v1.36.5+k3s1, restart true, from https://mirror.example.com",
        "eaas: k3s version v1.36.5+k3s1 (abc) is ready",
    ]


def test_authorities_and_config_are_in_place_for_root_alone_before_k3s_starts(host: Host) -> None:
    installer = (
        'test -e "$HOST/var/lib/rancher/k3s/server/tls/etcd/peer-ca.key" && '
        'test -e "$HOST/etc/rancher/k3s/config.yaml"\n'
    )
    (host.folder / "installer").write_text(installer)
    answer = host.run(sha256=hashlib.sha256(installer.encode()).hexdigest())
    assert answer.returncode == 0, answer.stderr
    assert {name: (host.tls / name).read_text() for name in AUTHORITIES} == AUTHORITIES
    modes = [stat.S_IMODE((host.tls / name).stat().st_mode) for name in AUTHORITIES]
    assert modes == [0o600, 0o600]
    assert stat.S_IMODE(host.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(host.tls.stat().st_mode) == 0o700
    assert stat.S_IMODE(host.config.parent.stat().st_mode) == 0o755


def test_no_key_is_left_in_the_upload(host: Host) -> None:
    assert host.run().returncode == 0
    assert {path.name for path in host.uploads.iterdir()} == {
        "config.yaml",
        "install.sh",
        "setup.sh",
    }


def test_it_can_run_again(host: Host) -> None:
    assert host.run().returncode == 0
    answer = host.run()
    assert answer.returncode == 0, answer.stderr
    assert "is ready" in answer.stdout


def test_a_host_with_another_cluster_is_refused_and_left_as_it_was(host: Host) -> None:
    assert host.run().returncode == 0
    answer = host.run({**AUTHORITIES, "server-ca.crt": "another\n"})
    assert answer.returncode == 1
    assert "eaas: this host has a cluster that is not in this state" in answer.stderr
    assert "server-ca.crt differs" in answer.stderr
    assert "k3s-uninstall.sh, which deletes all volumes" in answer.stderr
    assert (host.tls / "server-ca.crt").read_text() == "certificate\n"
    assert "installing" not in answer.stdout


def test_an_installer_with_another_checksum_is_not_run(host: Host) -> None:
    message = refused(host, host.run(sha256="0" * 64))
    assert "the installer at https://example.com/install.sh has the checksum" in message
    assert hashlib.sha256(INSTALLER.encode()).hexdigest() in message
    assert f"but cluster.installer.sha256 is {'0' * 64}; nothing was changed" in message


def test_an_installer_that_cannot_be_downloaded_names_the_setting(host: Host) -> None:
    (host.folder / "installer").unlink()
    assert refused(host, host.run()).strip() == (
        "eaas: the installer cannot be downloaded from https://example.com/install.sh "
        "(cluster.installer.url)"
    )


@pytest.mark.parametrize("tool", ["curl", "sha256sum", "base64", "systemctl"])
def test_a_tool_that_the_host_lacks_is_named(host: Host, tool: str) -> None:
    host.lacks(tool)
    assert f"eaas: {tool} is missing on the host" in refused(host, host.run())


def test_a_user_without_root_rights_is_told_the_setting(host: Host) -> None:
    host.standin("id", "echo 1000")
    assert refused(host, host.run()).strip() == (
        "eaas: root rights are needed: cluster.ssh.user must be root or have sudo"
    )


def test_a_failing_installer_shows_its_own_words_and_the_services(host: Host) -> None:
    installer = "echo '[ERROR]  Download failed' >&2; exit 1\n"
    (host.folder / "installer").write_text(installer)
    answer = host.run(sha256=hashlib.sha256(installer.encode()).hexdigest())
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == [
        "[ERROR]  Download failed",
        "k3s: the service says why",
        "eaas: the k3s installer failed; its messages are above",
    ]


def test_a_k3s_that_never_gets_ready_is_given_up_with_the_services_words(host: Host) -> None:
    host.standin("k3s", "exit 1")
    # a clock that goes on by a second whenever it is asked
    host.standin("date", 'echo tick >>"$HOST/clock"; wc -l <"$HOST/clock"')
    (host.folder / "bin" / "wc").symlink_to(shutil.which("wc") or "wc")
    answer = host.run()
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == [
        "k3s: the service says why",
        "eaas: k3s was started, but its API or node is not ready after three minutes",
    ]
    assert (host.folder / "clock").read_text().count("tick") == 181


def test_readiness_is_the_apis_and_then_the_nodes(host: Host) -> None:
    host.standin(
        "k3s",
        'case "$*" in *readyz) [ -e "$HOST/api" ] ;; *wait*) [ -e "$HOST/node" ] ;; esac',
    )
    host.standin(
        "sleep", '[ ! -e "$HOST/api" ] || : >"$HOST/node"; : >"$HOST/api"; echo slept >>"$HOST/log"'
    )
    answer = host.run()
    assert answer.returncode == 0, answer.stderr
    assert (host.folder / "log").read_text().count("slept") == 2


def test_an_installation_that_still_runs_is_waited_for_and_not_disturbed(host: Host) -> None:
    host.standin("flock", 'echo "$*" >"$HOST/flock"; exit 1')
    message = refused(host, host.run())
    assert (host.folder / "flock").read_text() == "-w 300 9\n"
    assert message == (
        "eaas: another installation is running on this host; deploy again when it is over\n"
    )
