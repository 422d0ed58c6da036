"""A folder with one environment file, and the commands a person would run on it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from ruamel.yaml import YAML

from tests.bench import Bench, Host

REPOSITORY = Path(__file__).parents[2]
CDKTF = REPOSITORY / "node_modules" / ".bin" / "cdktf"
DEPLOY_LIMIT = 600
"""Seconds after which a command counts as hanging."""


@dataclass
class Result:
    code: int
    output: str
    """Standard output and error, without colours."""

    def __bool__(self) -> bool:
        raise TypeError("compare .code")


@dataclass
class Workspace:
    """`name`.yaml as the repository has it, with what the bench has elsewhere put in place."""

    folder: Path
    bench: Bench
    charts: str
    bucket: str
    name: str = "staging"
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environments.mkdir(parents=True)
        self.bench.s3.create_bucket(Bucket=self.bucket)
        data = read_yaml(REPOSITORY / "environments" / f"{self.name}.yaml")
        data["state"] |= {
            "account_id": "f" * 32,
            "bucket": self.bucket,
            "s3_endpoint": self.bench.s3_url,
        }
        data["chart_mirror"] = self.charts
        self.write(data)

    @property
    def environments(self) -> Path:
        return self.folder / "environments"

    @property
    def out(self) -> Path:
        return self.folder / "cdktf.out"

    @property
    def file(self) -> Path:
        return self.environments / f"{self.name}.yaml"

    def read(self) -> dict[str, Any]:
        return read_yaml(self.file)

    def write(self, data: Mapping[str, Any]) -> None:
        with self.file.open("w") as file:
            YAML(typ="safe", pure=True).dump(dict(data), file)

    def use(self, host: Host) -> None:
        """Point the environment at a host of the bench."""
        data = self.read()
        data["cluster"] |= {
            "host": host.address,
            "api_port": host.api_port,
            "ssh": {"user": "root", "port": host.ssh_port, "host_key": host.host_key},
            "installer": {"url": self.bench.installer_url, "sha256": self.bench.installer_sha256},
            "release_mirror": self.bench.release_url,
        }
        self.write(data)
        self.variables["TF_VAR_ssh_private_key"] = host.private_key

    def change(self, path: str, value: Any) -> None:
        """Change one setting: `change("cluster.ssh.user", "nobody")`."""
        data = self.read()
        *parents, last = path.split(".")
        section = data
        for part in parents:
            section = section.setdefault(part, {})
        section[last] = value
        self.write(data)

    # --- commands

    def start(self, command: str, *stacks: str) -> subprocess.Popen[str]:
        options = ["--auto-approve"] if command in {"deploy", "destroy"} else []
        if command == "deploy":
            options.append("--skip-provider-lock")  # it would ask the registry
        return subprocess.Popen(
            [str(CDKTF), command, *stacks, *options, "--output", str(self.out)],
            cwd=REPOSITORY,
            env=self.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(self, process: subprocess.Popen[str], limit: float = DEPLOY_LIMIT) -> Result:
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            kill(process)
            output, _ = process.communicate()
            raise AssertionError(f"still running after {limit} s:\n{output}") from None
        return Result(process.returncode, strip_colours(output))

    def wait_for_line(self, process: subprocess.Popen[str], pattern: str) -> str:
        """Read until a line matches. Returns what was read."""
        assert process.stdout is not None
        read = []
        for line in process.stdout:
            read.append(strip_colours(line))
            if re.search(pattern, read[-1]):
                return "".join(read)
        raise AssertionError(f"{pattern!r} never came:\n{''.join(read)}")

    def cdktf(self, command: str, *stacks: str) -> Result:
        return self.finish(self.start(command, *stacks))

    def tool(self, module: str, *arguments: str) -> Result:
        """A command of the Makefile: `make recover` is `tool("recover", ...)`."""
        done = subprocess.run(
            [sys.executable, "-m", f"tools.{module}", *arguments],
            cwd=self.folder,
            env=self.environ() | {"PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'constructs'}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=DEPLOY_LIMIT,
        )
        return Result(done.returncode, done.stdout + done.stderr)

    def terraform(self, stack: str, *arguments: str) -> Result:
        done = subprocess.run(
            ["terraform", f"-chdir={self.out / 'stacks' / stack}", *arguments],
            env=self.environ(),
            capture_output=True,
            text=True,
            check=False,
            timeout=DEPLOY_LIMIT,
        )
        return Result(done.returncode, strip_colours(done.stdout + done.stderr))

    def environ(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("TF_")},
            **self.bench.environment(),
            "EAAS_ENVIRONMENTS": str(self.environments),
            "CDKTF_OUTDIR": str(self.out),
            # the CLI's own plugin cache would mix the providers of different runs
            "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
            "CI": "1",
            "FORCE_COLOR": "0",
            **self.variables,
        }

    # --- what is stored

    def objects(self) -> list[str]:
        listing = self.bench.s3.list_objects_v2(Bucket=self.bucket)
        return sorted(item["Key"] for item in listing.get("Contents", []))

    def state(self, phase: str) -> dict[str, Any]:
        body = self.bench.s3.get_object(Bucket=self.bucket, Key=f"{self.name}/{phase}.tfstate")
        document: dict[str, Any] = json.loads(body["Body"].read())
        return document

    def addresses(self, phase: str) -> set[str]:
        """The managed resources in the state of a phase."""
        return {
            f"{item['type']}.{item['name']}"
            for item in self.state(phase)["resources"]
            if item["mode"] == "managed" and item["instances"]
        }

    def secrets(self, phase: str) -> set[str]:
        """Every secret text in the state of a phase."""
        names = {"result", "hex", "base64", "private_key_pem", "private_key_openssh"}
        return {
            str(instance["attributes"][name])
            for item in self.state(phase)["resources"]
            if item["type"].startswith(("random_", "tls_"))
            for instance in item["instances"]
            for name in names & instance["attributes"].keys()
            if instance["attributes"][name]
        }


def read_yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text())


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL to the command and everything that it started: a lost machine.

    cdktf runs terraform in a session of its own, so the process group would not reach it.
    """
    parent = psutil.Process(process.pid)
    family = [*parent.children(recursive=True), parent]
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(family[:-1], timeout=10)


def strip_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def lines_with(text: str, words: Sequence[str]) -> list[str]:
    return [line for line in text.splitlines() if any(word in line for word in words)]
