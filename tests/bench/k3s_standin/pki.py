"""Certificates in k3s's file layout: authorities found in place are used, others are made."""

from __future__ import annotations

import base64
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .log import fatal, log

AUTHORITIES = ("server-ca", "client-ca", "request-header-ca", "etcd/server-ca", "etcd/peer-ca")
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(*arguments: str | Path) -> str:
    """Run openssl and return what it printed."""
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        fatal(f"openssl {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: Path
    key: Path


class Pki:
    """The folder server/tls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.service_key = folder / "service.key"

    def authority(self, name: str) -> Pair:
        """One of AUTHORITIES."""
        return Pair(self.folder / f"{name}.crt", self.folder / f"{name}.key")

    def prepare_authorities(self) -> None:
        """Use each pair that was placed before the first start and make the missing ones."""
        (self.folder / "etcd").mkdir(parents=True, exist_ok=True)
        for name in AUTHORITIES:
            pair = self.authority(name)
            found = [path.exists() for path in (pair.certificate, pair.key)]
            if all(found):
                _check_pair(pair)
                log("info", f"using {pair.certificate} as found")
            elif any(found):
                fatal(f"only one of {pair.certificate} and {pair.key} exists")
            else:
                _make_authority(pair, name)
        if not self.service_key.exists():
            openssl("genrsa", "-traditional", "-out", self.service_key, "2048")

    def authority_files(self) -> list[Path]:
        """What k3s keeps a copy of in its datastore."""
        pairs = [self.authority(name) for name in AUTHORITIES]
        files = [path for pair in pairs for path in (pair.certificate, pair.key)]
        return [*files, self.service_key]

    def issue(self, name: str, authority: str, subject: str, usage: str, sans: str = "") -> Pair:
        """Issue a leaf certificate, anew at each start so that changed names take effect."""
        pair = Pair(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        request, extensions = pair.key.with_suffix(".csr"), pair.key.with_suffix(".ext")
        lines = [
            "basicConstraints=CA:FALSE",
            "keyUsage=critical,digitalSignature,keyEncipherment",
            f"extendedKeyUsage={usage}",
        ]
        extensions.write_text("\n".join(lines + ([f"subjectAltName={sans}"] if sans else [])))
        openssl("req", "-new", *_NEW_KEY, "-keyout", pair.key, "-subj", subject, "-out", request)
        signer = self.authority(authority)
        openssl(
            *("x509", "-req", "-in", request, "-out", pair.certificate, "-days", "365"),
            *("-CA", signer.certificate, "-CAkey", signer.key, "-extfile", extensions),
            *("-set_serial", f"0x{secrets.token_hex(16)}"),
        )
        request.unlink()
        extensions.unlink()
        return pair

    def kubeconfig(self, client: Pair, port: int) -> str:
        """A kubeconfig for the API server of this host."""
        authority = _base64(self.authority("server-ca").certificate)
        return f"""\
apiVersion: v1
kind: Config
clusters:
- name: default
  cluster:
    server: https://127.0.0.1:{port}
    certificate-authority-data: {authority}
contexts:
- name: default
  context:
    cluster: default
    user: default
current-context: default
users:
- name: default
  user:
    client-certificate-data: {_base64(client.certificate)}
    client-key-data: {_base64(client.key)}
"""


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _check_pair(pair: Pair) -> None:
    """k3s wants the first certificate of the file to belong to the key."""
    of_certificate = openssl("x509", "-in", pair.certificate, "-noout", "-pubkey")
    if of_certificate != openssl("pkey", "-in", pair.key, "-pubout"):
        fatal(f"tls: private key does not match public key ({pair.certificate})")


def _make_authority(pair: Pair, name: str) -> None:
    openssl(
        *("req", "-x509", "-new", *_NEW_KEY, "-keyout", pair.key, "-out", pair.certificate),
        *("-days", "3650", "-subj", f"/CN=k3s-{name.replace('/', '-')}"),
        *("-addext", "basicConstraints=critical,CA:TRUE"),
        *("-addext", "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign"),
    )
