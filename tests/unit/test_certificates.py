from typing import Any

import pytest

from eaas.certificates import AdminCertificate, CertificateAuthority
from tests.unit.one_stack import OneStack

KINDS = ("tls_private_key", "tls_self_signed_cert", "tls_cert_request", "tls_locally_signed_cert")


def certificates(one: OneStack, *, protect: bool = False) -> dict[str, dict[str, Any]]:
    """All resources of an authority and of an administrator under it, by construct path."""
    authority = CertificateAuthority(
        one.stack, "client", common_name="k3s-client-ca", protect=protect
    )
    AdminCertificate(one.stack, "admin", authority=authority, protect=protect)
    return {path: body for kind in KINDS for path, body in one.resources(kind).items()}


def test_the_authority_may_sign_certificates_and_nothing_signs_it_but_itself(one: OneStack) -> None:
    body = certificates(one)["client/Default"]
    assert body["is_ca_certificate"] is True
    assert "cert_signing" in body["allowed_uses"]
    assert body["set_subject_key_id"] is True
    assert body["subject"] == [{"common_name": "k3s-client-ca"}]
    assert body["private_key_pem"].startswith("${tls_private_key.client_key_")


def test_the_administrator_is_signed_by_the_authority_for_client_logins_only(one: OneStack) -> None:
    body = certificates(one)["admin/Default"]
    assert body["allowed_uses"] == ["client_auth"]
    assert body["ca_cert_pem"].startswith("${tls_self_signed_cert.client.")
    assert body["ca_private_key_pem"].startswith("${tls_private_key.client_key_")
    assert body["cert_request_pem"].startswith("${tls_cert_request.admin_request_")


def test_kubernetes_lets_the_administrator_do_everything(one: OneStack) -> None:
    (subject,) = certificates(one)["admin/request"]["subject"]
    assert subject == {"common_name": "eaas-admin", "organization": "system:masters"}


def test_both_live_ten_years_since_a_renewal_would_break_the_plan_it_is_in(one: OneStack) -> None:
    bodies = certificates(one)
    assert bodies["client/Default"]["validity_period_hours"] == 87_600
    assert bodies["admin/Default"]["validity_period_hours"] == 87_600
    assert not any("early_renewal_hours" in body for body in bodies.values())


@pytest.mark.parametrize(
    ("protect", "lifecycle"), [(True, {"prevent_destroy": True}), (False, None)]
)
def test_every_key_and_certificate_is_protected_where_the_environment_is(
    one: OneStack, protect: bool, lifecycle: dict[str, bool] | None
) -> None:
    bodies = certificates(one, protect=protect)
    assert len(bodies) == 5
    assert {path: body.get("lifecycle") for path, body in bodies.items()} == dict.fromkeys(
        bodies, lifecycle
    )
