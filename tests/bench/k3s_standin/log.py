"""Log lines as k3s writes them, and its way to give up."""

from __future__ import annotations

import sys
import time
from typing import NoReturn


def log(level: str, message: str) -> None:
    """Write one line to the journal."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    quoted = message.replace('"', '\\"')
    print(f'time="{now}" level={level} msg="{quoted}"', file=sys.stderr, flush=True)


def fatal(message: str) -> NoReturn:
    """Log and end, which the supervisor sees as a failed start."""
    log("fatal", message)
    raise SystemExit(1)
