"""k3s over SSH: authorities made by terraform, a pinned installer, credentials known beforehand."""

import hashlib
import json
import shlex
from pathlib import Path
from typing import Any

from constructs import Construct

from eaas.certificates import AdminCertificate, CertificateAuthority
from eaas.checkpoint import Checkpoint
from eaas.cluster import ClusterAccess
from eaas.environment import K3sSettings
from eaas.protection import protection
from eaas.terraform import (
    AssetType,
    FileProvisioner,
    Fn,
    NullResource,
    PrivateKey,
    RemoteExecProvisioner,
    SSHProvisionerConnection,
    TerraformAsset,
    TerraformStack,
    TerraformVariable,
    TerraformVariableValidationConfig,
)

SETUP = Path(__file__).with_name("k3s_setup.sh")
AUTHORITIES = ("server", "client", "request-header", "etcd/server", "etcd/peer")
FOLDER = ".eaas"
"""In the login user's home: uploads get mode 0644, so the folder itself is closed to others."""
TIME_LIMIT = 900
"""Seconds for the script on the host; terraform itself would wait without end."""


class K3s(Construct):
    """A one-node k3s cluster.

    A change of version, configuration, script or authority runs the installer again, which
    restarts k3s; workloads go on. Destroying it leaves k3s on the host: see docs/runbook.md.
    """

    ingress_class = "traefik"
    storage_class = "local-path"

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: K3sSettings,
        protect: bool,
        after: Checkpoint,
    ) -> None:
        super().__init__(scope, id)
        authorities = {
            name: CertificateAuthority(
                self,
                name.replace("/", "-"),
                common_name=f"k3s-{name.replace('/', '-')}-ca",
                protect=protect,
            )
            for name in AUTHORITIES
        }
        service_key = PrivateKey(
            self, "service-key", algorithm="RSA", rsa_bits=2048, lifecycle=protection(protect)
        )
        admin = AdminCertificate(self, "admin", authority=authorities["client"], protect=protect)
        files = {"service.key": service_key.private_key_pem}
        for name, authority in authorities.items():
            files[f"{name}-ca.crt"] = authority.certificate
            files[f"{name}-ca.key"] = authority.key

        config = _config(settings)
        setup = TerraformAsset(self, "setup", path=str(SETUP), type=AssetType.FILE)
        certificates = Fn.join("", [authority.certificate for authority in authorities.values()])
        install = NullResource(
            self,
            "Default",
            depends_on=[after.resource],
            connection=SSHProvisionerConnection(**_connection(self, settings)),
            triggers={
                "host": settings.host,
                "version": settings.version,
                "installer": settings.installer.sha256,
                "config": hashlib.sha256(config.encode()).hexdigest(),
                "setup": hashlib.sha256(SETUP.read_bytes()).hexdigest(),
                "authorities": Fn.sha256(certificates),
            },
            provisioners=[
                _run(f"umask 077; rm -rf {FOLDER}; mkdir {FOLDER}"),
                FileProvisioner(
                    type="file",
                    destination=f"{FOLDER}/authorities",
                    content=Fn.join(
                        "\n", [f"{name} {Fn.base64encode(text)}" for name, text in files.items()]
                    )
                    + "\n",
                ),
                FileProvisioner(type="file", destination=f"{FOLDER}/config.yaml", content=config),
                FileProvisioner(type="file", destination=f"{FOLDER}/setup.sh", source=setup.path),
                # no secret in this one, or terraform would hide what the installer says
                _run(f"trap 'rm -rf {FOLDER}' EXIT; trap 'exit 1' HUP", _setup_command(settings)),
                # what stands in the cluster starts with the installation saved
                after.pause,
            ],
        )
        self.access = ClusterAccess(
            endpoint=_url(settings.host, settings),
            ca_certificate=authorities["server"].certificate,
            client_certificate=admin.certificate,
            client_key=admin.key,
        )
        # known in a plan, and makes everything that uses the cluster wait for the installation
        host = str(install.get_string_attribute("triggers.host"))
        self.endpoint_when_ready = _url(host, settings)


def _url(host: str, settings: K3sSettings) -> str:
    address = f"[{host}]" if ":" in settings.host else host
    return f"https://{address}:{settings.api_port}"


def _config(settings: K3sSettings) -> str:
    """k3s's config.yaml, without a secret (JSON is YAML). k3s skips keys that it does not know."""
    config = {
        "https-listen-port": settings.api_port,
        "tls-san": [settings.host, *settings.tls_san],
        "disable": settings.disable,
        "secrets-encryption": settings.secrets_encryption,
        "write-kubeconfig-mode": "0600",
    }
    return json.dumps(config, indent=2) + "\n"


def _connection(scope: Construct, settings: K3sSettings) -> dict[str, Any]:
    connection = {
        "type": "ssh",
        "host": settings.host,
        "port": settings.ssh.port,
        "user": settings.ssh.user,
        "host_key": settings.ssh.host_key,
        "timeout": "2m",
        # in the home, since /tmp may be mounted noexec; one name, so that at most one is left
        "script_path": "./.eaas-run.sh",
    }
    if settings.ssh.key == "agent":
        return {**connection, "agent": "true"}
    return {**connection, "agent": "false", "private_key": _private_key(scope)}


def _private_key(scope: Construct) -> str:
    """Ephemeral: neither in the state nor in a saved plan. Needed by every plan and apply."""
    key = "var.ssh_private_key"
    header = r"-----BEGIN [A-Z ]*PRIVATE KEY-----\\r?\\n"
    # an OpenSSH key starts with its name and its cipher; this is the cipher "none", in base64
    unencrypted = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
    variable = TerraformVariable(
        TerraformStack.of(scope),
        "ssh_private_key",
        type="string",
        description="the private key that cluster.ssh.user of the host accepts, as PEM",
        sensitive=True,
        nullable=False,
        validation=[
            TerraformVariableValidationConfig(
                condition=f'${{can(regex("{header}", {key}))}}',
                error_message="TF_VAR_ssh_private_key is not a private key with real line breaks: "
                'export TF_VAR_ssh_private_key="$(cat ~/.ssh/id_ed25519)".',
            ),
            TerraformVariableValidationConfig(
                condition=f'${{!can(regex("ENCRYPTED", {key})) && '
                f'(!can(regex("BEGIN OPENSSH", {key})) || can(regex("{unencrypted}", {key})))}}',
                error_message="TF_VAR_ssh_private_key has a passphrase: give a key without one, "
                "or set cluster.ssh.key to agent and add the key to your SSH agent.",
            ),
        ],
    )
    # cdktf 0.21 has no such argument; terraform 1.10 and later do
    variable.add_override("ephemeral", True)  # noqa: FBT003
    return str(variable.string_value)


def _run(*commands: str) -> RemoteExecProvisioner:
    return RemoteExecProvisioner(type="remote-exec", inline=["set -eu", *commands])


def _setup_command(settings: K3sSettings) -> str:
    variables = {
        "K3S_VERSION": settings.version,
        "INSTALLER_URL": settings.installer.url,
        "INSTALLER_SHA256": settings.installer.sha256,
        "RELEASES": settings.release_mirror or "",
    }
    words = [f"{name}={value}" for name, value in variables.items()]
    # sudo -n: it must never ask, since nobody could answer
    sudo = [] if settings.ssh.user == "root" else ["sudo", "-n"]
    return shlex.join(
        [*sudo, "env", *words, "timeout", str(TIME_LIMIT), "sh", f"{FOLDER}/setup.sh"]
    )
