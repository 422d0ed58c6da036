"""The processes of the control plane, which in k3s are one."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .api import ApiClient
from .config import Config
from .log import fatal, log
from .pki import Pair, Pki
from .references import ReferenceGate

BINARIES = Path("/opt/bench/bin")
_PYTHON = "/opt/bench/python"
_MANIFESTS = Path(__file__).parent / "manifests"

# ClusterIPs lie in loopback although k3s's are 10.43.0.0/16: no kube-proxy answers them, and
# what is not answered must not leave the machine by its default route. Pods can't have
# loopback addresses (the API server refuses such endpoints); nothing dials theirs, because
# the API server reaches pods through the responder only.
_SERVICE_RANGE = "127.43.0.0/16"
_POD_RANGE = "10.42.0.0/16"


@dataclass(frozen=True)
class Ports:
    """Every host shares the machine's loopback, so each has its own ports."""

    api: int
    etcd: int
    etcd_peer: int

    @classmethod
    def of_host(cls, config: Config) -> Ports:
        """The API's port is k3s's setting; the others come from /etc/default/k3s."""
        return cls(
            api=int(config.one("https-listen-port", "6443")),
            etcd=int(os.environ["BENCH_ETCD_PORT"]),
            etcd_peer=int(os.environ["BENCH_ETCD_PEER_PORT"]),
        )


class ControlPlane:
    """Starts, watches and stops the components."""

    def __init__(self, config: Config, data: Path, pki: Pki, version: str) -> None:
        self._config = config
        self._data = data
        self._pki = pki
        self._version = version
        self._ports = Ports.of_host(config)
        self._logs = data / "log"
        self._run = Path("/run/k3s-standin")
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.kubeconfig = data / "admin.kubeconfig"

    def start(self) -> None:
        """Start everything and return when the API answers and the node is ready."""
        for folder in (self._logs, self._run):
            folder.mkdir(parents=True, exist_ok=True)
        admin = self._issue_certificates()
        self._start_etcd()
        self._start_responder()
        self._start_api_server()
        api = ApiClient(self._ports.api, self._pki.authority("server-ca").certificate, admin)
        self._wait_for("the API server", lambda: api.get("/readyz") is not None)
        self._start_controllers()
        self._apply_objects()
        self._wait_for("the default service account", api.has_default_account)
        self._wait_for("the node", api.node_is_ready)
        ReferenceGate(api).start()

    def failed_component(self) -> str | None:
        """The first component that ended although nobody asked it to."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                return name
        return None

    def stop(self) -> None:
        """Stop what was started last first, so that nothing loses what it talks to."""
        for process in reversed(self._processes.values()):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _wait_for(self, what: str, ready: Callable[[], bool], seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            failed = self.failed_component()
            if failed:
                fatal(f"{failed} exited: {self._last_line(failed)}")
            if time.monotonic() > deadline:
                fatal(f"{what} is not ready after {seconds:.0f} s")
            time.sleep(0.1)

    def _last_line(self, component: str) -> str:
        lines = (self._logs / f"{component}.log").read_text(errors="replace").splitlines()
        return lines[-1] if lines else "no output"

    def _spawn(self, name: str, *command: str, **environment: str) -> None:
        # As parts of one k3s process they would die with it, however it dies.
        guarded = ["setpriv", "--pdeathsig", "KILL", *command]
        with (self._logs / f"{name}.log").open("ab") as output:
            self._processes[name] = subprocess.Popen(
                guarded,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, **environment},
            )

    def _issue_certificates(self) -> Pair:
        issue, client = self._pki.issue, "clientAuth"
        names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"]
        names += ["kubernetes.default.svc.cluster.local", "localhost", self.node_name]
        sans = [f"DNS:{name}" for name in names] + ["IP:127.0.0.1", "IP:127.43.0.1"]
        for san in self._config.all("tls-san"):
            kind = "IP" if san.replace(".", "").isdigit() or ":" in san else "DNS"
            sans.append(f"{kind}:{san}")
        names_in_certificate = ",".join(dict.fromkeys(sans))
        server = ("serving-kube-apiserver", "server-ca", "/CN=kube-apiserver", "serverAuth")
        issue(*server, names_in_certificate)
        issue("client-auth-proxy", "request-header-ca", "/CN=system:auth-proxy", client)
        for component in ("controller-manager", "scheduler"):
            pair = issue(f"client-{component}", "client-ca", f"/CN=system:kube-{component}", client)
            self._write_kubeconfig(self._data / f"{component}.kubeconfig", pair)
        admin = issue("client-admin", "client-ca", "/O=system:masters/CN=system:admin", client)
        self._write_kubeconfig(self.kubeconfig, admin)
        return admin

    def _write_kubeconfig(self, path: Path, client: Pair) -> None:
        path.touch(0o600)
        path.write_text(self._pki.kubeconfig(client, self._ports.api))

    @property
    def node_name(self) -> str:
        """The node is called as the host is, unless the configuration says otherwise."""
        return self._config.one("node-name", os.uname().nodename)

    def _start_etcd(self) -> None:
        clients = f"http://127.0.0.1:{self._ports.etcd}"
        peers = f"http://127.0.0.1:{self._ports.etcd_peer}"
        self._spawn(
            "etcd",
            str(BINARIES / "etcd"),
            f"--data-dir={self._data / 'server/db/etcd'}",
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
            "--unsafe-no-fsync",  # the data lies in memory anyway
            "--log-level=warn",
        )

    def _start_responder(self) -> None:
        folder = self._run / "responder"
        authority = folder / "ca.crt"
        authority.unlink(missing_ok=True)  # an earlier start's, which does not count any more
        module = ("-m", "k3s_standin.responder")
        self._spawn("responder", _PYTHON, *module, str(self._run / "egress.sock"), str(folder))
        self._wait_for("the webhook responder", authority.exists, 20)

    def _start_api_server(self) -> None:
        tls = self._pki.folder
        options = {
            "etcd-servers": f"http://127.0.0.1:{self._ports.etcd}",
            "bind-address": "127.0.0.1",
            "advertise-address": "127.0.0.1",
            "endpoint-reconciler-type": "none",
            "secure-port": str(self._ports.api),
            "service-cluster-ip-range": _SERVICE_RANGE,
            "tls-cert-file": f"{tls}/serving-kube-apiserver.crt",
            "tls-private-key-file": f"{tls}/serving-kube-apiserver.key",
            "client-ca-file": f"{tls}/client-ca.crt",
            "authorization-mode": "Node,RBAC",
            "enable-admission-plugins": "NodeRestriction",
            "allow-privileged": "true",
            "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
            "service-account-key-file": str(self._pki.service_key),
            "service-account-signing-key-file": str(self._pki.service_key),
            "requestheader-client-ca-file": f"{tls}/request-header-ca.crt",
            "requestheader-allowed-names": "system:auth-proxy",
            "requestheader-username-headers": "X-Remote-User",
            "requestheader-group-headers": "X-Remote-Group",
            "requestheader-extra-headers-prefix": "X-Remote-Extra-",
            "proxy-client-cert-file": f"{tls}/client-auth-proxy.crt",
            "proxy-client-key-file": f"{tls}/client-auth-proxy.key",
            "profiling": "false",
            # Webhooks are answered by the responder, and picked by ready endpoint: an operator
            # that is not ready gives the error a real cluster gives.
            "egress-selector-config-file": str(self._egress_configuration()),
            "enable-aggregator-routing": "true",
        }
        if self._config.enabled("secrets-encryption"):
            options["encryption-provider-config"] = str(self._encryption_configuration())
        for argument in self._config.all("kube-apiserver-arg"):
            name, _, value = argument.removeprefix("--").partition("=")
            options[name] = value
        self._spawn(
            "kube-apiserver",
            str(BINARIES / "kube-apiserver"),
            *(f"--{name}={value}" for name, value in options.items()),
            # Webhook configurations come without a caBundle, and then these roots count.
            SSL_CERT_FILE=str(self._run / "responder/ca.crt"),
        )

    def _egress_configuration(self) -> Path:
        connection = {
            "proxyProtocol": "HTTPConnect",
            "transport": {"uds": {"udsName": str(self._run / "egress.sock")}},
        }
        path = self._run / "egress.json"
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "apiserver.k8s.io/v1beta1",
                    "kind": "EgressSelectorConfiguration",
                    "egressSelections": [{"name": "cluster", "connection": connection}],
                }
            )
        )
        return path

    def _encryption_configuration(self) -> Path:
        """k3s's file at k3s's place, made once: another key could not read old Secrets."""
        path = self._data / "server/cred/encryption-config.json"
        if path.exists():
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        providers = [{"aescbc": {"keys": [{"name": "aescbckey", "secret": key}]}}, {"identity": {}}]
        path.touch(0o600)
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "apiserver.config.k8s.io/v1",
                    "kind": "EncryptionConfiguration",
                    "resources": [{"resources": ["secrets"], "providers": providers}],
                }
            )
        )
        return path

    def _start_controllers(self) -> None:
        for component in ("controller-manager", "scheduler"):
            config = self._data / f"{component}.kubeconfig"
            self._spawn(
                f"kube-{component}",
                str(BINARIES / f"kube-{component}"),
                f"--kubeconfig={config}",
                f"--authentication-kubeconfig={config}",
                f"--authorization-kubeconfig={config}",
                "--secure-port=0",  # nobody asks them anything
                "--leader-elect=false",
                "--profiling=false",
                *(self._controller_options() if component == "controller-manager" else ()),
            )
        self._spawn(
            "kwok",
            str(BINARIES / "kwok"),
            f"--kubeconfig={self.kubeconfig}",
            f"--config={_MANIFESTS / 'stages.yaml'}",
            "--manage-all-nodes=false",
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            f"--cidr={_POD_RANGE}",
            "--node-ip=127.0.0.1",
            "--node-lease-duration-seconds=40",
        )

    def _controller_options(self) -> tuple[str, ...]:
        authority = self._pki.authority("client-ca")
        return (
            "--use-service-account-credentials",
            f"--service-account-private-key-file={self._pki.service_key}",
            f"--root-ca-file={self._pki.authority('server-ca').certificate}",
            f"--cluster-signing-cert-file={authority.certificate}",
            f"--cluster-signing-key-file={authority.key}",
            "--enable-hostpath-provisioner",
            "--allocate-node-cidrs",
            f"--cluster-cidr={_POD_RANGE}",
        )

    def _apply_objects(self) -> None:
        """What k3s brings: the node, and the classes of the components not switched off."""
        disabled = {name for item in self._config.all("disable") for name in item.split(",")}
        files = [_MANIFESTS / "node.yaml", _MANIFESTS / "crds.yaml"]
        if "local-storage" not in disabled:
            files.append(_MANIFESTS / "local-storage.yaml")
        if "traefik" not in disabled:
            files.append(_MANIFESTS / "traefik.yaml")
        text = "\n---\n".join(file.read_text() for file in files)
        text = text.replace("NODE_NAME", self.node_name).replace("VERSION", self._version)
        self._kubectl_apply("-f", "-", text=text)
        manifests = self._data / "server/manifests"
        manifests.mkdir(parents=True, exist_ok=True)
        if any(manifests.glob("*.y*ml")):
            self._kubectl_apply("-f", str(manifests))

    def _kubectl_apply(self, *arguments: str, text: str = "") -> None:
        done = subprocess.run(
            [str(BINARIES / "kubectl"), f"--kubeconfig={self.kubeconfig}", "apply", *arguments],
            input=text,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            log("error", f"applying manifests: {done.stderr.strip()}")
