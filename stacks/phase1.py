from dataclasses import dataclass

from constructs import Construct

from eaas.cluster import ClusterAccess
from eaas.contract import Contract, output
from eaas.environment import Environment
from eaas.namespace import Namespace
from eaas.pins import pins
from eaas.postgres import PostgresServer
from eaas.stack import PhaseStack
from eaas.terraform import RandomProvider
from stacks.phase0 import Phase0, Phase0Outputs


@dataclass(frozen=True, kw_only=True)
class Phase1Outputs(Contract):
    postgres_host: str = output("the business PostgreSQL, inside the cluster")
    postgres_port: str = output("the port of the business PostgreSQL")


class Phase1(PhaseStack):
    """The namespaces of applications and tools, and the business PostgreSQL."""

    def __init__(self, scope: Construct, environment: Environment, *, phase0: Phase0) -> None:
        super().__init__(scope, environment, "phase1")
        protect = environment.protect
        platform = self.outputs_of(phase0, Phase0Outputs)
        RandomProvider(self, "random")
        ClusterAccess(
            endpoint=platform.cluster_endpoint,
            ca_certificate=platform.cluster_ca_certificate,
            client_certificate=platform.cluster_client_certificate,
            client_key=platform.cluster_client_key,
        ).connect(self)

        for name in ("apps", "dashboard", "kubero"):
            Namespace(self, name, protect=protect)
        postgres = PostgresServer(
            self,
            "postgres",
            chart=environment.chart("cluster"),
            image=pins().images.postgresql,
            namespace=Namespace(self, "data", protect=protect),
            settings=environment.components.business_postgres,
            databases=environment.components.business_postgres.databases,
            storage_class=platform.storage_class,
            protect=protect,
        )

        Phase1Outputs(postgres_host=postgres.host, postgres_port=postgres.port).export(self)
