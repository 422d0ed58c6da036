"""SSH keys, made anew for each run: none is worth anything."""

import base64
import os
import struct
import textwrap

import asyncssh

from tests.unit.ssh_agent import text

ED25519 = asyncssh.generate_private_key("ssh-ed25519")
RSA = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
EC = asyncssh.generate_private_key("ecdsa-sha2-nistp256")


def pem(key: asyncssh.SSHKey, format: str, passphrase: str | None = None) -> str:
    return key.export_private_key(format, passphrase=passphrase).decode()


def openssh_with_passphrase() -> str:
    """A private key file as `ssh-keygen` encrypts it, with noise in place of the key itself."""
    options = text(os.urandom(16)) + struct.pack(">I", 16)
    content = b"".join(
        [
            b"openssh-key-v1\0",
            text(b"aes256-ctr"),
            text(b"bcrypt"),
            text(options),
            struct.pack(">I", 1),
            text(ED25519.public_data),
            text(os.urandom(144)),
        ]
    )
    lines = textwrap.wrap(base64.b64encode(content).decode(), 70)
    kind = "OPENSSH PRIVATE KEY"
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""])
