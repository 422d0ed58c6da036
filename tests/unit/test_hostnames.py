import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eaas.environment import Environment, ServiceLabels
from eaas.errors import ConfigError
from eaas.fields import LABEL
from eaas.hostnames import Hostnames
from tests.unit.environments import ABSENT, environment

PROD = {"prefix": ABSENT, "zone": "truealpha.club"}
STAGING = {"prefix": "x-staging", "zone": "truealpha.club"}


def names(made: Environment) -> dict[str, str]:
    hostnames = Hostnames([made])
    return {service: hostnames.host(made, service) for service in ServiceLabels.model_fields}


def test_with_a_prefix_it_is_joined_to_every_label_and_the_frontend_is_the_prefix() -> None:
    assert names(environment("staging", STAGING)) == {
        "infisical": "cloud-x-staging.truealpha.club",
        "frontend": "x-staging.truealpha.club",
        "backend": "api-x-staging.truealpha.club",
    }


def test_without_a_prefix_the_frontend_is_the_zone_itself() -> None:
    assert names(environment("prod", PROD)) == {
        "infisical": "cloud.truealpha.club",
        "frontend": "truealpha.club",
        "backend": "api.truealpha.club",
    }


@pytest.mark.parametrize(
    ("https", "url"),
    [(True, "https://cloud.truealpha.club"), (False, "http://cloud.truealpha.club")],
)
def test_a_url_says_how_visitors_come(https: bool, url: str) -> None:
    made = environment("prod", {**PROD, "https": https})
    assert Hostnames([made]).url(made, "infisical") == url


def test_every_claim_can_be_listed_with_its_owner() -> None:
    made = environment("prod", PROD)
    assert list(Hostnames([made])) == [
        ("cloud.truealpha.club", made, "infisical"),
        ("truealpha.club", made, "frontend"),
        ("api.truealpha.club", made, "backend"),
    ]


def test_two_services_of_one_environment_with_one_name_are_both_named() -> None:
    made = environment("staging", {**STAGING, "hostnames.infisical": "api"})
    with pytest.raises(ConfigError) as caught:
        Hostnames([made])
    assert str(caught.value) == (
        "api-x-staging.truealpha.club is claimed by infisical of environments/staging.yaml and "
        "by backend of environments/staging.yaml; change hostnames.backend or prefix in one of them"
    )


def test_two_environments_of_a_zone_with_one_name_are_both_named() -> None:
    environments = [environment("prod", PROD), environment("other", PROD)]
    with pytest.raises(ConfigError) as caught:
        Hostnames(environments)
    assert str(caught.value) == (
        "cloud.truealpha.club is claimed by infisical of environments/prod.yaml and by "
        "infisical of environments/other.yaml; change hostnames.infisical or prefix in one of them"
    )


def test_a_label_that_looks_like_anothers_prefix_is_found_out() -> None:
    sly = {**PROD, "hostnames.infisical": "vault", "hostnames.frontend": "www"}
    environments = [
        environment("staging", STAGING),
        environment("sly", {**sly, "hostnames.backend": "api-x-staging"}),
    ]
    with pytest.raises(ConfigError, match=r"^api-x-staging\.truealpha\.club is claimed by backend"):
        Hostnames(environments)


def test_the_same_labels_in_another_zone_are_no_collision() -> None:
    environments = [
        environment("prod", PROD),
        environment("other", {**PROD, "zone": "example.com"}),
    ]
    assert len(list(Hostnames(environments))) == 6


def test_a_zone_below_another_zone_can_collide_with_it() -> None:
    environments = [
        environment("staging", STAGING),
        environment("inner", {**PROD, "zone": "x-staging.truealpha.club"}),
    ]
    with pytest.raises(ConfigError, match=r"^x-staging\.truealpha\.club is claimed by frontend of"):
        Hostnames(environments)


def test_a_label_that_is_too_long_with_the_prefix_says_by_how_much() -> None:
    made = environment("staging", {**STAGING, "hostnames.infisical": "c" * 54})
    with pytest.raises(ConfigError) as caught:
        Hostnames([made])
    assert str(caught.value) == (
        f"environments/staging.yaml: hostnames.infisical: '{'c' * 54}-x-staging' has 64 "
        "characters, "
        "a DNS label has at most 63; shorten it or the prefix"
    )


def test_a_label_of_63_characters_with_the_prefix_is_taken() -> None:
    made = environment("staging", {**STAGING, "hostnames.infisical": "c" * 53})
    assert names(made)["infisical"].startswith("c" * 53 + "-x-staging.")


def test_a_name_longer_than_dns_allows_is_refused() -> None:
    zone = ".".join(["z" * 63] * 3) + ".example.com"
    made = environment("staging", {"zone": zone, "hostnames.infisical": "c" * 52})
    with pytest.raises(ConfigError, match="253"):
        Hostnames([made])


labels = st.from_regex(re.compile(LABEL), fullmatch=True)
environments = st.builds(
    lambda zone, prefix, infisical, frontend, backend: {
        "zone": zone,
        "prefix": prefix,
        "hostnames": {"infisical": infisical, "frontend": frontend, "backend": backend},
    },
    st.sampled_from(["truealpha.club", "example.com", "localhost"]),
    st.none() | st.sampled_from(["x", "x-staging"]) | labels,
    st.just("cloud") | labels,
    st.just("") | labels,
    st.sampled_from(["api", "api-x"]) | labels,
)


@settings(deadline=None, database=None)
@given(st.lists(environments, min_size=1, max_size=4))
def test_names_are_unique_and_one_label_below_the_zone_or_there_is_an_error(
    written: list[dict[str, Any]],
) -> None:
    made = [environment(f"env{number}", changes) for number, changes in enumerate(written)]
    wanted = [
        ("-".join(filter(None, [label, item["prefix"]])), item["zone"])
        for item in written
        for label in item["hostnames"].values()
    ]
    possible = all(len(label) <= 63 for label, _ in wanted) and len(set(wanted)) == len(wanted)
    try:
        claims = list(Hostnames(made))
    except ConfigError:
        assert not possible
        return
    assert possible
    hosts = Counter(host for host, _, _ in claims)
    assert len(hosts) == len(made) * len(ServiceLabels.model_fields)
    for host, owner, _ in claims:
        label = host.removesuffix(owner.zone).removesuffix(".")
        assert re.fullmatch(rf"({LABEL})?", label)
        assert re.fullmatch(rf"{LABEL}(\.{LABEL})*", host)
        assert len(host) <= 253
