"""Reads environment files. Every problem is one line: file, field, value, what is allowed."""

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


def load_environments(folder: Path) -> list[Environment]:
    """Every `*.yaml` of `folder`, by name.

    Raises ConfigError for the first file that is not right, with all of its problems.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; environment files are expected there")
    paths = sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})
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
        yield f"{_field(detail)}: {_problem(detail)}"


def _field(detail: ErrorDetails) -> str:
    # pydantic puts the tag of a union (`k3s`, `r2`) into the path; people did not write it there
    tags = {"k3s", "existing", "r2", "local"}
    path = [str(part) for part in detail["loc"] if part not in tags and part != "[key]"]
    return ".".join(path) or "the file"


def _problem(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            allowed = sorted(_siblings(detail))
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
        case _:
            return f"{detail['input']!r}: {detail['msg'].removeprefix('Input ')}"


def _siblings(detail: ErrorDetails) -> set[str]:
    """The keys that are allowed where an unknown one was found."""
    model: Any = Environment
    for part in detail["loc"][:-1]:
        model = _step(model, part)
    return set(model.model_fields) - {"name"}


def _step(model: Any, part: str | int) -> Any:
    """The model one step down: a field's, a list's element's, or a union's member by its tag."""
    if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
        return model.model_fields[str(part)].annotation
    for candidate in _arguments(model):
        if isinstance(part, int):
            return candidate
        for name in ("type", "backend"):
            field = candidate.model_fields.get(name)
            if field is not None and part in _arguments(field.annotation):
                return candidate
    raise LookupError(part)


def _arguments(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__args__", ())
