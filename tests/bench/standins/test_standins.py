"""The stand-in providers, against the real schemas and against terraform itself."""

from __future__ import annotations

import json
import lzma
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from . import StandinError, build

pytestmark = pytest.mark.bench

# What the installed bindings were generated from.
VERSIONS = {
    "null": ("hashicorp/null", "3.2.4"),
    "tls": ("hashicorp/tls", "4.1.0"),
    "random": ("hashicorp/random", "3.7.2"),
    "helm": ("hashicorp/helm", "3.1.1"),
    "kubernetes": ("hashicorp/kubernetes", "2.38.0"),
    "cloudflare": ("cloudflare/cloudflare", "5.14.0"),
}

REAL_SCHEMAS = "EAAS_PROVIDER_SCHEMAS"
RECOVER = Path(__file__).parent / "recover_schema.js"


@pytest.fixture(scope="module")
def mirror() -> Path:
    return build(VERSIONS)


# --- The schemas ---


class Item(NamedTuple):
    """What is compared of an attribute or block."""

    kind: str  # attribute or block
    required: bool
    type: str  # or the nesting mode


def _items(block: Any, path: str) -> Iterator[tuple[str, Item]]:
    for name, attribute in block.get("attributes", {}).items():
        yield from _attribute(attribute, f"{path}.{name}")
    for name, nested in block.get("block_types", {}).items():
        required = nested.get("min_items", 0) > 0
        yield f"{path}.{name}", Item("block", required, nested["nesting_mode"])
        yield from _items(nested["block"], f"{path}.{name}")


def _attribute(attribute: Any, path: str) -> Iterator[tuple[str, Item]]:
    required = attribute.get("required", False)
    nested = attribute.get("nested_type") or _as_nested(attribute["type"], required)
    mode = nested["nesting_mode"] if nested else json.dumps(attribute["type"])
    yield path, Item("attribute", required, mode)
    if nested:
        yield from _items(nested, path)


def _as_nested(kind: Any, required: bool) -> Any:
    """A list of objects as nested attributes: a binding does not tell which of both it was."""
    if isinstance(kind, str):
        return None
    mode, element = ("single", kind) if kind[0] == "object" else kind
    if element[0] != "object":
        return None
    members = {name: {"type": of, "required": required} for name, of in element[1].items()}
    return {"nesting_mode": mode, "attributes": members}


def _provider_items(schemas: Any) -> dict[str, Item]:
    items = dict(_items(schemas["provider"]["block"], "provider"))
    for kind in ("resource_schemas", "data_source_schemas"):
        for name, schema in schemas.get(kind, {}).items():
            path = name if kind == "resource_schemas" else f"data.{name}"
            items[path] = Item("schema", False, "")
            items.update(_items(schema["block"], path))
    return items


@pytest.mark.parametrize("name", VERSIONS)
def test_the_schema_is_the_real_one(mirror: Path, name: str) -> None:
    folder = os.environ.get(REAL_SCHEMAS)
    if not folder:
        pytest.skip(f"{REAL_SCHEMAS} names no folder with the real schemas")
    with lzma.open(Path(folder) / f"{name}.json.xz") as file:
        real = _provider_items(json.load(file))
    [recovered] = mirror.glob(f"registry.terraform.io/{'/'.join(VERSIONS[name])}/*/schema.json")
    ours = _provider_items(json.loads(recovered.read_text(encoding="utf-8")))

    different = {
        path: (real.get(path), ours.get(path))
        for path in real.keys() | ours.keys()
        if real.get(path) != ours.get(path)
    }
    assert not different, f"real and recovered, of {len(real)}: {different}"


# --- terraform ---

# One of everything: computed values and references to them, blocks, nested attributes, a write-only
# value, a data source.
CONFIGURATION: dict[str, Any] = {
    "terraform": {
        "required_providers": {
            name: {"source": source, "version": version}
            for name, (source, version) in VERSIONS.items()
            if name != "cloudflare"
        }
    },
    "provider": {"helm": {"kubernetes": {"host": "https://localhost:6443"}}},
    "data": {"kubernetes_namespace_v1": {"system": {"metadata": {"name": "kube-system"}}}},
    "resource": {
        "tls_private_key": {"key": {"algorithm": "ED25519"}},
        "random_password": {"password": {"length": 20}},
        "null_resource": {
            "all": {"triggers": {"key": "${tls_private_key.key.public_key_openssh}"}}
        },
        "kubernetes_namespace_v1": {"data": {"metadata": {"name": "data"}}},
        "helm_release": {
            "redis": {
                "name": "redis",
                "chart": "redis",
                "namespace": "${kubernetes_namespace_v1.data.metadata[0].name}",
                "set": [{"name": "a", "value": "${random_password.password.result}"}],
                "set_wo": [{"name": "b", "value": "write-only value"}],
                "set_wo_revision": 1,
                "timeouts": {"create": "10m"},
            }
        },
    },
    "output": {
        "id": {"value": "${null_resource.all.id}"},
        "uid": {"value": "${data.kubernetes_namespace_v1.system.metadata[0].uid}"},
        "status": {"value": "${helm_release.redis.metadata.app_version}"},
    },
}


class Terraform:
    """terraform in one folder, with the mirror as its only source of providers."""

    def __init__(self, folder: Path, mirror: Path) -> None:
        executable = shutil.which("terraform")
        assert executable, "terraform is not on PATH: install terraform 1.11 or newer"
        self.executable = executable
        self.folder = folder
        cli_config = folder / "cli.tfrc"
        cli_config.write_text(
            "disable_checkpoint = true\n"
            "provider_installation {\n"
            "  filesystem_mirror {\n"
            f"    path    = {json.dumps(str(mirror))}\n"
            '    include = ["registry.terraform.io/*/*"]\n'
            "  }\n"
            "}\n"
        )
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
        self.environment = {**inherited, "TF_CLI_CONFIG_FILE": str(cli_config)}

    def configure(self, configuration: Any) -> None:
        (self.folder / "main.tf.json").write_text(json.dumps(configuration, indent=2))

    def run(self, *arguments: str, expect: int = 0) -> str:
        """The output of a run that has to end with the status ``expect``."""
        result = subprocess.run(
            [self.executable, *arguments, "-no-color"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert result.returncode == expect, result.stdout
        return result.stdout


@pytest.fixture
def terraform(tmp_path: Path, mirror: Path) -> Terraform:
    return Terraform(tmp_path, mirror)


def test_plan_apply_and_destroy(terraform: Terraform) -> None:
    terraform.configure(CONFIGURATION)
    terraform.run("init", "-input=false")
    terraform.run("validate")
    assert "5 to add, 0 to change, 0 to destroy" in terraform.run("plan", "-input=false")
    terraform.run("apply", "-input=false", "-auto-approve")
    assert "No changes" in terraform.run("plan", "-input=false", "-detailed-exitcode")

    state = (terraform.folder / "terraform.tfstate").read_text()
    outputs = json.loads(state)["outputs"]
    assert outputs["id"]["value"].startswith("standin-")
    assert outputs["uid"]["value"] == "standin:data.kubernetes_namespace_v1.metadata.uid"
    assert "write-only value" not in state

    changed = json.loads(json.dumps(CONFIGURATION).replace('"10m"', '"20m"'))
    terraform.configure(changed)
    assert "0 to add, 1 to change, 0 to destroy" in terraform.run("plan", "-input=false")
    assert "5 destroyed" in terraform.run("destroy", "-input=false", "-auto-approve")


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (
            "random_password",
            {"length": 8, "lenght": 8},
            'No argument or block type is named "lenght"',
        ),
        ("random_password", {}, 'The argument "length" is required, but no definition was found'),
        (
            "kubernetes_namespace_v1",
            {"metadata": {"nmae": "data"}},
            'No argument or block type is named "nmae"',
        ),
        ("kubernetes_config_map_v1", {}, 'At least 1 "metadata" blocks are required'),
        ("helm_release", {"name": "redis"}, 'The argument "chart" is required'),
        (
            "tls_private_key",
            {"algorithm": ["RSA"]},
            'Inappropriate value for attribute "algorithm"',
        ),
    ],
    ids=["unknown", "missing", "unknown-in-block", "missing-block", "missing-of-two", "type"],
)
def test_terraform_refuses_what_the_schema_does_not_allow(
    terraform: Terraform, kind: str, arguments: Any, message: str
) -> None:
    terraform.configure(
        {"terraform": CONFIGURATION["terraform"], "resource": {kind: {"wrong": arguments}}}
    )
    terraform.run("init", "-input=false")
    output = terraform.run("validate", expect=1)
    assert message in " ".join(output.replace("│", " ").split())


# --- Building ---


def test_what_cannot_be_recovered_is_named(tmp_path: Path) -> None:
    module = tmp_path / "lib" / "odd-thing" / "index.js"
    module.parent.mkdir(parents=True)
    module.write_text('class OddThing extends require("cdktf").Novelty {}\n')
    result = subprocess.run(
        ["node", str(RECOVER), str(tmp_path), str(tmp_path / "schema.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "odd-thing: cdktf.Novelty is not modelled" in result.stderr
    assert not (tmp_path / "schema.json").exists()


def test_a_second_build_finds_the_first(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # neither Go nor Node.js
    assert build(VERSIONS) == mirror


@pytest.mark.parametrize(
    ("versions", "tools", "message"),
    [
        ({"null": VERSIONS["null"]}, [], r"`node`, .* install Node\.js"),
        ({"null": VERSIONS["null"]}, ["node"], r"`go`, .* install Go"),
        (
            {"null": ("hashicorp/null", "3.0.0")},
            ["node", "go"],
            r"generated from hashicorp/null 3\.2\.4",
        ),
        (
            {"nothing": ("hashicorp/nothing", "1.0.0")},
            [],
            "pip install cdktf-cdktf-provider-nothing",
        ),
    ],
    ids=["no-node", "no-go", "other-version", "no-binding"],
)
def test_a_failed_build_says_why_in_one_line_and_leaves_nothing(
    versions: dict[str, tuple[str, str]],
    tools: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "bin"
    path.mkdir()
    for tool in tools:
        found = shutil.which(tool)
        assert found, f"{tool} is not on PATH"
        (path / tool).symlink_to(found)
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    with pytest.raises(StandinError, match=message) as error:
        build(versions)
    assert "\n" not in str(error.value)
    assert not list((tmp_path / "cache/eaas/standins").glob("*/*"))
    assert not list((tmp_path / "cache/eaas/standins").glob(".building-*"))
