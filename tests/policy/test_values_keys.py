"""Helm takes a misspelt key without a word, so the keys that we pass are known ones.

`chart_values/<chart>.yaml` lists them with the types that the chart's own values have. A new key:
look it up in the values of the pinned chart version, then add it there.
"""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from eaas.pins import ChartName, pins
from tests.policy.values import leaves, values
from tests.synth.app import Resource

KNOWN = Path(__file__).with_name("chart_values")
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "free form": (str, int, bool, dict, list),
}
CHARTS = list(pins().charts)


def known(chart: ChartName) -> dict[str, str]:
    content: dict[str, str] = YAML(typ="safe", pure=True).load(KNOWN / f"{chart}.yaml")
    return content


def passed(releases: list[Resource], chart: ChartName) -> list[tuple[str, Any]]:
    found = [
        leaf
        for release in releases
        if release.body["chart"] == chart
        for leaf in leaves(values(release))
    ]
    assert found
    return found


@pytest.mark.parametrize("chart", CHARTS)
def test_every_key_that_is_passed_exists_in_the_chart(
    releases: list[Resource], chart: ChartName
) -> None:
    assert {path for path, _ in passed(releases, chart)} - known(chart).keys() == set()


@pytest.mark.parametrize("chart", CHARTS)
def test_every_value_has_the_type_that_the_chart_expects(
    releases: list[Resource], chart: ChartName
) -> None:
    types = known(chart)
    wrong = [
        f"{path}: {value!r} is no {types[path]}"
        for path, value in passed(releases, chart)
        if type(value) not in TYPES[types[path]]
    ]
    assert wrong == []


@pytest.mark.parametrize("chart", CHARTS)
def test_the_list_holds_nothing_that_is_not_passed(
    releases: list[Resource], chart: ChartName
) -> None:
    assert known(chart).keys() == {path for path, _ in passed(releases, chart)}


@pytest.mark.parametrize("chart", CHARTS)
def test_the_list_is_of_the_pinned_version(chart: ChartName) -> None:
    (first, *_) = (KNOWN / f"{chart}.yaml").read_text().splitlines()
    assert first.startswith(f"# Chart {chart} {pins().charts[chart].version}")
