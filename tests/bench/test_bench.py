"""Proves that the bench behaves as the tests that stand on it assume."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import Bench, Host, providers
from .providers import resolve_providers
from .releases import Installer

pytestmark = pytest.mark.bench

OLD, NEW = "v1.36.5+k3s1", "v1.36.6+k3s1"
CHARTS = [
    ("cloudnative-pg", "0.29.0", "1.30.0"),
    ("cluster", "0.8.1", "0"),
    ("redis", "0.34.18", "8.10.1"),
    ("infisical-standalone", "1.9.0", "v0.158.0"),
]
TLS = "/var/lib/rancher/k3s/server/tls"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("bench"), k3s_versions=[OLD, NEW]) as running:
        yield running


@pytest.fixture(scope="module")
def client_ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_authority(tmp_path_factory.mktemp("ca"), "client-ca")


@pytest.fixture(scope="module")
def cluster(bench: Bench, client_ca: Path) -> Iterator[Host]:
    """A host on which the installer ran over SSH, with our own client authority."""
    with bench.host("cluster") as host:
        upload(host, f"{TLS}/client-ca.crt", client_ca.with_suffix(".crt").read_text())
        upload(host, f"{TLS}/client-ca.key", client_ca.with_suffix(".key").read_text())
        upload(host, "/etc/rancher/k3s/config.yaml", config(host, "secrets-encryption: true"))
        done = install(host, bench, bench.installer)
        assert done.returncode == 0, done.stdout + done.stderr + host.journal()
        yield host


# --- helpers


def upload(host: Host, path: str, text: str) -> None:
    done = host.ssh(f"mkdir -p $(dirname {path}); cat >{path}", text=text)
    assert done.returncode == 0, done.stderr


def config(host: Host, *lines: str) -> str:
    return "\n".join([f"https-listen-port: {host.api_port}", 'tls-san: ["127.0.0.1"]', *lines, ""])


def install(
    host: Host,
    bench: Bench,
    installer: Installer,
    version: str = OLD,
    force: bool = True,
    user: str = "root",
) -> subprocess.CompletedProcess[str]:
    """What a product does on its server: download, check, run, wait until it is ready."""
    sudo = "" if user == "root" else "sudo -n "
    return host.ssh(
        f"set -e; curl -sfL -o install.sh {installer.url};"
        f" echo '{installer.sha256}  install.sh' | sha256sum --check --quiet;"
        f" {sudo}env INSTALL_K3S_VERSION={version} GITHUB_URL={bench.release_url}"
        f" INSTALL_K3S_FORCE_RESTART={str(force).lower()} sh install.sh;"
        f" {sudo}k3s kubectl get --raw /readyz",
        user=user,
    )


def make_authority(folder: Path, name: str) -> Path:
    openssl(
        *f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30"
        f" -keyout {folder / name}.key -out {folder / name}.crt -subj /CN={name}".split()
    )
    return folder / name


def make_client(authority: Path, folder: Path) -> Path:
    base = folder / "admin"
    openssl(
        *f"req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {base}.key"
        f" -out {base}.csr -subj /O=system:masters/CN=eaas-admin".split()
    )
    openssl(
        *f"x509 -req -in {base}.csr -out {base}.crt -days 30 -CA {authority}.crt"
        f" -CAkey {authority}.key -set_serial 7".split()
    )
    return base


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def apply(host: Host, *objects: dict[str, Any]) -> None:
    host.kubectl(
        "apply", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    )


def pod_template(name: str, image: str = "app:1", **annotations: str) -> dict[str, Any]:
    return {
        "metadata": {"labels": {"app": name}, "annotations": annotations},
        "spec": {"containers": [{"name": "app", "image": image}]},
    }


def workload(kind: str, name: str, template: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template, **spec},
    }


def job(name: str, **annotations: str) -> dict[str, Any]:
    template = pod_template(name, **annotations)
    template["spec"]["restartPolicy"] = "Never"
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"backoffLimit": 0, "template": template},
    }


def field(host: Host, kind: str, name: str, path: str) -> str:
    return host.kubectl("get", kind, name, "-o", f"jsonpath={path}").stdout


# --- the control plane


def test_the_node_and_the_classes_are_those_of_k3s(cluster: Host) -> None:
    assert cluster.installs() == 1
    node = json.loads(cluster.kubectl("get", "node", "cluster", "-o", "json").stdout)
    assert node["status"]["capacity"]["cpu"] == "8"
    assert node["status"]["nodeInfo"]["kubeletVersion"] == OLD
    assert node["metadata"]["labels"]["node-role.kubernetes.io/control-plane"] == "true"
    storage = json.loads(cluster.kubectl("get", "sc", "local-path", "-o", "json").stdout)
    assert storage["volumeBindingMode"] == "WaitForFirstConsumer"
    version = json.loads(cluster.kubectl("get", "--raw", "/version").stdout)
    assert version["gitVersion"].startswith("v1.33.")
    assert version["minor"] == "33"


def test_only_the_uploaded_client_authority_is_believed(
    cluster: Host, client_ca: Path, tmp_path: Path
) -> None:
    kubeconfig = cluster.kubeconfig()

    def can_list(authority: Path, folder: Path) -> subprocess.CompletedProcess[str]:
        folder.mkdir()
        admin = make_client(authority, folder)
        files = [f"--client-certificate={admin}.crt", f"--client-key={admin}.key"]
        server_ca = folder / "server-ca.crt"
        server_ca.write_text(cluster.read_text(f"{TLS}/server-ca.crt"))
        files += [f"--certificate-authority={server_ca}"]
        server = f"--server=https://127.0.0.1:{cluster.api_port}"
        no_user = ["--kubeconfig=/dev/null", server, *files]
        return cluster.kubectl(*no_user, "get", "nodes", check=False)

    assert kubeconfig.exists()
    assert can_list(client_ca, tmp_path / "ours").returncode == 0
    other = can_list(make_authority(tmp_path, "other"), tmp_path / "theirs")
    assert other.returncode != 0
    assert "Unauthorized" in other.stderr + other.stdout


def test_workloads_become_ready(cluster: Host) -> None:
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    port = [{"name": "http", "port": 80}]
    apply(
        cluster,
        workload("Deployment", "web", pod_template("web"), replicas=2),
        workload(
            *("StatefulSet", "db", pod_template("db")),
            serviceName="db",
            volumeClaimTemplates=[claim],
        ),
        job("once"),
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web"},
            "spec": {"type": "LoadBalancer", "ports": port, "selector": {"app": "web"}},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "web"},
            "spec": {
                "defaultBackend": {"service": {"name": "web", "port": {"name": "http"}}},
            },
        },
    )
    cluster.kubectl("rollout", "status", "deployment/web", "--timeout=30s")
    cluster.kubectl("rollout", "status", "statefulset/db", "--timeout=30s")
    cluster.kubectl("wait", "--for=condition=Complete", "job/once", "--timeout=30s")
    address = "{.status.loadBalancer.ingress[0].ip}"
    for kind in ("service", "ingress"):
        cluster.kubectl("wait", f"--for=jsonpath={address}", f"{kind}/web", "--timeout=30s")
    assert field(cluster, "pvc", "data-db-0", "{.status.phase}") == "Bound"
    assert field(cluster, "pvc", "data-db-0", "{.spec.storageClassName}") == "local-path"
    assert field(cluster, "ingress", "web", "{.spec.ingressClassName}") == "traefik"


def test_a_claim_without_a_pod_stays_pending(cluster: Host) -> None:
    apply(
        cluster,
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "lonely"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "1Gi"}},
            },
        },
    )
    bound = cluster.kubectl(
        "wait", "--for=jsonpath={.status.phase}=Bound", "pvc/lonely", "--timeout=3s", check=False
    )
    assert bound.returncode != 0
    assert field(cluster, "pvc", "lonely", "{.status.phase}") == "Pending"


def test_an_ingress_of_another_class_gets_no_address(cluster: Host) -> None:
    apply(
        cluster,
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "other"},
            "spec": {
                "ingressClassName": "nginx",
                "defaultBackend": {"service": {"name": "web", "port": {"number": 80}}},
            },
        },
    )
    waited = cluster.kubectl(
        *("wait", "--for=jsonpath={.status.loadBalancer.ingress[0].ip}", "ingress/other"),
        "--timeout=3s",
        check=False,
    )
    assert waited.returncode != 0


@pytest.mark.parametrize("how", ["annotation", "name"])
def test_an_image_that_can_not_be_pulled(cluster: Host, how: str) -> None:
    name = f"pull-{how}"
    template = pod_template(name, image="registry.example/no-such:1")
    if how == "annotation":
        template = pod_template(name, **{"bench/fail": "image"})
    apply(cluster, workload("Deployment", name, template, progressDeadlineSeconds=3))
    done = cluster.kubectl("rollout", "status", f"deployment/{name}", "--timeout=30s", check=False)
    assert done.returncode != 0
    assert "exceeded its progress deadline" in done.stderr
    reason = "{.items[0].status.containerStatuses[0].state.waiting.reason}"
    pods = cluster.kubectl("get", "pods", "-l", f"app={name}", "-o", f"jsonpath={reason}")
    assert pods.stdout == "ImagePullBackOff"


def test_a_pod_waits_for_what_it_refers_to(cluster: Host) -> None:
    template = pod_template("refers")
    template["spec"]["containers"][0] |= {
        "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "late", "key": "a"}}}],
        "envFrom": [{"configMapRef": {"name": "absent", "optional": True}}],
    }
    apply(cluster, workload("Deployment", "refers", template))
    state = "{.items[0].status.containerStatuses[0].state.waiting.message}"

    def wait_for(message: str) -> None:
        pods = ["get", "pods", "-l", "app=refers", "-o", f"jsonpath={state}"]
        deadline = time.monotonic() + 20
        while cluster.kubectl(*pods, check=False).stdout != message:
            assert time.monotonic() < deadline, cluster.kubectl(*pods, check=False)
            time.sleep(0.2)

    wait_for('secret "late" not found')
    cluster.kubectl("create", "secret", "generic", "late", "--from-literal=b=1")
    wait_for("couldn't find key a in secret late")
    cluster.kubectl("delete", "secret", "late")
    cluster.kubectl("create", "secret", "generic", "late", "--from-literal=a=1")
    cluster.kubectl("rollout", "status", "deployment/refers", "--timeout=30s")


def test_a_job_that_fails(cluster: Host) -> None:
    apply(cluster, job("bad", **{"bench/fail": "exit"}))
    cluster.kubectl("wait", "--for=condition=Failed", "job/bad", "--timeout=30s")


def test_secrets_are_encrypted_at_rest(cluster: Host) -> None:
    for kind, text in (("secret", "hidden-in-etcd"), ("configmap", "plain-in-etcd")):
        subtype = ["generic"] if kind == "secret" else []
        cluster.kubectl("create", kind, *subtype, "at-rest", f"--from-literal=key={text}")
    data = "/var/lib/rancher/k3s/server/db"
    found = {
        text: cluster.run("grep", "-rqa", text, data, check=False).returncode == 0
        for text in ("plain-in-etcd", "hidden-in-etcd")
    }
    assert found == {"plain-in-etcd": True, "hidden-in-etcd": False}


# --- charts


def test_the_charts_install_in_their_order_and_only_in_it(bench: Bench, cluster: Host) -> None:
    url = bench.charts(CHARTS)
    assert set(bench.chart_origins.values()) == {"stand-in"}

    def helm(action: str, chart: str, *options: str, check: bool = True) -> str:
        versions = {name: version for name, version, _ in CHARTS}
        where = ["--namespace", "data"]
        pin = ["--repo", url, "--version", versions[chart], "--timeout", "90s"]
        done = cluster.helm(action, chart, chart, *pin, *where, *options, check=check)
        return done.stdout + done.stderr

    # As strict as a product may be: the real charts' pods pass this too.
    cluster.kubectl("create", "namespace", "data")
    strict = "pod-security.kubernetes.io/enforce=restricted"
    cluster.kubectl("label", "namespace", "data", strict)
    too_early = helm("install", "cluster", check=False)
    assert "no matches for kind" in too_early

    # The operator is there but not ready: the API server finds nobody to ask.
    helm("install", "cloudnative-pg", "--set", "image.repository=no-such")
    not_ready = helm("install", "cluster", check=False)
    assert "failed calling webhook" in not_ready
    assert 'no endpoints available for service "cnpg-webhook-service"' in not_ready
    cluster.helm("uninstall", "cluster", "--namespace", "data")

    helm("upgrade", "cloudnative-pg", "--wait", "--reset-values")
    values = {
        "fullnameOverride": "platform-pg",
        "version": {"postgresql": "16"},
        "cluster": {
            "instances": 1,
            "storage": {"size": "1Gi", "storageClass": "local-path"},
            "annotations": {"helm.sh/resource-policy": "keep"},
            "initdb": {"database": "app", "owner": "app", "secret": {"name": "app-owner"}},
            "roles": [{"name": "extra", "login": True, "passwordSecret": {"name": "extra"}}],
        },
        "databases": [{"name": "extra_db", "owner": "extra"}],
    }
    helm("install", "cluster", "--wait", f"--set-json={json_options(values)}")
    spec = json.loads(
        cluster.kubectl("get", "cluster", "platform-pg", "-n", "data", "-o", "json").stdout
    )["spec"]
    assert spec["imageName"] == "ghcr.io/cloudnative-pg/postgresql:16"
    assert spec["managed"]["roles"][0]["name"] == "extra"
    assert spec["bootstrap"]["initdb"]["secret"] == {"name": "app-owner"}
    cluster.kubectl("get", "database", "platform-pg-extra-db", "-n", "data")

    helm("install", "redis", "--wait", "--set", "fullnameOverride=infisical-redis")
    claim = ["get", "pvc", "data-infisical-redis-0", "-n", "data"]
    assert cluster.kubectl(*claim, "-o", "jsonpath={.status.phase}").stdout == "Bound"

    off = "ingress.enabled=false,ingress.nginx.enabled=false"
    off += ",postgresql.enabled=false,redis.enabled=false"
    secret = ["create", "secret", "generic", "infisical-secrets", "--namespace", "data"]
    cluster.kubectl(*secret, "--from-literal=AUTH_SECRET=x")
    helm("install", "infisical-standalone", "--wait", "--set", off)
    sets = cluster.kubectl("get", "statefulset", "-n", "data", "-o", "name").stdout.split()
    assert sets == ["statefulset.apps/infisical-redis"]
    # Forgetting to switch the bundled parts off is seen.
    helm("upgrade", "infisical-standalone", "--reset-values")
    sets = cluster.kubectl("get", "statefulset", "-n", "data", "-o", "name").stdout.split()
    assert "statefulset.apps/postgresql" in sets
    assert "statefulset.apps/redis-master" in sets

    kept = cluster.helm("uninstall", "cluster", "--namespace", "data").stdout
    assert "[Cluster] platform-pg" in kept
    cluster.kubectl("get", "cluster", "platform-pg", "-n", "data")


def json_options(values: dict[str, Any]) -> str:
    return ",".join(f"{key}={json.dumps(value)}" for key, value in values.items())


@pytest.mark.parametrize(
    ("chart", "option"),
    [
        ("cloudnative-pg", "replicas=2"),
        ("cluster", "cluster.storage.storageClassName=local-path"),
        ("cluster", "cluster.initdb.secretName=x"),
        ("cluster", "version.postgresql=16"),
        ("redis", "auth.existingSecretKey=password"),
        ("infisical-standalone", "ingress.host=infisical.example"),
        ("infisical-standalone", "fullname=x"),
    ],
)
def test_a_wrong_values_key_or_type_is_refused(
    bench: Bench, cluster: Host, chart: str, option: str
) -> None:
    url = bench.charts(CHARTS)
    done = cluster.helm("template", chart, "--repo", url, "--set", option, check=False)
    assert done.returncode != 0
    assert "values don't meet the specifications" in done.stderr


def test_real_charts_are_preferred_when_they_lie_there(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.charts([("redis", "9.9.9", "9")])
    packaged = bench.web.folder / "charts" / "redis-9.9.9.tgz"
    (tmp_path / "eaas/charts").mkdir(parents=True)
    packaged.rename(tmp_path / "eaas/charts" / packaged.name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    bench.charts([("redis", "9.9.9", "9")], prefer_real=True)
    assert bench.chart_origins["redis"] == "real"
    bench.charts([("redis", "9.9.9", "9")])
    assert bench.chart_origins["redis"] == "stand-in"


# --- the host and what goes wrong on it


def test_unreachable_and_stopped(cluster: Host) -> None:
    cluster.stop_sshd()
    assert cluster.ssh("true").returncode == 255
    cluster.kubectl("get", "nodes")
    cluster.start_sshd()
    assert cluster.ssh("true").returncode == 0

    cluster.stop_k3s()
    refused = cluster.kubectl("get", "nodes", check=False)
    assert refused.returncode != 0
    assert "refused" in refused.stderr
    assert cluster.ssh("true").returncode == 0
    cluster.start_k3s()
    cluster.kubectl("get", "nodes")


def test_another_host_key_is_noticed(cluster: Host, bench: Bench) -> None:
    with bench.host("other") as other:
        known = f"[127.0.0.1]:{cluster.ssh_port} {other.host_key}\n"
        (other.work / "known").write_text(known)
        login = ["ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
        login += ["-o", f"UserKnownHostsFile={other.work / 'known'}", "-p", str(cluster.ssh_port)]
        done = subprocess.run([*login, "root@127.0.0.1", "true"], capture_output=True, text=True)
        assert "Host key verification failed" in done.stderr


def test_the_life_of_an_installation(bench: Bench) -> None:
    """Runs as the sudo user: upgrades, restart rule, and what k3s refuses."""
    with bench.host("life") as host:
        assert host.installs() == 0
        broken = install(host, bench, bench.broken_installer, user="deploy")
        assert broken.returncode == 1
        assert "[ERROR]  Download failed" in broken.stderr
        assert host.installs() == 1
        assert not host.exists("/usr/local/bin/k3s")

        missing = install(host, bench, bench.installer, version="v0.0.0+k3s1", user="deploy")
        assert missing.returncode == 1
        assert "[ERROR]  Download failed" in missing.stderr

        settings = "/etc/rancher/k3s/config.yaml"
        upload(host, settings, config(host, "token: first", "bogus: true"))
        first = install(host, bench, bench.installer, user="deploy")
        assert first.returncode == 0, first.stderr + host.journal()
        assert "Unknown flag --bogus found in config.yaml, skipping" in host.journal()
        assert host.installs() == 3

        upload(host, settings, config(host, "token: first", "node-label: [a=b]"))
        again = install(host, bench, bench.installer, force=False, user="deploy")
        assert "No change detected so skipping service start" in again.stdout
        assert "node-label" not in host.running_config()

        newer = install(host, bench, bench.installer, version=NEW, user="deploy")
        assert newer.returncode == 0, newer.stderr + host.journal()
        assert host.run("k3s", "--version").stdout.startswith(f"k3s version {NEW}")
        assert host.running_config()["node-label"] == ["a=b"]

        upload(host, settings, config(host, "token: second"))
        token = install(host, bench, bench.installer, user="deploy")
        assert token.returncode == 1
        assert "Job for k3s.service failed" in token.stderr
        assert "encrypted with different token" in host.journal()

        upload(host, settings, config(host, "token: first"))
        host.run("sh", "-c", f"cd {TLS} && rm client-ca.*")
        authority = install(host, bench, bench.installer, user="deploy")
        assert authority.returncode == 1
        assert "newer than datastore and could cause a cluster outage" in host.journal()

        assert host.ssh("sudo -n /usr/local/bin/k3s-uninstall.sh", user="deploy").returncode == 0
        assert not host.exists("/var/lib/rancher/k3s")
        assert not host.exists("/usr/local/bin/k3s")


def test_nothing_is_left_of_a_closed_host(bench: Bench) -> None:
    host = bench.host("gone")
    upload(host, "/etc/rancher/k3s/config.yaml", config(host))
    assert install(host, bench, bench.installer).returncode == 0
    assert not Path("/var/lib/rancher").exists(), "the host wrote on the machine"
    before = inhabitants(host)
    assert len(before) > 6
    host.close()
    assert [pid for pid in before if Path(f"/proc/{pid}").exists()] == []
    assert str(host.work) not in Path("/proc/self/mounts").read_text()
    assert list((host.work / "root").iterdir()) == []


def test_a_reinstalled_host_is_empty_and_the_same(bench: Bench) -> None:
    with bench.host("reinstalled") as host:
        host.write_text("/srv/here", "before\n")
        assert host.ssh("cat /srv/here").stdout == "before\n"
        host.reset()
        done = host.ssh("cat /srv/here")
        assert done.returncode == 1
        assert "No such file" in done.stderr


def inhabitants(host: Host) -> list[int]:
    """The machine's view of the host's processes."""

    def namespace(pid: int | str) -> str:
        try:
            return str(Path(f"/proc/{pid}/ns/pid").readlink())
        except OSError:
            return ""

    ours = namespace(host.init_pid)
    assert ours
    assert ours != namespace("self")
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in numbers if namespace(pid) == ours]


# --- state and providers


def test_a_lock_is_taken_once(bench: Bench) -> None:
    put = {"Bucket": bench.bucket, "Key": "x/terraform.tfstate.tflock", "IfNoneMatch": "*"}
    bench.s3.put_object(**put, Body=b"first")
    with pytest.raises(bench.s3.exceptions.ClientError) as refused:
        bench.s3.put_object(**put, Body=b"second")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    kept = bench.s3.get_object(Bucket=bench.bucket, Key=put["Key"])
    assert kept["Body"].read() == b"first"


def test_the_environment_keeps_terraform_here(bench: Bench) -> None:
    environment = bench.environment()
    assert environment["AWS_ENDPOINT_URL_S3"] == bench.s3_url
    assert environment["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


PINS = {"null": ("hashicorp/null", "3.2.4"), "tls": ("hashicorp/tls", "4.1.0")}


def test_real_providers_and_stand_ins_share_a_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(providers, "_registry_reachable", lambda: False)

    def place(root: Path, name: str) -> None:
        folder = root / providers._relative(*PINS[name])
        folder.mkdir(parents=True)
        (folder / f"terraform-provider-{name}_v{PINS[name][1]}").touch()

    def build(wanted: providers.ProviderVersions) -> Path:
        assert list(wanted) == ["tls"]
        place(tmp_path / "standins", "tls")
        return tmp_path / "standins"

    monkeypatch.setattr(providers, "_stand_in_builder", lambda: build)
    place(tmp_path / "cache/eaas/providers", "null")
    found = resolve_providers(PINS, tmp_path)
    assert set(found.real) == {"null"}
    assert set(found.stand_ins) == {"tls"}
    assert found.all_real(["null"])
    assert not found.all_real(PINS)
    assert found.cli_config
    assert str(tmp_path / "mirror") in found.cli_config.read_text()
    for name, pin in PINS.items():
        assert list((tmp_path / "mirror" / providers._relative(*pin)).glob(f"*{name}_v*"))


def test_a_configuration_of_the_person_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.tfrc").touch()
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "own.tfrc"))
    found = resolve_providers(PINS, tmp_path)
    assert found.cli_config is None
    assert found.all_real(PINS)
