from constructs import Construct

from eaas.environment import RedisSettings
from eaas.namespace import Namespace
from eaas.password import Password
from eaas.pins import Chart, split_image
from eaas.release import HelmRelease
from eaas.secret import Secret

PORT = "6379"
SECRET_KEY = "redis-password"  # noqa: S105  (the name of a key)
MEBIBYTES = {"Mi": 1, "Gi": 1024, "Ti": 1024 * 1024}


class Redis(Construct):
    """One Redis server with a password, named by its id, that never drops data to make room.

    `noeviction` and an append-only file, as Infisical asks for
    (https://infisical.com/docs/self-hosting/configuration/requirements).
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        chart: Chart,
        image: str,
        namespace: Namespace,
        settings: RedisSettings,
        storage_class: str,
        protect: bool,
    ) -> None:
        super().__init__(scope, id)
        self.host = f"{id}.{namespace.name}.svc.cluster.local"
        password = Password(self, "password")
        secret = Secret(
            self,
            "secret",
            name=f"{id}-auth",
            namespace=namespace,
            data={SECRET_KEY: password.value},
        )
        self.uri = f"redis://:{password.value}@{self.host}:{PORT}"
        registry, repository, tag = split_image(image)
        self.release = HelmRelease(
            self,
            "release",
            name=id,
            chart=chart,
            namespace=namespace,
            protect=protect,
            values={
                "fullnameOverride": id,
                "architecture": "standalone",
                "image": {"registry": registry, "repository": repository, "tag": tag},
                "auth": {
                    "enabled": True,
                    "existingSecret": secret.name,
                    "existingSecretPasswordKey": SECRET_KEY,
                },
                "persistence": {
                    "enabled": True,
                    "size": settings.storage,
                    "storageClass": storage_class,
                },
                "resources": settings.resources.values,
                "extraConfig": (
                    f"maxmemory {_max_memory(settings.resources.memory)}mb\n"
                    "maxmemory-policy noeviction\n"
                    "appendonly yes\n"
                ),
            },
        )


def _max_memory(limit: str) -> int:
    """Three quarters of the container's limit, in MiB: a background save needs the rest."""
    return int(limit[:-2]) * MEBIBYTES[limit[-2:]] * 3 // 4
