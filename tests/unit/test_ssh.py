"""Logins to a real SSH server on loopback that behaves as hosts do."""

import asyncio
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import asyncssh
import pytest

from eaas import ssh
from eaas.environment import K3sSettings
from eaas.errors import ConfigError
from tests.unit.environments import ABSENT, environment
from tests.unit.ssh_agent import Agent
from tests.unit.ssh_keys import EC, ED25519, RSA, openssh_with_passphrase, pem

KEY = pem(ED25519, "openssh")
HOST_KEY = EC
WITHOUT_SUDO = "sudo: a password is required\n"


@dataclass(frozen=True)
class Server:
    port: int
    commands: list[str]


class Accounts(asyncssh.SSHServer):
    """`root`, `deploy` (with sudo) and `plain` (without), all with the same key."""

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        known = username in {"root", "deploy", "plain"}
        return known and key.public_data == ED25519.public_data


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    commands: list[str] = []

    async def shell(process: asyncssh.SSHServerProcess[str]) -> None:
        user = process.get_extra_info("username")
        commands.append(f"{user}: {process.command}")
        if user == "plain":
            process.stderr.write(WITHOUT_SUDO)
            process.exit(1)
        process.stdout.write("0\n")
        process.exit(0)

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            Accounts, "127.0.0.1", 0, server_host_keys=[HOST_KEY], process_factory=shell
        )

    async def stop(acceptor: asyncssh.SSHAcceptor) -> None:
        acceptor.close()
        await acceptor.wait_closed()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        await asyncio.gather(*rest, return_exceptions=True)

    def run(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=20)

    acceptor = run(start())
    yield Server(acceptor.get_port(), commands)
    run(stop(acceptor))
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    # not in tmp_path: the path of a socket may have 107 characters at most
    with tempfile.TemporaryDirectory() as folder, Agent(f"{folder}/agent.sock") as running:
        monkeypatch.setenv("SSH_AUTH_SOCK", running.path)
        yield running


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Connections are taken, but nobody speaks."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def cluster(port: int, **changes: Any) -> K3sSettings:
    login = {"host": "127.0.0.1", "ssh.port": port, "ssh.host_key": ABSENT, **changes}
    settings = environment(
        changes={f"cluster.{key}": value for key, value in login.items()}
    ).cluster
    assert isinstance(settings, K3sSettings)
    return settings


def refusal(settings: K3sSettings, key: str = KEY) -> str:
    with pytest.raises(ConfigError) as caught:
        ssh.check_login("staging", settings, key)
    return str(caught.value)


@pytest.mark.parametrize(
    ("user", "command"), [("root", "root: id -u"), ("deploy", "deploy: sudo -n id -u")]
)
def test_a_login_with_root_rights_passes_and_leaves_nothing(
    server: Server, user: str, command: str
) -> None:
    server.commands.clear()
    ssh.check_login("staging", cluster(server.port, **{"ssh.user": user}), KEY)
    assert server.commands == [command]


def test_the_right_host_key_is_accepted(server: Server) -> None:
    key = HOST_KEY.export_public_key().decode().strip()
    server.commands.clear()
    ssh.check_login("staging", cluster(server.port, **{"ssh.host_key": key}), KEY)
    assert server.commands == ["root: id -u"]


def test_another_host_key_is_refused_before_anything_runs(server: Server) -> None:
    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    key = other.export_public_key().decode().strip()
    server.commands.clear()
    message = refusal(cluster(server.port, **{"ssh.host_key": key}))
    assert message == (
        f"environments/staging.yaml: cluster.ssh.host_key: 127.0.0.1:{server.port} shows "
        "terraform another host key, of the first type it has of ecdsa, rsa, ed25519: put in what "
        f"ssh-keyscan -p {server.port} -t ecdsa 127.0.0.1 prints, if you trust it, or else "
        "somebody may be in between"
    )
    assert server.commands == []


@pytest.mark.parametrize(
    ("user", "key"), [("nobody", KEY), ("root", pem(EC, "openssh"))], ids=["user", "key"]
)
def test_a_wrong_user_or_key_names_the_login_and_what_to_check(
    server: Server, user: str, key: str
) -> None:
    assert refusal(cluster(server.port, **{"ssh.user": user}), key) == (
        f"environments/staging.yaml: cluster.ssh.user: {user}@127.0.0.1:{server.port} accepts no "
        "key of ours; check the user, TF_VAR_ssh_private_key, and ~/.ssh/authorized_keys on the "
        "host"
    )


def test_the_keys_of_the_agent_are_used_and_no_variable(server: Server, agent: Agent) -> None:
    agent.keys.append(ED25519)
    server.commands.clear()
    ssh.check_login("staging", cluster(server.port, **{"ssh.key": "agent"}), "")
    assert server.commands == ["root: id -u"]


def test_with_an_agent_its_keys_are_what_to_check(server: Server, agent: Agent) -> None:
    agent.keys.append(EC)
    message = refusal(cluster(server.port, **{"ssh.key": "agent"}), KEY)
    assert message.startswith("environments/staging.yaml: cluster.ssh.user: root@127.0.0.1:")
    assert "check the user, the keys in your agent (ssh-add -l)," in message


def test_an_agent_without_a_key_is_told_so(server: Server, agent: Agent) -> None:
    assert refusal(cluster(server.port, **{"ssh.key": "agent"})) == (
        "environments/staging.yaml: cluster.ssh.key is agent, but the agent holds no key; "
        "ssh-add one"
    )


@pytest.mark.parametrize("path", [None, "/nowhere/agent.sock"])
def test_without_an_agent_the_setting_and_the_ways_out_are_told(
    server: Server, monkeypatch: pytest.MonkeyPatch, path: str | None
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    if path:
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
    assert refusal(cluster(server.port, **{"ssh.key": "agent"})) == (
        "environments/staging.yaml: cluster.ssh.key is agent, but no SSH agent answers at "
        "SSH_AUTH_SOCK; start one (ssh-agent), or set it to variable"
    )


def test_a_user_without_sudo_is_told_so(server: Server) -> None:
    assert refusal(cluster(server.port, **{"ssh.user": "plain"})) == (
        "environments/staging.yaml: cluster.ssh.user: plain has no sudo without a password on "
        "127.0.0.1; allow it (NOPASSWD) or use root"
    )


@pytest.mark.parametrize(
    "key",
    [
        openssh_with_passphrase,
        lambda: pem(RSA, "pkcs1-pem", "secret"),
        lambda: pem(EC, "pkcs8-pem", "secret"),
    ],
    ids=["openssh", "pem", "pkcs8"],
)
def test_a_key_with_a_passphrase_is_refused_with_the_remedy(
    server: Server, key: Callable[[], str]
) -> None:
    message = refusal(cluster(server.port), key())
    assert message.startswith("TF_VAR_ssh_private_key has a passphrase")
    assert "give a private key without a passphrase" in message
    assert "set cluster.ssh.key to agent" in message


@pytest.mark.parametrize(
    "key",
    ["", "secret", KEY.replace("\n", r"\n"), ED25519.export_public_key().decode()],
    ids=["empty", "text", "flattened", "public"],
)
def test_what_is_no_private_key_is_refused_without_repeating_it(server: Server, key: str) -> None:
    message = refusal(cluster(server.port), key)
    assert message.startswith("TF_VAR_ssh_private_key is no private key; give a private key")
    assert '"$(cat ~/.ssh/id_ed25519)"' in message
    assert "secret" not in message


def test_a_closed_port_is_named_with_the_reason(unused_port: int) -> None:
    message = refusal(cluster(unused_port))
    assert message.startswith(
        f"environments/staging.yaml: cluster.host: root@127.0.0.1:{unused_port} cannot be reached: "
    )
    assert message.endswith("; check host, ssh.port and the firewall")


def test_a_host_that_never_answers_is_given_up(
    silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "TIMEOUT", 0.2)
    message = refusal(cluster(silent_port))
    assert f"127.0.0.1:{silent_port} cannot be reached: no answer within 0.2 seconds" in message


def test_a_name_that_does_not_resolve_is_named() -> None:
    message = refusal(cluster(22, host="host.invalid"))
    assert "cluster.host: root@host.invalid:22 cannot be reached: " in message


def test_a_host_key_of_a_type_that_the_host_has_not_is_named(server: Server) -> None:
    key = RSA.export_public_key().decode().strip()
    message = refusal(cluster(server.port, **{"ssh.host_key": key}))
    assert "cluster.ssh.host_key" in message
