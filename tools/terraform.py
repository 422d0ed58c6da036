"""Terraform in the folder of a synthesized stack."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eaas.errors import ConfigError


class Terraform:
    def __init__(self, stack: str, folder: Path | None = None) -> None:
        self.stack = stack
        stacks = (folder or Path(os.environ.get("CDKTF_OUTDIR", "cdktf.out"))) / "stacks"
        self.folder = stacks / stack
        if not (self.folder / "cdk.tf.json").is_file():
            known = sorted(path.name for path in stacks.iterdir()) if stacks.is_dir() else []
            raise ConfigError(f"{stack}: no such stack; there are {', '.join(known) or 'none'}")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        program = os.environ.get("TERRAFORM_BINARY_NAME", "terraform")
        return subprocess.run(
            [program, f"-chdir={self.folder}", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "TF_INPUT": "0", "TF_IN_AUTOMATION": "1"},
        )

    def must(self, *arguments: str) -> str:
        """The command's output. Raises ConfigError with terraform's own words."""
        answer = self.run(*arguments)
        if answer.returncode != 0:
            words = (answer.stderr or answer.stdout).strip()
            raise ConfigError(f"{self.stack}: terraform {arguments[0]} failed:\n{words}")
        return answer.stdout

    def init(self) -> None:
        self.must("init", "-input=false", "-no-color", "-reconfigure")

    def output(self, name: str) -> str | None:
        """One output, or None if the stack was never deployed that far."""
        outputs = json.loads(self.must("output", "-json", "-no-color"))
        return str(outputs[name]["value"]) if name in outputs else None

    def planned(self) -> Iterator[dict[str, Any]]:
        """What an apply would do now to each resource: address, type, actions, planned values."""
        plan = self.folder / "recover.tfplan"
        try:
            self.must("plan", "-input=false", "-no-color", "-lock=false", f"-out={plan.name}")
            document = json.loads(self.must("show", "-json", plan.name))
        finally:
            plan.unlink(missing_ok=True)  # a plan holds secrets
        for change in document.get("resource_changes", []):
            if change["mode"] == "managed":
                yield change
