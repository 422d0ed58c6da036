"""`python -m tests.bench build`, and `up` and `down` for people who want to look around."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from .bench import Bench
from .build import ensure_binaries
from .prerequisites import MissingPrerequisitesError, check_host


def _build(_: argparse.Namespace) -> None:
    check_host(_say)
    print(f"bench: ready in {ensure_binaries(_say).directory}")


def _up(arguments: argparse.Namespace) -> None:
    directory: Path = arguments.dir.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    pid_file = directory / "pid"
    work = directory / time.strftime("run-%Y%m%d-%H%M%S")
    signal.signal(signal.SIGTERM, _interrupt)
    with Bench(work, log=_say) as bench:
        host = bench.host(arguments.name)
        pid_file.write_text(str(os.getpid()))
        login = f"-i {host.keys.folder}/login_key -p {host.ssh_port} root@{host.address}"
        print(
            f"login      ssh {login}\n"
            f"host key   {host.host_key}\n"
            f"API port   {host.api_port} (https-listen-port in config.yaml)\n"
            f"installer  {bench.installer_url}\n"
            f"sha256     {bench.installer_sha256}\n"
            f"GITHUB_URL {bench.release_url}  ({', '.join(bench.k3s_versions)})\n"
            f"S3         {bench.s3_url}  bucket {bench.bucket}\n"
            f"Runs until Ctrl-C or: python -m tests.bench down --dir {directory}",
            flush=True,
        )
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("bench: ending")
        finally:
            pid_file.unlink(missing_ok=True)


def _down(arguments: argparse.Namespace) -> None:
    pid_file: Path = arguments.dir / "pid"
    if not pid_file.exists():
        sys.exit(f"bench: nothing runs from {arguments.dir}")
    os.kill(int(pid_file.read_text()), signal.SIGTERM)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _say(message: str) -> None:
    print(message, flush=True)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build", help="build the control plane into the cache")
    build.set_defaults(run=_build)
    up = commands.add_parser("up", help="start one host and the servers, until Ctrl-C")
    up.add_argument("--dir", type=Path, required=True, help="folder for keys and logs")
    up.add_argument("--name", default="vps1", help="name of the host")
    up.set_defaults(run=_up)
    down = commands.add_parser("down", help="end what `up` started")
    down.add_argument("--dir", type=Path, required=True)
    down.set_defaults(run=_down)
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except MissingPrerequisitesError as missing:
        sys.exit(str(missing))


if __name__ == "__main__":
    main()
