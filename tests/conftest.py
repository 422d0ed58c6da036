import pytest

from tests.synth.app import Synthesis, run_app


@pytest.fixture(scope="session")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """Every stack of every environment in `environments/`, synthesized once."""
    outdir = tmp_path_factory.mktemp("cdktf.out")
    answer = run_app(outdir)
    assert answer.returncode == 0, answer.stderr
    return Synthesis.load(outdir)
