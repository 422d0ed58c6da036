"""Certificates that terraform makes, so that a cluster's credentials are known before it exists.

k3s uses the authorities it finds in `server/tls` at its first start
(https://docs.k3s.io/cli/certificate#using-custom-ca-certificates).
"""

from constructs import Construct

from eaas.protection import protection
from eaas.terraform import (
    CertRequest,
    CertRequestSubject,
    LocallySignedCert,
    PrivateKey,
    SelfSignedCert,
    SelfSignedCertSubject,
)

TEN_YEARS = 87_600
"""Hours. The admin certificate lives as long as its authority: renewing either in a running
environment makes the provider's configuration unknown in the middle of a plan."""


class CertificateAuthority(Construct):
    """A self-signed authority with an EC P-256 key, as k3s makes them."""

    def __init__(self, scope: Construct, id: str, *, common_name: str, protect: bool) -> None:
        super().__init__(scope, id)
        key = PrivateKey(
            self, "key", algorithm="ECDSA", ecdsa_curve="P256", lifecycle=protection(protect)
        )
        certificate = SelfSignedCert(
            self,
            "Default",
            private_key_pem=key.private_key_pem,
            subject=[SelfSignedCertSubject(common_name=common_name)],
            is_ca_certificate=True,
            set_subject_key_id=True,
            validity_period_hours=TEN_YEARS,
            allowed_uses=["cert_signing", "digital_signature", "key_encipherment"],
            lifecycle=protection(protect),
        )
        self.certificate: str = certificate.cert_pem
        self.key: str = key.private_key_pem


class AdminCertificate(Construct):
    """A client certificate in `system:masters`, which Kubernetes lets do everything."""

    def __init__(
        self, scope: Construct, id: str, *, authority: CertificateAuthority, protect: bool
    ) -> None:
        super().__init__(scope, id)
        key = PrivateKey(
            self, "key", algorithm="ECDSA", ecdsa_curve="P256", lifecycle=protection(protect)
        )
        request = CertRequest(
            self,
            "request",
            private_key_pem=key.private_key_pem,
            subject=[CertRequestSubject(common_name="eaas-admin", organization="system:masters")],
            lifecycle=protection(protect),
        )
        certificate = LocallySignedCert(
            self,
            "Default",
            cert_request_pem=request.cert_request_pem,
            ca_cert_pem=authority.certificate,
            ca_private_key_pem=authority.key,
            validity_period_hours=TEN_YEARS,
            allowed_uses=["client_auth"],
            lifecycle=protection(protect),
        )
        self.certificate: str = certificate.cert_pem
        self.key: str = key.private_key_pem
