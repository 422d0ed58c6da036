"""A throw-away host: a server one can log in to, made of namespaces on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import yaml

from .build import Binaries
from .ports import free_port, is_open

_HERE = Path(__file__).parent
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_HIDDEN = ("/tmp", "/run", "/root", "/home")  # folders a host has for itself
_INSTALLER_RUNS = "/var/log/k3s-installer-runs.log"
_KUBECONFIG = "/etc/rancher/k3s/k3s.yaml"


@dataclass(frozen=True)
class Keys:
    """The host's key and the key that may log in; made for one host and never reused."""

    folder: Path

    @classmethod
    def generate(cls, folder: Path) -> Keys:
        """Make both pairs."""
        folder.mkdir(parents=True, mode=0o700)
        kinds = {"host_key": "ecdsa", "host_key_ed25519": "ed25519", "login_key": "ed25519"}
        for name, kind in kinds.items():
            subprocess.run(
                ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", folder / name],
                check=True,
            )
        return cls(folder)

    @property
    def host_key(self) -> str:
        """As in a .pub file, without a comment: the one that terraform is shown."""
        return self._public("host_key")

    @property
    def other_host_key(self) -> str:
        """A host key that is right, but that terraform is not shown."""
        return self._public("host_key_ed25519")

    def _public(self, name: str) -> str:
        return " ".join((self.folder / f"{name}.pub").read_text().split()[:2])

    @property
    def private_key(self) -> str:
        """The login key, in OpenSSH's PEM form."""
        return (self.folder / "login_key").read_text()


class Host:
    """One server on 127.0.0.1, told from the others by its ports."""

    address = "127.0.0.1"
    root_user = "root"
    sudo_user = "deploy"

    def __init__(self, name: str, work: Path, binaries: Binaries) -> None:
        self.name = name
        self.work = work
        self.ssh_port = free_port()
        self.api_port = free_port()
        self._binaries = binaries
        work.mkdir(parents=True)
        self.keys = Keys.generate(work / "keys")
        self.host_key = self.keys.host_key
        self.other_host_key = self.keys.other_host_key
        self.private_key = self.keys.private_key
        self._write_seed(work / "seed")
        self._init, self.init_pid = self._start_init()
        try:
            self._check_python()
            self.start_sshd()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- the host itself

    def run(
        self, *command: str, text: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside the host, as root and without going through sshd."""
        inside = ["nsenter", "--target", str(self.init_pid), "--root", "--wd"]
        inside += ["--mount", "--pid", "--uts", "--ipc", "--"]
        environment = ["env", "-i", f"PATH={_PATH}", "HOME=/root", "LANG=C.UTF-8"]
        done = subprocess.run(
            [*inside, *environment, *command],
            input=text if text is not None else "",
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            raise RuntimeError(
                f"{self.name}: {' '.join(command)} ended with {done.returncode}: {done.stderr}"
            )
        return done

    def read_text(self, path: str) -> str:
        """A file of the host."""
        return self.run("cat", path).stdout

    def write_text(self, path: str, text: str) -> None:
        """Put a file on the host, as if somebody had been there before."""
        self.run("sh", "-c", 'mkdir -p "$(dirname "$1")" && cat >"$1"', "sh", path, text=text)

    def exists(self, path: str) -> bool:
        """Whether the host has the file or folder."""
        return self.run("test", "-e", path, check=False).returncode == 0

    def processes(self) -> list[str]:
        """The command lines of everything that runs in the host."""
        script = "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null && echo; done"
        return [line for line in self.run("sh", "-c", script).stdout.splitlines() if line]

    def close(self) -> None:
        """End every process of the host; its mounts and files go with the last one."""
        if self._init.stdin:
            self._init.stdin.close()
        try:
            self._init.wait(20)
        except subprocess.TimeoutExpired:
            self._init.kill()  # unshare --kill-child takes the host's PID 1 along
            self._init.wait()
        if self._init.stdout:
            self._init.stdout.close()

    def reset(self) -> None:
        """As if the server had been reinstalled: same address and keys, and nothing on it."""
        self.close()
        self._init, self.init_pid = self._start_init()
        self.start_sshd()

    # --- sshd

    def start_sshd(self) -> None:
        """Make the host reachable."""
        sshd = ("/usr/sbin/sshd", "-f", "/etc/ssh/bench/sshd_config", "-p", str(self.ssh_port))
        self.run(*sshd, "-E", "/var/log/sshd.log")
        _wait_for(lambda: is_open(self.ssh_port), f"sshd of {self.name}")

    def stop_sshd(self) -> None:
        """Make the host unreachable: the listener and every open session end."""
        script = (
            "for p in /proc/[0-9]*; do"
            ' case "$(cat $p/comm 2>/dev/null)" in sshd*) kill -9 "${p#/proc/}";; esac; done; true'
        )
        self.run("sh", "-c", script)
        _wait_for(lambda: not is_open(self.ssh_port), f"the end of sshd of {self.name}")

    def ssh(
        self, *command: str, user: str = "root", text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Log in as a product would, with the host's key checked."""
        known_hosts = self.work / "known_hosts"
        known_hosts.write_text(f"[{self.address}]:{self.ssh_port} {self.host_key}\n")
        options = [f"UserKnownHostsFile={known_hosts}", "StrictHostKeyChecking=yes"]
        options += ["BatchMode=yes", "IdentitiesOnly=yes", "ConnectTimeout=10", "LogLevel=ERROR"]
        client = ["ssh", "-F", "none", "-p", str(self.ssh_port), "-i"]
        client += [str(self.keys.folder / "login_key")]
        for option in options:
            client += ["-o", option]
        return subprocess.run(
            [*client, f"{user}@{self.address}", *command],
            input=text if text is not None else "",
            capture_output=True,
            text=True,
        )

    # --- k3s

    def installs(self) -> int:
        """How often an installer has run on this host, well or not."""
        return len(self.install_runs())

    def install_runs(self) -> list[str]:
        """The installer's runs, "<time> <version>" each."""
        if not self.exists(_INSTALLER_RUNS):
            return []
        return self.read_text(_INSTALLER_RUNS).splitlines()

    def stop_k3s(self) -> None:
        """Stop the API server while the host stays."""
        self.run("systemctl", "stop", "k3s")

    def start_k3s(self) -> None:
        """Start it again and wait until it is ready."""
        self.run("systemctl", "start", "k3s")

    def journal(self, lines: int = 200) -> str:
        """The end of k3s's log."""
        return self.run("journalctl", "-u", "k3s", "-n", str(lines)).stdout

    def running_config(self) -> dict[str, object]:
        """The config.yaml the running k3s was started with."""
        text = self.read_text("/var/lib/rancher/k3s/server/running-config.yaml")
        content: dict[str, object] = yaml.safe_load(text)
        return content

    def kubeconfig(self) -> Path:
        """k3s's own kubeconfig, copied out of the host."""
        copy = self.work / "kubeconfig"
        copy.touch(0o600)
        copy.write_text(self.read_text(_KUBECONFIG))
        return copy

    def kubectl(
        self, *arguments: str, text: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """The bench's kubectl against this host's cluster."""
        return self._client("kubectl", arguments, text, check)

    def helm(
        self, *arguments: str, text: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """The bench's helm against this host's cluster, with folders of its own."""
        return self._client("helm", arguments, text, check)

    def _client(
        self, program: str, arguments: Sequence[str], text: str | None, check: bool
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **helm_folders(self.work / "helm")}
        environment["KUBECONFIG"] = str(self.kubeconfig())
        done = subprocess.run(
            [self._binaries[program], *arguments],
            input=text if text is not None else "",
            capture_output=True,
            text=True,
            env=environment,
        )
        if check and done.returncode:
            raise RuntimeError(f"{program} {' '.join(arguments)}: {done.stderr}")
        return done

    # --- how it is made

    def _write_seed(self, seed: Path) -> None:
        """The files of the host that are not the machine's."""
        tools = seed / "usr/local/bin"
        tools.mkdir(parents=True)
        shutil.copy(_HERE / "machine/systemctl", tools / "systemctl")
        (tools / "systemctl").chmod(0o755)
        (tools / "journalctl").symlink_to("systemctl")

        ssh = seed / "etc/ssh/bench"
        ssh.mkdir(parents=True)
        shutil.copy(_HERE / "machine/sshd_config", ssh)
        shutil.copy(self.keys.folder / "host_key", ssh)
        shutil.copy(self.keys.folder / "host_key_ed25519", ssh)
        shutil.copy(self.keys.folder / "login_key.pub", ssh / "authorized_keys")

        site = seed / "opt/bench/site"
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(_HERE / "k3s_standin", site / "k3s_standin", ignore=ignore)
        shutil.copytree(Path(yaml.__file__).parent, site / "yaml", ignore=ignore)
        interpreter = seed / "opt/bench/python"
        interpreter.write_text(
            "#!/bin/sh\n"
            "export PYTHONPATH=/opt/bench/site PYTHONDONTWRITEBYTECODE=1\n"
            f'exec {_interpreter()} "$@"\n'
        )
        interpreter.chmod(0o755)

        defaults = seed / "etc/default/k3s"
        defaults.parent.mkdir(parents=True)
        defaults.write_text(f"BENCH_ETCD_PORT={free_port()}\nBENCH_ETCD_PEER_PORT={free_port()}\n")

    def _start_init(self) -> tuple[subprocess.Popen[str], int]:
        root = self.work / "root"
        root.mkdir(exist_ok=True)
        binds = {str(self._binaries.directory): "/opt/bench/bin", **_interpreter_binds()}
        environment = {
            "PATH": _PATH,
            "HOST_NAME": self.name,
            "HOST_ROOT": str(root),
            "HOST_SEED": str(self.work / "seed"),
            "HOST_BINDS": "\n".join(f"{source} {target}" for source, target in binds.items()),
        }
        command = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--propagation", "private"]
        command += ["--fork", "--kill-child", "bash", str(_HERE / "machine/init.sh")]
        log_file = self.work / "init.log"
        with log_file.open("w") as log:
            init = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
            )
        return init, _await_ready(init, log_file)

    def _check_python(self) -> None:
        done = self.run("/opt/bench/python", "-c", "import ssl, yaml", check=False)
        if done.returncode:
            raise RuntimeError(f"bench: Python does not run in {self.name}: {done.stderr}")


def helm_folders(base: Path) -> Mapping[str, str]:
    """Folders of helm's own, so that nothing of the person's helm is read or changed."""
    return {
        "HELM_CACHE_HOME": str(base / "cache"),
        "HELM_CONFIG_HOME": str(base / "config"),
        "HELM_DATA_HOME": str(base / "data"),
    }


def _await_ready(init: subprocess.Popen[str], log_file: Path) -> int:
    assert init.stdout is not None
    words = init.stdout.readline().split()
    if len(words) == 2 and words[0] == "ready":
        return int(words[1])
    init.kill()
    init.wait()
    raise RuntimeError(f"bench: the host did not start: {log_file.read_text()}")


def _interpreter() -> str:
    """The Python behind a virtual environment, as the environment may not be there inside."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return str(Path(sys.base_prefix).resolve() / "bin" / version)


def _interpreter_binds() -> dict[str, str]:
    """Bring the interpreter in when a host would not see it where it lies."""
    prefix = Path(sys.base_prefix).resolve()
    hidden = any(prefix.is_relative_to(folder) for folder in _HIDDEN)
    elsewhere = prefix.stat().st_dev != Path("/").stat().st_dev
    return {str(prefix): str(prefix)} if hidden or elsewhere else {}


def _wait_for(condition: Callable[[], bool], what: str, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"bench: waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.05)
