"""What the code is allowed to look like."""

import ast
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.synth.app import ROOT, Synthesis

ENGINE = ROOT / "constructs" / "eaas" / "terraform.py"
SOURCES = [
    ROOT / "main.py",
    *sorted((ROOT / "constructs").rglob("*.py")),
    *sorted((ROOT / "stacks").rglob("*.py")),
    *sorted((ROOT / "tools").rglob("*.py")),
]


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                yield module


def engine_names(tree: ast.AST) -> set[str]:
    """What a file calls the classes that it has from the engine."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "eaas.terraform"
        for alias in node.names
    }


def dicts_in_lists(tree: ast.AST) -> Iterator[int]:
    """Lines where a dict is an element of a list that goes to a class of the engine."""
    names = engine_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                yield from _dict_elements(argument)


def _dict_elements(node: ast.AST) -> Iterator[int]:
    match node:
        case ast.Call():
            return  # what a call gives is judged where it is made
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            yield from (element.lineno for element in elements if _is_dict(element))
        case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element) if _is_dict(element):
            yield element.lineno
    for child in ast.iter_child_nodes(node):
        yield from _dict_elements(child)


def _is_dict(node: ast.expr) -> bool:
    made_by_name = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "dict"
    return isinstance(node, ast.Dict | ast.DictComp) or made_by_name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_engine_module_knows_the_engine(path: Path) -> None:
    known = [
        name
        for name in imported(ast.parse(path.read_text()))
        if name.split(".")[0] == "cdktf" or name.startswith("cdktf_cdktf_provider_")
    ]
    assert bool(known) == (path == ENGINE)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_lists_that_go_to_the_engine_hold_no_dicts(path: Path) -> None:
    """A dict in a list loses every key with an underscore, silently (hashicorp/terraform-cdk)."""
    assert list(dicts_in_lists(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    ("argument", "found"),
    [
        ("rule=[{'path_type': 'Prefix'}]", True),
        ("rule=[*others, dict(path_type='Prefix')]", True),
        ("rule=[{'path_type': p} for p in paths]", True),
        ("spec={'rule': [{'path_type': 'Prefix'}]}", True),
        ("rule=[Rule(path_type='Prefix')]", False),
        ("spec={'rule': 1}", False),
        ("values=[text({'a': [{'b_c': 1}]})]", False),
    ],
)
def test_a_dict_in_a_list_would_be_found(argument: str, found: bool) -> None:
    code = f"from eaas.terraform import IngressV1 as I\nI(stack, 'id', {argument})\n"
    assert bool(list(dicts_in_lists(ast.parse(code)))) is found


def test_the_folder_constructs_is_no_package_and_pypis_is_found() -> None:
    assert not (ROOT / "constructs" / "__init__.py").exists()
    answer = subprocess.run(
        [sys.executable, "-c", "import constructs as c; print(c.Construct, c.__file__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    library = Path(sysconfig.get_path("purelib"), "constructs", "__init__.py")
    assert answer.stdout == f"<class 'constructs.Construct'> {library}\n"


def test_every_module_in_stacks_is_a_stack_of_every_environment(synthesis: Synthesis) -> None:
    phases = {path.stem for path in (ROOT / "stacks").glob("*.py")} - {"__init__"}
    made: dict[str, set[str]] = {}
    for stack in synthesis.stacks:
        name, _, phase = stack.rpartition("-")
        made.setdefault(name, set()).add(phase)
    assert made
    assert made == dict.fromkeys(made, phases)


def test_the_app_is_a_page_at_most() -> None:
    assert len((ROOT / "main.py").read_text().splitlines()) <= 60
