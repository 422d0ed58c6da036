"""Where state lives: one key per stack, made here and nowhere else."""

from pathlib import Path
from typing import Any, Protocol

from eaas.environment import Environment, LocalState, R2State
from eaas.terraform import (
    DataTerraformRemoteStateLocal,
    DataTerraformRemoteStateS3,
    LocalBackend,
    S3Backend,
    S3BackendEndpointConfig,
    TerraformRemoteState,
    TerraformStack,
)


class StateStore(Protocol):
    """A place for state. `save_interval`: seconds that terraform may keep results unsaved."""

    save_interval: int

    def hold(self, stack: TerraformStack, key: str) -> None:
        """Make `stack` keep its state under `key`."""

    def read(self, stack: TerraformStack, id: str, key: str) -> TerraformRemoteState:
        """The outputs in the state under `key`."""


def state_store(environment: Environment, root: Path) -> StateStore:
    match environment.state:
        case R2State() as settings:
            return R2Store(settings)
        case LocalState() as settings:
            return LocalStore(root / settings.folder)


def state_key(environment: Environment, phase: str) -> str:
    """The key is literal: two stacks never share one, and no default of terraform's is used."""
    return f"{environment.name}/{phase}.tfstate"


class R2Store:
    """A Cloudflare R2 bucket through its S3 API, with terraform's own lock objects.

    `encrypt` and `acl` stay unset: R2 does not implement their headers. Credentials come from
    AWS_* variables alone, so that none is written anywhere.
    """

    save_interval = 20  # terraform 1.11, internal/backend/local: defaultStatePersistInterval

    def __init__(self, settings: R2State) -> None:
        self._settings = settings

    def hold(self, stack: TerraformStack, key: str) -> None:
        S3Backend(stack, key=key, **self._bucket())
        # cdktf 0.21 has no such argument (hashicorp/terraform-cdk#3834)
        stack.add_override("terraform.backend.s3.use_lockfile", True)  # noqa: FBT003

    def read(self, stack: TerraformStack, id: str, key: str) -> TerraformRemoteState:
        return DataTerraformRemoteStateS3(stack, id, key=key, **self._bucket())

    def _bucket(self) -> dict[str, Any]:
        return {
            "bucket": self._settings.bucket,
            "region": "auto",
            "endpoints": S3BackendEndpointConfig(s3=self._settings.endpoint),
            "skip_credentials_validation": True,
            "skip_metadata_api_check": True,
            "skip_region_validation": True,
            "skip_requesting_account_id": True,
            "skip_s3_checksum": True,
            "use_path_style": True,
        }


class LocalStore:
    """Files in a folder. Written on every change, so nothing is ever unsaved."""

    save_interval = 0

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hold(self, stack: TerraformStack, key: str) -> None:
        LocalBackend(stack, path=str(self._folder / key))

    def read(self, stack: TerraformStack, id: str, key: str) -> TerraformRemoteState:
        return DataTerraformRemoteStateLocal(stack, id, path=str(self._folder / key))
