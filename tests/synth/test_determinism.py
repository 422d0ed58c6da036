from pathlib import Path

import pytest

from tests.synth.app import Synthesis, run_app

COUNT = """
import runpy, sys
runpy.run_path("main.py", run_name="__main__")
print(sum(name.startswith("cdktf_cdktf_provider_") for name in sys.modules))
"""
PLAIN = """
import cdktf
import cdktf_cdktf_provider_helm
import cdktf_cdktf_provider_kubernetes
import cdktf_cdktf_provider_null
import cdktf_cdktf_provider_random
import cdktf_cdktf_provider_tls
"""


@pytest.mark.parametrize(
    ("program", "fewest", "most"),
    [(COUNT, 1, 60), (PLAIN + COUNT, 250, 5000)],
    ids=["once more", "with plain imports"],
)
def test_the_same_bytes_are_written(
    synthesis: Synthesis, tmp_path: Path, program: str, fewest: int, most: int
) -> None:
    answer = run_app(tmp_path / "elsewhere", ["-c", program])
    assert answer.returncode == 0, answer.stderr
    assert fewest <= int(answer.stdout) <= most  # modules: lazy indeed, and plain indeed
    again = Synthesis.load(tmp_path / "elsewhere").files()
    assert again.keys() == synthesis.files().keys()
    assert [path for path, text in synthesis.files().items() if again[path] != text] == []
