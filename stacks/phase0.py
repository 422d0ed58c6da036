from dataclasses import dataclass

from constructs import Construct

from eaas.checkpoint import Checkpoint
from eaas.cluster import ExistingCluster
from eaas.contract import Contract, output
from eaas.environment import DatabaseSettings, Environment, ExistingClusterSettings, K3sSettings
from eaas.hostnames import Hostnames
from eaas.infisical import Infisical
from eaas.k3s import K3s
from eaas.namespace import Namespace
from eaas.pins import pins
from eaas.postgres import PostgresOperator, PostgresServer
from eaas.redis import Redis
from eaas.stack import PhaseStack
from eaas.terraform import NullProvider, RandomProvider, TlsProvider


@dataclass(frozen=True, kw_only=True)
class Phase0Outputs(Contract):
    cluster_endpoint: str = output("URL of the Kubernetes API server")
    cluster_ca_certificate: str = output("the API's authority, as PEM", sensitive=True)
    cluster_client_certificate: str = output("an administrator's certificate", sensitive=True)
    cluster_client_key: str = output("the administrator's key, as PEM", sensitive=True)
    kubeconfig: str = output("a complete kubeconfig file", sensitive=True)
    ingress_class: str = output("the class of every Ingress")
    storage_class: str = output("the class of every volume claim")
    platform_postgres_host: str = output("the platform's PostgreSQL, inside the cluster")
    platform_postgres_port: str = output("the port of the platform's PostgreSQL")
    kubero_database_uri: str = output("Kubero's database with its owner's login", sensitive=True)
    infisical_url: str = output("Infisical for people")
    infisical_internal_url: str = output("Infisical for workloads in the cluster")


class Phase0(PhaseStack):
    """The cluster, the platform's PostgreSQL, and Infisical with its Redis."""

    def __init__(self, scope: Construct, environment: Environment, hostnames: Hostnames) -> None:
        super().__init__(scope, environment, "phase0")
        protect = environment.protect
        components = environment.components
        images = pins().images
        NullProvider(self, "null")
        RandomProvider(self, "random")
        TlsProvider(self, "tls")

        checkpoint = Checkpoint(self, "checkpoint", interval=self.state.save_interval)
        cluster = self._cluster(checkpoint)
        cluster.access.connect(self, endpoint=cluster.endpoint_when_ready)

        operator = PostgresOperator(
            self,
            "postgres-operator",
            chart=environment.chart("cloudnative-pg"),
            namespace=Namespace(self, "cnpg-system", protect=protect),
            protect=protect,
        )
        iac = Namespace(self, "iac", protect=protect)
        postgres = PostgresServer(
            self,
            "platform-postgres",
            chart=environment.chart("cluster"),
            image=images.postgresql,
            namespace=iac,
            settings=components.platform_postgres,
            databases=[
                DatabaseSettings(name="infisical", owner="infisical"),
                DatabaseSettings(name="kubero", owner="kubero"),
            ],
            storage_class=cluster.storage_class,
            protect=protect,
            after=[operator.release.resource],
        )
        redis = Redis(
            self,
            "infisical-redis",
            chart=environment.chart("redis"),
            image=images.redis,
            namespace=iac,
            settings=components.infisical_redis,
            storage_class=cluster.storage_class,
            protect=protect,
        )
        infisical = Infisical(
            self,
            "infisical",
            chart=environment.chart("infisical-standalone"),
            image=images.infisical,
            namespace=iac,
            settings=components.infisical,
            database=postgres.databases["infisical"],
            redis=redis,
            host=hostnames.host(environment, "infisical"),
            url=hostnames.url(environment, "infisical"),
            ingress_class=cluster.ingress_class,
            protect=protect,
        )
        checkpoint.close()

        Phase0Outputs(
            cluster_endpoint=cluster.access.endpoint,
            cluster_ca_certificate=cluster.access.ca_certificate,
            cluster_client_certificate=cluster.access.client_certificate,
            cluster_client_key=cluster.access.client_key,
            kubeconfig=cluster.access.kubeconfig(environment.name),
            ingress_class=cluster.ingress_class,
            storage_class=cluster.storage_class,
            platform_postgres_host=postgres.host,
            platform_postgres_port=postgres.port,
            kubero_database_uri=postgres.databases["kubero"].uri,
            infisical_url=infisical.url,
            infisical_internal_url=infisical.internal_url,
        ).export(self)

    def _cluster(self, checkpoint: Checkpoint) -> K3s | ExistingCluster:
        match self.environment.cluster:
            case K3sSettings() as settings:
                return K3s(
                    self,
                    "k3s",
                    settings=settings,
                    protect=self.environment.protect,
                    after=checkpoint,
                )
            case ExistingClusterSettings() as settings:
                return ExistingCluster(self, "cluster", settings=settings, after=checkpoint)
