"""The app: builds every stack of every environment and synthesizes Terraform JSON."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "constructs"))

try:
    from eaas import preflight
    from eaas.errors import ConfigError
    from eaas.hostnames import Hostnames
    from eaas.loader import load_environments
except ModuleNotFoundError as error:
    sys.exit(f"error: {error}; run: make synth, and after that .venv/bin/python main.py")


def main() -> None:
    environments = load_environments(Path(os.environ.get("EAAS_ENVIRONMENTS") or "environments"))
    hostnames = Hostnames(environments)
    from eaas.terraform import App
    from stacks.phase0 import Phase0
    from stacks.phase1 import Phase1

    app = App()
    for environment in environments:
        phase0 = Phase0(app, environment, hostnames)
        Phase1(app, environment, phase0=phase0)
    app.synth()

    if invoked := preflight.invocation():
        preflight.check(invoked, environments, Path(app.outdir))


if __name__ == "__main__":
    try:
        main()
    except ConfigError as error:
        sys.exit(f"error: {error}")
