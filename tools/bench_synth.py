"""How long the app takes to synthesize every environment, beside the same app with plain imports.

Each pair of runs takes turns, so that both see the same machine; the ratio is that of the
best of each: noise only ever adds. The time is that of the whole process, Node included; memory is
that of its largest process.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""Without it, as people run Python: else both sides would compile our modules every time."""
LAZY = ["main.py"]
PLAIN = ["-m", "tools.plain_synth"]


def measure(arguments: list[str], outdir: str) -> float:
    """Seconds of one run."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        check=True,
        capture_output=True,
        env={
            **{name: value for name, value in os.environ.items() if name != NO_BYTECODE},
            "CDKTF_OUTDIR": outdir,
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        },
    )
    return time.perf_counter() - started


def peak_memory() -> float:
    """MiB of the largest child so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def same(left: Path, right: Path) -> bool:
    names = {path.relative_to(left) for path in left.rglob("cdk.tf.json")}
    return bool(names) and all((left / n).read_bytes() == (right / n).read_bytes() for n in names)


def main() -> None:
    with tempfile.TemporaryDirectory() as lazy_out, tempfile.TemporaryDirectory() as plain_out:
        measure(LAZY, lazy_out)  # fills jsii's package cache and the bytecode
        lazy_memory = peak_memory()
        measure(PLAIN, plain_out)
        plain_memory = peak_memory()
        times = [(measure(LAZY, lazy_out), measure(PLAIN, plain_out)) for _ in range(ROUNDS)]
        identical = same(Path(lazy_out), Path(plain_out))
    lazy, plain = (min(column) for column in zip(*times, strict=True))
    print(f"python main.py       {lazy:6.2f} s   {lazy_memory:5.0f} MiB")
    print(f"with plain imports   {plain:6.2f} s   {plain_memory:5.0f} MiB")
    print(f"ratio                {lazy / plain:6.2f}     (best of {ROUNDS} rounds)")
    print(f"output               {'identical' if identical else 'DIFFERS'}")
    sys.exit(not identical)


if __name__ == "__main__":
    main()
