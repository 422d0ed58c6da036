import json

import pytest
from ruamel.yaml import YAML

from tests.synth.app import ROOT
from tools import schema

FILES = sorted(path.name for path in (ROOT / "environments").glob("*.yaml"))


def test_the_schema_for_editors_is_the_models() -> None:
    assert (ROOT / schema.PATH).read_text() == schema.text(), "run: make schema"


def test_a_person_need_not_write_the_name() -> None:
    document = json.loads(schema.text())
    assert "name" not in document["properties"]
    assert "name" not in document["required"]
    assert document["additionalProperties"] is False


@pytest.mark.parametrize("name", FILES)
def test_every_environment_file_tells_its_editor_where_the_schema_is(name: str) -> None:
    path = ROOT / "environments" / name
    assert path.read_text().startswith(f"# yaml-language-server: $schema={schema.PATH.name}\n")
    assert set(YAML(typ="safe").load(path)) <= set(json.loads(schema.text())["properties"])
