"""The engine: the only module that imports cdktf and the provider bindings.

cdktf 0.21 is its last release. Moving to its successor `cdktn` means changing this module alone:
`cdktf` becomes `cdktn`, `cdktf_cdktf_provider_x` becomes `cdktn_provider_x`.
"""

# ruff: noqa: E402  (the lazy bindings must be in place before cdktf starts Node)
import os
import shutil

from eaas import lazy_bindings
from eaas.errors import ConfigError

if shutil.which("node") is None:
    raise ConfigError("node: not found on PATH; install Node.js 22 (20 works as well)")
# jsii 1.142 prints a page-long banner on Node 20, which cdktf-cli 0.21 still supports
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
lazy_bindings.install(lazy_bindings.BINDINGS)

from cdktf import (
    App,
    AssetType,
    DataTerraformRemoteStateLocal,
    DataTerraformRemoteStateS3,
    FileProvisioner,
    Fn,
    LocalBackend,
    LocalExecProvisioner,
    RemoteExecProvisioner,
    S3Backend,
    S3BackendEndpointConfig,
    SSHProvisionerConnection,
    TerraformAsset,
    TerraformOutput,
    TerraformRemoteState,
    TerraformResource,
    TerraformResourceLifecycle,
    TerraformStack,
    TerraformVariable,
    TerraformVariableValidationConfig,
)
from cdktf_cdktf_provider_helm.provider import HelmProvider, HelmProviderKubernetes
from cdktf_cdktf_provider_helm.release import Release
from cdktf_cdktf_provider_kubernetes.ingress_v1 import (
    IngressV1,
    IngressV1Metadata,
    IngressV1Spec,
    IngressV1SpecRule,
    IngressV1SpecRuleHttp,
    IngressV1SpecRuleHttpPath,
    IngressV1SpecRuleHttpPathBackend,
    IngressV1SpecRuleHttpPathBackendService,
    IngressV1SpecRuleHttpPathBackendServicePort,
)
from cdktf_cdktf_provider_kubernetes.job_v1 import (
    JobV1,
    JobV1Metadata,
    JobV1Spec,
    JobV1SpecTemplate,
    JobV1SpecTemplateMetadata,
    JobV1SpecTemplateSpec,
    JobV1SpecTemplateSpecContainer,
    JobV1SpecTemplateSpecContainerEnv,
    JobV1SpecTemplateSpecContainerEnvValueFrom,
    JobV1SpecTemplateSpecContainerEnvValueFromSecretKeyRef,
    JobV1SpecTemplateSpecContainerResources,
    JobV1Timeouts,
)
from cdktf_cdktf_provider_kubernetes.namespace_v1 import NamespaceV1, NamespaceV1Metadata
from cdktf_cdktf_provider_kubernetes.provider import KubernetesProvider
from cdktf_cdktf_provider_kubernetes.secret_v1 import SecretV1, SecretV1Metadata
from cdktf_cdktf_provider_null.provider import NullProvider
from cdktf_cdktf_provider_null.resource import Resource as NullResource
from cdktf_cdktf_provider_random.bytes import Bytes as RandomBytes
from cdktf_cdktf_provider_random.password import Password as RandomPassword
from cdktf_cdktf_provider_random.provider import RandomProvider
from cdktf_cdktf_provider_tls.cert_request import CertRequest, CertRequestSubject
from cdktf_cdktf_provider_tls.locally_signed_cert import LocallySignedCert
from cdktf_cdktf_provider_tls.private_key import PrivateKey
from cdktf_cdktf_provider_tls.provider import TlsProvider
from cdktf_cdktf_provider_tls.self_signed_cert import SelfSignedCert, SelfSignedCertSubject

__all__ = [
    "App",
    "AssetType",
    "CertRequest",
    "CertRequestSubject",
    "DataTerraformRemoteStateLocal",
    "DataTerraformRemoteStateS3",
    "FileProvisioner",
    "Fn",
    "HelmProvider",
    "HelmProviderKubernetes",
    "IngressV1",
    "IngressV1Metadata",
    "IngressV1Spec",
    "IngressV1SpecRule",
    "IngressV1SpecRuleHttp",
    "IngressV1SpecRuleHttpPath",
    "IngressV1SpecRuleHttpPathBackend",
    "IngressV1SpecRuleHttpPathBackendService",
    "IngressV1SpecRuleHttpPathBackendServicePort",
    "JobV1",
    "JobV1Metadata",
    "JobV1Spec",
    "JobV1SpecTemplate",
    "JobV1SpecTemplateMetadata",
    "JobV1SpecTemplateSpec",
    "JobV1SpecTemplateSpecContainer",
    "JobV1SpecTemplateSpecContainerEnv",
    "JobV1SpecTemplateSpecContainerEnvValueFrom",
    "JobV1SpecTemplateSpecContainerEnvValueFromSecretKeyRef",
    "JobV1SpecTemplateSpecContainerResources",
    "JobV1Timeouts",
    "KubernetesProvider",
    "LocalBackend",
    "LocalExecProvisioner",
    "LocallySignedCert",
    "NamespaceV1",
    "NamespaceV1Metadata",
    "NullProvider",
    "NullResource",
    "PrivateKey",
    "RandomBytes",
    "RandomPassword",
    "RandomProvider",
    "Release",
    "RemoteExecProvisioner",
    "S3Backend",
    "S3BackendEndpointConfig",
    "SSHProvisionerConnection",
    "SecretV1",
    "SecretV1Metadata",
    "SelfSignedCert",
    "SelfSignedCertSubject",
    "TerraformAsset",
    "TerraformOutput",
    "TerraformRemoteState",
    "TerraformResource",
    "TerraformResourceLifecycle",
    "TerraformStack",
    "TerraformVariable",
    "TerraformVariableValidationConfig",
    "TlsProvider",
]
