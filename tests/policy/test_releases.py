import re

import pytest

from eaas.pins import pins
from tests.policy.values import leaves, values
from tests.synth.app import Resource, Synthesis, strings

EXACT = r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?"
PINNED_TAG = r"v?\d+\.\d+(\.\d+)*([-.][0-9A-Za-z.-]+)?(@sha256:[0-9a-f]{64})?"
ROLLING = r"(^|[-.])(latest|edge|nightly|main|master|dev|stable|canary|rolling)($|[-.])"


@pytest.mark.parametrize(
    ("argument", "form"),
    [
        ("repository", r"(https?|oci)://\S+"),
        ("chart", r"[a-z0-9-]+"),
        ("version", EXACT),
        ("namespace", r"\$\{kubernetes_namespace_v1\.[\w-]+\.metadata\[0\]\.name\}"),
        ("timeout", r"[1-9]\d{2,3}"),
        ("wait", "True"),
        ("wait_for_jobs", "True"),
        ("upgrade_install", "True"),
    ],
)
def test_every_release_says_exactly_what_it_is_and_is_waited_for(
    releases: list[Resource], argument: str, form: str
) -> None:
    wrong = [
        f"{release}: {argument} {release.body.get(argument)!r}"
        for release in releases
        if not re.fullmatch(form, str(release.body.get(argument)))
    ]
    assert wrong == []


def test_every_release_is_of_a_chart_in_the_table_of_pins(releases: list[Resource]) -> None:
    unknown = {release.body["chart"] for release in releases} - set(pins().charts)
    assert unknown == set()


def test_every_chart_and_image_in_the_table_of_pins_is_used(
    synthesis: Synthesis, releases: list[Resource]
) -> None:
    assert {release.body["chart"] for release in releases} == set(pins().charts)
    text = "\n".join(strings(synthesis.stacks))
    for image in pins().images.model_dump().values():
        assert image.rpartition(":")[2] in text


def test_no_two_releases_of_an_environment_share_name_and_namespace(
    releases: list[Resource],
) -> None:
    names = [
        (release.stack.rpartition("-")[0], release.body["namespace"], release.body["name"])
        for release in releases
    ]
    assert len(set(names)) == len(names)


def test_every_stack_with_a_release_reads_the_cluster_itself(
    synthesis: Synthesis, releases: list[Resource]
) -> None:
    """helm alone takes an unreachable API for "no release"; a kubernetes object fails the plan."""
    for stack in {release.stack for release in releases}:
        document = synthesis.stacks[stack]
        kinds = [*document.get("resource", {}), *document.get("data", {})]
        assert [kind for kind in kinds if kind.startswith("kubernetes_")], stack


@pytest.mark.parametrize("word", ["bitnami", ":latest", "bitnamilegacy"])
def test_what_is_gone_or_moves_is_nowhere(synthesis: Synthesis, word: str) -> None:
    assert [text for text in strings(synthesis.stacks) if word in text.lower()] == []


def images(synthesis: Synthesis) -> list[str]:
    """Every image that is run: of containers, and of releases in the forms that charts take."""
    found = [
        container["image"]
        for job in synthesis.resources("kubernetes_job_v1")
        for container in job.body["spec"]["template"]["spec"]["container"]
    ]
    for release in synthesis.resources("helm_release"):
        given = dict(leaves(values(release)))
        found += [value for path, value in given.items() if path.endswith("imageName")]
        for path, tag in given.items():
            if path.endswith("image.tag"):
                repository = given[path.removesuffix("tag") + "repository"]
                found.append(f"{repository}:{tag}")
    return found


def test_every_image_has_a_tag_that_stays(synthesis: Synthesis) -> None:
    tags = {image.rpartition("/")[2].partition(":")[2] for image in images(synthesis)}
    assert len(tags) >= 3
    assert [tag for tag in tags if not re.fullmatch(PINNED_TAG, tag)] == []
    assert [tag for tag in tags if re.search(ROLLING, tag)] == []


@pytest.mark.parametrize("tag", ["latest", "16", "v1", "stable", "7.4-latest", "", "main-1.2"])
def test_a_rolling_tag_would_be_found(tag: str) -> None:
    assert not re.fullmatch(PINNED_TAG, tag) or re.search(ROLLING, tag)


def test_every_container_of_ours_has_requests_and_a_limit_of_memory(synthesis: Synthesis) -> None:
    without = [
        str(job)
        for job in synthesis.resources("kubernetes_job_v1")
        for container in job.body["spec"]["template"]["spec"]["container"]
        if not container["resources"]["limits"]["memory"]
        or not container["resources"]["requests"].keys() >= {"cpu", "memory"}
    ]
    assert without == []


def test_every_release_gives_its_workload_requests_and_a_limit_of_memory(
    releases: list[Resource],
) -> None:
    wanted = ("resources.requests.cpu", "resources.requests.memory", "resources.limits.memory")
    missing = [
        f"{release}: {path}"
        for release in releases
        for path in wanted
        if not any(given.endswith(path) and value for given, value in leaves(values(release)))
    ]
    assert missing == []
