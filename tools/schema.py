"""Writes environments/schema.json, by which editors complete and check environment files."""

import json
from pathlib import Path

from eaas.environment import Environment

PATH = Path("environments/schema.json")


def text() -> str:
    schema = Environment.model_json_schema()
    del schema["properties"]["name"]  # an environment is named by its file
    schema["required"].remove("name")
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    PATH.write_text(text())
