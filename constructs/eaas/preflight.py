"""Checks before `cdktf deploy`, `diff` or `destroy` starts terraform: nothing has changed yet.

The cdktf command line starts the app, but gives it neither its own arguments nor the TF_VAR_*
variables. Both are looked up in the process that started us. A direct `python main.py` is a
synthesis alone and checks nothing; terraform then says itself what it misses.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import psutil

from eaas.environment import EXAMPLE_ACCOUNT, Environment, K3sSettings, R2State
from eaas.errors import ConfigError
from eaas.pins import pins

COMMANDS = {"apply", "deploy", "destroy", "diff", "plan"}


@dataclass(frozen=True)
class Invocation:
    """A cdktf command that will run terraform on stacks."""

    command: str
    patterns: Sequence[str]
    variables: Mapping[str, str]
    """The environment variables of the command, TF_VAR_* included."""

    def selects(self, stack: str) -> bool:
        return any(fnmatchcase(stack, pattern) for pattern in self.patterns)


def invocation(processes: Iterable[psutil.Process] | None = None) -> Invocation | None:
    """The cdktf command that started this process, if one did and it will run terraform."""
    for process in processes if processes is not None else psutil.Process().parents():
        try:
            arguments, variables = process.cmdline(), process.environ()
        except psutil.Error:
            continue
        for position, argument in enumerate(arguments[:3]):
            if Path(argument).name in {"cdktf", "cdktf.js"}:
                return _parse(arguments[position + 1 :], variables)
    return None


def _parse(arguments: Sequence[str], variables: Mapping[str, str]) -> Invocation | None:
    # options may come first; what an option's value is can not be told, and does no harm
    for position, word in enumerate(arguments):
        if word in COMMANDS:
            names = [name for name in arguments[position + 1 :] if not name.startswith("-")]
            patterns = [pattern for name in names for pattern in _without_braces(name)]
            return Invocation(word, patterns, variables)
    return None


def _without_braces(pattern: str) -> Iterable[str]:
    """`staging-{phase0,phase1}` as two patterns: cdktf's globs have braces, Python's have none."""
    found = re.search(r"\{([^{}]*)\}", pattern)
    if found is None:
        return [pattern]
    before, after = pattern[: found.start()], pattern[found.end() :]
    return [
        whole
        for choice in found[1].split(",")
        for whole in _without_braces(f"{before}{choice}{after}")
    ]


def check(invoked: Invocation, environments: Sequence[Environment], folder: Path) -> None:
    """Raises ConfigError with every problem of the stacks that `invoked` selects.

    `folder` is the synthesized output: what each stack's variables are is read from there.
    """
    problems = [*_terraform(), *_logs(invoked.variables)]
    selected = [stack for stack in _manifest(folder) if invoked.selects(stack)]
    for environment in environments:
        stacks = [stack for stack in selected if stack.rpartition("-")[0] == environment.name]
        if stacks:
            problems += _environment(environment, invoked)
        for stack in stacks:
            problems += _variables(stack, folder, invoked)
    if problems:
        raise ConfigError("\n".join(dict.fromkeys(problems)))
    for environment in environments:
        if invoked.command in {"apply", "deploy"} and invoked.selects(f"{environment.name}-phase0"):
            _host(environment, invoked)


def _terraform() -> Iterable[str]:
    program = os.environ.get("TERRAFORM_BINARY_NAME", "terraform")
    if shutil.which(program) is None:
        yield f"{program}: not found on PATH; install Terraform {pins().terraform} or later"
        return
    answer = subprocess.run([program, "version", "-json"], capture_output=True, check=False)
    try:
        version = json.loads(answer.stdout)["terraform_version"]
        numbers = _numbers(version)
    except (ValueError, KeyError):
        return
    if numbers < _numbers(pins().terraform):
        yield f"{program} is version {version}; EaaS needs Terraform {pins().terraform} or later"


def _logs(variables: Mapping[str, str]) -> Iterable[str]:
    """Debug logs hold secrets: cdktf logs every output, the tls provider its private keys."""
    if variables.get("CDKTF_LOG_FILE_DIRECTORY"):
        yield "CDKTF_LOG_FILE_DIRECTORY is set; cdktf would write secrets to a log there: unset it"
    for name in ("CDKTF_LOG_LEVEL", "TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER"):
        # terraform takes a level that it does not know for TRACE
        if variables.get(name, "").lower() not in {"", "error", "info", "off", "warn"}:
            yield f"{name} is {variables[name]}; such a log would show secrets: set it to INFO"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _environment(environment: Environment, invoked: Invocation) -> Iterable[str]:
    place = environment.file
    if environment.protect and invoked.command == "destroy":
        yield (
            f"{place}: protect is true, so {environment.name} is not destroyed; to do it on "
            "purpose, set it to false, deploy, and destroy then"
        )
    if isinstance(environment.state, R2State):
        if environment.state.account_id == EXAMPLE_ACCOUNT:
            yield f"{place}: state.account_id is the example; put your Cloudflare account id there"
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            if not invoked.variables.get(name):
                yield (
                    f"{name} is not set; the state of {environment.name} is in R2 and needs an R2 "
                    "API token's key: see .env.example"
                )
    if isinstance(environment.cluster, K3sSettings) and environment.cluster.is_example:
        yield (
            f"{place}: cluster.host is {environment.cluster.host}, an address for examples; "
            "put your server's there"
        )


def _variables(stack: str, folder: Path, invoked: Invocation) -> Iterable[str]:
    for name, variable in _synthesized(folder, stack).get("variable", {}).items():
        if "default" not in variable and not invoked.variables.get(f"TF_VAR_{name}"):
            yield f"TF_VAR_{name} is not set; {stack} needs it: {variable['description']}"


def _host(environment: Environment, invoked: Invocation) -> None:
    if isinstance(environment.cluster, K3sSettings):
        from eaas.ssh import check_login  # its library takes longer to load than all of ours

        key = invoked.variables.get("TF_VAR_ssh_private_key", "")
        check_login(environment.name, environment.cluster, key)


def _manifest(folder: Path) -> list[str]:
    return list(json.loads((folder / "manifest.json").read_text())["stacks"])


def _synthesized(folder: Path, stack: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "stacks" / stack / "cdk.tf.json").read_text())
    return document
