"""Writes the credentials of an environment's cluster to .kube/<environment>.yaml, mode 0600."""

import os
import sys
from pathlib import Path

from eaas.errors import ConfigError
from tools.terraform import Terraform


def main(environment: str) -> None:
    terraform = Terraform(f"{environment}-phase0")
    terraform.init()
    text = terraform.output("kubeconfig")
    if text is None:
        raise ConfigError(
            f"{environment} has no cluster yet; run: npx cdktf deploy {terraform.stack}"
        )
    folder = Path(".kube")
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{environment}.yaml"
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    new.replace(path)
    print(f"{path}: export KUBECONFIG={path.resolve()}")


if __name__ == "__main__":
    try:
        if len(sys.argv) != 2:
            raise ConfigError("say which environment: make kubeconfig ENV=staging")
        main(sys.argv[1])
    except ConfigError as error:
        sys.exit(f"error: {error}")
