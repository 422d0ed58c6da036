"""An S3 server for terraform state, started as a process of its own."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .ports import free_port, is_open

# boto3 has no type information of its own, and the bench does not ask for the stubs.
_boto3: Any = importlib.import_module("boto3")

REGION = "us-east-1"
ACCESS_KEY = "bench"
SECRET_KEY = "bench-secret"


class ObjectStore:
    """moto's S3, which honours conditional writes as terraform's lock file needs them."""

    def __init__(self, log_file: Path, bucket: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.bucket = bucket
        # Dies with us: nothing else would end it when a test run is killed.
        command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "moto.server"]
        with log_file.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, "-H", "127.0.0.1", "-p", str(port)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._wait_until_open(port, log_file)
        self.client: Any = _boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )
        self.client.create_bucket(Bucket=bucket)

    def _wait_until_open(self, port: int, log_file: Path) -> None:
        deadline = time.monotonic() + 60
        while not is_open(port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                text = log_file.read_text(errors="replace")
                raise RuntimeError(f"bench: the S3 server did not start:\n{text[-2000:]}")
            time.sleep(0.1)

    def close(self) -> None:
        """End the server; what it held is gone."""
        self._process.terminate()
        self._process.wait(20)
