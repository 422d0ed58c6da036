"""Reads environment files. Every problem is one line: file, field, value, what is allowed."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from eaas.environment import Environment
from eaas.errors import ConfigError
from eaas.fields import LABEL


def load_environments(folder: Path) -> list[Environment]:
    """Every `*.yaml` of `folder`, by name.

    Raises ConfigError for the first file that is not right, with all of its problems.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; environment files are expected there")
    paths = sorted(
        path
        for path in folder.iterdir()
        if path.suffix in {".yaml", ".yml"} and not path.name.startswith(".")
    )
    if not paths:
        raise ConfigError(f"{folder}: no environment files; add one, such as staging.yaml")
    seen: dict[str, Path] = {}
    for path in paths:
        name = path.stem.lower()
        if name in seen:
            raise ConfigError(
                f"{path}: environment {name!r} is already defined by {seen[name]}; rename one"
            )
        seen[name] = path
    return [load_environment(path) for path in paths]


def load_environment(path: Path) -> Environment:
    """One environment file. Raises ConfigError."""
    if not re.fullmatch(LABEL, path.stem):
        raise ConfigError(
            f"{path}: the file's name is the environment's and part of every stack's: use "
            "lower-case letters, digits and dashes"
        )
    data = _read(path)
    if data is None:
        raise ConfigError(f"{path}: the file is empty; see environments/local.yaml for the keys")
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: keys and values are expected, not a {type(data).__name__}")
    if "name" in data:
        raise ConfigError(f"{path}: name: unknown key; an environment is named by its file")
    try:
        return Environment.model_validate({"name": path.stem, **data})
    except ValidationError as error:
        problems = [f"{path}: {problem}" for problem in describe(error)]
        raise ConfigError("\n".join(problems)) from None


def _read(path: Path) -> Any:
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        problem = (error.problem or "not valid YAML").splitlines()[0]
        raise ConfigError(f"{place}: {problem}") from None
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None


def describe(error: ValidationError) -> Iterator[str]:
    """One line per problem: `components.infisical.replicas: ...`."""
    for detail in error.errors(include_url=False, include_context=True):
        path, model = _walk(detail["loc"][:-1])
        last = str(detail["loc"][-1]) if detail["loc"] else ""
        # the last part is not a key where pydantic speaks of a whole union, or of a mapping's key
        key = [] if last == "[key]" or _member(model, last) else [last]
        yield f"{'.'.join([*path, *key])}: {_problem(detail, model)}"


def _problem(detail: ErrorDetails, model: Any) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            allowed = sorted(
                set(model.model_fields) - ({"name"} if model is Environment else set())
            )
            close = get_close_matches(str(detail["loc"][-1]), allowed, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            return f"unknown key; {hint}allowed: {', '.join(allowed)}"
        case "missing":
            return "missing; the key is required"
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"{detail['input']!r} is not allowed; use {context['expected']}"
        case "union_tag_not_found":
            return f"{context['discriminator']} is missing; it says which kind this is"
        case "union_tag_invalid":
            return f"{context['discriminator']} {context['tag']!r}: use {context['expected_tags']}"
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"{detail['input']!r}: keys and values are expected"
        case "bool_type":
            return f"{detail['input']!r} is not allowed; use true or false"
        case _:
            return f"{detail['input']!r}: {detail['msg'].removeprefix('Input ')}"


def _walk(location: tuple[str | int, ...]) -> tuple[list[str], Any]:
    """The keys that people wrote on the way to `location`, and the type that is expected there.

    Pydantic puts the tag of a union's member (`k3s`, `r2`) into the way; no such key is written.
    """
    path: list[str] = []
    expected: Any = Environment
    for part in location:
        member = _member(expected, part)
        if member is None:
            path.append(str(part))
            expected = _inner(expected, part)
        else:
            expected = member
    return path, expected


def _member(union: Any, tag: str | int) -> Any:
    """The model of a tagged union that `tag` stands for, or None."""
    for candidate in _arguments(union):
        for name in ("type", "backend"):
            field = getattr(candidate, "model_fields", {}).get(name)
            if field is not None and tag in _arguments(field.annotation):
                return candidate
    return None


def _inner(expected: Any, part: str | int) -> Any:
    """The type of a model's field, or of a list's or mapping's elements."""
    if isinstance(expected, type) and issubclass(expected, BaseModel):
        return expected.model_fields[str(part)].annotation
    return _arguments(expected)[-1]


def _arguments(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__args__", ())
