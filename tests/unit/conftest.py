from pathlib import Path

import pytest

from tests.unit.one_stack import OneStack


@pytest.fixture
def one(tmp_path: Path) -> OneStack:
    return OneStack(tmp_path / "cdktf.out")
