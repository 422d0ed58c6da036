"""One login over SSH, to say what is wrong before terraform would wait minutes for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncssh

from eaas.environment import K3sSettings
from eaas.errors import ConfigError

HOST_KEY_ALGORITHMS = [
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-256",
    "rsa-sha2-512",
    "ssh-rsa",
    "ssh-ed25519",
]
"""The order in which terraform's SSH client asks for a host key (golang.org/x/crypto/ssh,
preferredHostKeyAlgos): a host that has several shows terraform the first of these."""
TIMEOUT = 15
"""Seconds for the connection and the login."""


def check_login(environment: str, cluster: K3sSettings, private_key: str) -> None:
    """Log in to the host as terraform will, and leave. Raises ConfigError.

    `private_key` is not used where `cluster.ssh.key` is `agent`.
    """
    place = f"environments/{environment}.yaml: cluster"
    asyncio.run(_login(place, cluster, private_key))


async def _login(place: str, cluster: K3sSettings, private_key: str) -> None:
    ssh = cluster.ssh
    where = f"{ssh.user}@{cluster.host}:{ssh.port}"
    async with _keys(place, cluster, private_key) as keys:
        try:
            async with asyncio.timeout(TIMEOUT):
                connection = await asyncssh.connect(
                    cluster.host,
                    ssh.port,
                    username=ssh.user,
                    client_keys=keys,
                    agent_path=None,
                    known_hosts=_known_hosts(cluster),
                    server_host_key_algs=HOST_KEY_ALGORITHMS,
                    config=None,
                    password_auth=False,
                    kbdint_auth=False,
                )
                async with connection:
                    rights = "id -u" if ssh.user == "root" else "sudo -n id -u"
                    answer = await connection.run(rights)
        except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed):
            raise ConfigError(
                f"{place}.ssh.host_key: {cluster.host}:{ssh.port} shows terraform another host "
                "key, of the first type it has of ecdsa, rsa, ed25519: put in what ssh-keyscan "
                f"-p {ssh.port} -t ecdsa {cluster.host} prints, if you trust it, or else somebody "
                "may be in between"
            ) from None
        except asyncssh.PermissionDenied:
            raise ConfigError(
                f"{place}.ssh.user: {where} accepts no key of ours; check the user, "
                f"{_key_source(ssh.key)}, and ~/.ssh/authorized_keys on the host"
            ) from None
        except (OSError, asyncssh.Error) as error:
            reason = str(error) or f"no answer within {TIMEOUT} seconds"
            raise ConfigError(
                f"{place}.host: {where} cannot be reached: {reason}; "
                "check host, ssh.port and the firewall"
            ) from None
    if answer.exit_status != 0:
        raise ConfigError(
            f"{place}.ssh.user: {ssh.user} has no sudo without a password on {cluster.host}; "
            "allow it (NOPASSWD) or use root"
        )


@asynccontextmanager
async def _keys(place: str, cluster: K3sSettings, private_key: str) -> AsyncIterator[list[Any]]:
    """What to log in with: the key of the variable, or those that the agent holds."""
    if cluster.ssh.key == "variable":
        yield [_key(private_key)]
        return
    try:
        async with asyncio.timeout(TIMEOUT):
            agent = await asyncssh.connect_agent()
            keys = list(await agent.get_keys())
    except (OSError, ValueError, asyncssh.Error):
        raise ConfigError(
            f"{place}.ssh.key is agent, but no SSH agent answers at SSH_AUTH_SOCK; "
            "start one (ssh-agent), or set it to variable"
        ) from None
    async with agent:
        if not keys:
            raise ConfigError(f"{place}.ssh.key is agent, but the agent holds no key; ssh-add one")
        yield keys


def _key(private_key: str) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(private_key)
    except asyncssh.KeyEncryptionError:
        problem = "has a passphrase"
    except asyncssh.KeyImportError as error:
        problem = "has a passphrase" if "assphrase" in str(error) else "is no private key"
    raise ConfigError(
        f"TF_VAR_ssh_private_key {problem}; give a private key without a passphrase, with its "
        'line breaks ("$(cat ~/.ssh/id_ed25519)"), or set cluster.ssh.key to agent'
    )


def _known_hosts(
    cluster: K3sSettings,
) -> tuple[list[asyncssh.SSHKey], list[str], list[str]] | None:
    """None: without a host key in the file, any host is trusted, as terraform does."""
    if cluster.ssh.host_key is None:
        return None
    return ([asyncssh.import_public_key(cluster.ssh.host_key)], [], [])


def _key_source(key: str) -> str:
    return "the keys in your agent (ssh-add -l)" if key == "agent" else "TF_VAR_ssh_private_key"
