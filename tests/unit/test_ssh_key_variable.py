"""The variable's own checks, asked from terraform itself: they speak before it waits minutes."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from eaas.checkpoint import Checkpoint
from eaas.environment import K3sSettings
from eaas.k3s import K3s
from tests.unit.environments import environment
from tests.unit.one_stack import OneStack
from tests.unit.ssh_keys import EC, ED25519, RSA, openssh_with_passphrase, pem


def plan(one: OneStack, folder: Path, key: str) -> subprocess.CompletedProcess[str]:
    """A plan of nothing but the variable."""
    settings = environment().cluster
    assert isinstance(settings, K3sSettings)
    checkpoint = Checkpoint(one.stack, "checkpoint", interval=0)
    K3s(one.stack, "k3s", settings=settings, protect=False, after=checkpoint)
    (folder / "main.tf.json").write_text(json.dumps({"variable": one.document()["variable"]}))
    return subprocess.run(
        ["terraform", f"-chdir={folder}", "plan", "-input=false", "-no-color"],
        env={**os.environ, "TF_VAR_ssh_private_key": key, "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "key",
    [
        pem(ED25519, "openssh"),
        pem(RSA, "openssh"),
        pem(RSA, "pkcs1-pem"),
        pem(EC, "pkcs1-pem"),
        pem(ED25519, "pkcs8-pem"),
        pem(ED25519, "openssh").replace("\n", "\r\n"),
    ],
    ids=["openssh ed25519", "openssh rsa", "pem rsa", "pem ec", "pkcs8", "crlf"],
)
def test_a_key_that_terraform_can_use_is_accepted(one: OneStack, tmp_path: Path, key: str) -> None:
    answer = plan(one, tmp_path, key)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    "key",
    [
        openssh_with_passphrase(),
        pem(RSA, "pkcs1-pem", "secret"),
        pem(ED25519, "pkcs8-pem", "secret"),
    ],
    ids=["openssh", "pem", "pkcs8"],
)
def test_a_key_with_a_passphrase_is_refused_with_the_remedy(
    one: OneStack, tmp_path: Path, key: str
) -> None:
    answer = plan(one, tmp_path, key)
    message = " ".join(answer.stderr.replace("│", " ").split())
    assert answer.returncode == 1
    assert "TF_VAR_ssh_private_key has a passphrase: give a key without one" in message
    assert "cluster.ssh.key to agent" in message


@pytest.mark.parametrize(
    "key",
    ["", pem(ED25519, "openssh").replace("\n", r"\n"), ED25519.export_public_key().decode()],
    ids=["empty", "flattened", "public"],
)
def test_what_is_no_private_key_is_refused_with_the_remedy(
    one: OneStack, tmp_path: Path, key: str
) -> None:
    answer = plan(one, tmp_path, key)
    message = " ".join(answer.stderr.replace("│", " ").split())
    assert answer.returncode == 1
    assert "TF_VAR_ssh_private_key is not a private key with real line breaks" in message
    assert 'export TF_VAR_ssh_private_key="$(cat ~/.ssh/id_ed25519)"' in message
