from constructs import Construct

from eaas.environment import InfisicalSettings
from eaas.ingress import Ingress
from eaas.namespace import Namespace
from eaas.pins import Chart, split_image
from eaas.postgres import Database
from eaas.protection import protection
from eaas.redis import Redis
from eaas.release import HelmRelease
from eaas.secret import Secret
from eaas.terraform import RandomBytes

PORT = 8080


class Infisical(Construct):
    """Infisical, on a database and a Redis of ours, behind an ingress of ours.

    ENCRYPTION_KEY decrypts every secret in it: with it lost, they are lost.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        chart: Chart,
        image: str,
        namespace: Namespace,
        settings: InfisicalSettings,
        database: Database,
        redis: Redis,
        host: str,
        url: str,
        ingress_class: str,
        protect: bool,
    ) -> None:
        super().__init__(scope, id)
        encryption_key = RandomBytes(
            self, "encryption-key", length=16, lifecycle=protection(protect)
        )
        auth_secret = RandomBytes(self, "auth-secret", length=32)
        secret = Secret(
            self,
            "secret",
            name="infisical-secrets",
            namespace=namespace,
            data={
                "ENCRYPTION_KEY": encryption_key.hex,
                "AUTH_SECRET": auth_secret.base64,
                "DB_CONNECTION_URI": database.uri,
                "REDIS_URL": redis.uri,
                "SITE_URL": url,
            },
        )
        registry, repository, tag = split_image(image)
        release = HelmRelease(
            self,
            "release",
            name="infisical",
            chart=chart,
            namespace=namespace,
            protect=protect,
            # migrations run at its first start
            timeout=900,
            after=[database.answers, redis.release.resource],
            values={
                "infisical": {
                    "fullnameOverride": "infisical",
                    "replicaCount": settings.replicas,
                    "image": {"repository": f"{registry}/{repository}", "tag": tag},
                    "kubeSecretRef": secret.name,
                    # it reads the Secret at its start only: another address starts it anew
                    "podAnnotations": {"eaas/site-url": url},
                    "resources": settings.resources.values,
                },
                # each is on by default: bundled Bitnami databases, an ingress without a host, and
                # an ingress controller of 2021
                "postgresql": {"enabled": False},
                "redis": {"enabled": False},
                "ingress": {"enabled": False, "nginx": {"enabled": False}},
            },
        )
        Ingress(
            self,
            "ingress",
            name="infisical",
            namespace=namespace,
            host=host,
            service="infisical",
            port=PORT,
            ingress_class=ingress_class,
            after=[release.resource],
        )
        self.url = url
        self.internal_url = f"http://infisical.{namespace.name}.svc.cluster.local:{PORT}"
