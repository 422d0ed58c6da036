import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from eaas import lazy_bindings
from tests.synth.app import ROOT


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package that loads everything it has when it is imported, as the bindings do."""
    folder = tmp_path / "heavy_binding"
    folder.mkdir()
    (folder / "__init__.py").write_text("WHOLE = True\n")
    (folder / "part.py").write_text("VALUE = 42\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("NODE_OPTIONS", "--max-old-space-size=512")
    yield "heavy_binding"
    for name in [name for name in sys.modules if name.startswith("heavy_binding")]:
        del sys.modules[name]


def test_a_part_of_a_package_is_loaded_without_the_whole(package: str) -> None:
    lazy_bindings.install([package])
    assert import_module(f"{package}.part").VALUE == 42
    assert not hasattr(sys.modules[package], "WHOLE")


def test_without_it_the_whole_is_loaded(package: str) -> None:
    assert import_module(f"{package}.part").VALUE == 42
    assert sys.modules[package].WHOLE is True


def test_a_package_that_is_imported_already_stays_as_it_is(package: str) -> None:
    whole = import_module(package)
    lazy_bindings.install([package])
    assert sys.modules[package] is whole


def test_a_package_that_is_not_installed_is_named(package: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_binding'"):
        lazy_bindings.install(["no_such_binding"])


def test_nodes_own_options_stay_and_ours_is_added_once(package: str) -> None:
    lazy_bindings.install([package])
    lazy_bindings.install([package])
    assert os.environ["NODE_OPTIONS"] == (
        f'--max-old-space-size=512 --require "{ROOT}/constructs/eaas/lazy_bindings.js"'
    )


@pytest.mark.parametrize(
    ("package", "files", "loaded"),
    [
        ("@cdktf/provider-x", ["index", "lazy-index"], "lazy-index"),
        ("@cdktf/provider-x", ["index"], "index"),
        ("@cdktf/other", ["index", "lazy-index"], "index"),
        ("provider-x", ["index", "lazy-index"], "index"),
    ],
)
def test_node_loads_a_providers_lazy_index_where_there_is_one(
    tmp_path: Path, package: str, files: list[str], loaded: str
) -> None:
    folder = tmp_path / "node_modules" / package / "lib"
    folder.mkdir(parents=True)
    (folder.parent / "package.json").write_text('{"main": "lib/index.js"}')
    for name in files:
        (folder / f"{name}.js").write_text(f"module.exports = {name!r};\n")
    preload = str(lazy_bindings.PRELOAD)
    answer = subprocess.run(
        ["node", "--require", preload, "--print", f"require('{package}')"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == loaded
