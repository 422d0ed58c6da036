"""PostgreSQL by CloudNativePG: the operator, and servers with databases and their owners."""

from collections.abc import Sequence

from constructs import Construct

from eaas.environment import DatabaseSettings, PostgresSettings, Resources
from eaas.labels import labels
from eaas.namespace import Namespace
from eaas.password import Password
from eaas.pins import Chart
from eaas.release import HelmRelease
from eaas.secret import Secret
from eaas.terraform import (
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
    TerraformResource,
)

PORT = "5432"


class PostgresOperator(Construct):
    """CloudNativePG for the whole cluster. Its CRDs stay when it is removed.

    Never to be renamed: the CRDs belong to the release of this name and namespace.
    """

    def __init__(
        self, scope: Construct, id: str, *, chart: Chart, namespace: Namespace, protect: bool
    ) -> None:
        super().__init__(scope, id)
        self.release = HelmRelease(
            self,
            "release",
            name="cnpg",
            chart=chart,
            namespace=namespace,
            protect=protect,
            values={"resources": Resources(cpu="50m", memory="256Mi").values},
        )


class Database(Construct):
    """A database on a server, and the login of its owner, who is no superuser."""

    def __init__(
        self, scope: Construct, id: str, *, server: "PostgresServer", settings: DatabaseSettings
    ) -> None:
        super().__init__(scope, id)
        owner = server.owners[settings.owner]
        self.name = settings.name
        self.owner = settings.owner
        self.secret_name: str = owner.secret.name
        self.uri = (
            f"postgresql://{settings.owner}:{owner.password.value}"
            f"@{server.host}:{PORT}/{settings.name}"
        )
        self.answers: TerraformResource = _login(self, server, self)


class Owner(Construct):
    """A role that owns databases: a generated password in a Secret of type basic-auth."""

    def __init__(
        self, scope: Construct, id: str, *, server: str, name: str, namespace: Namespace
    ) -> None:
        super().__init__(scope, id)
        self.name = name
        self.password = Password(self, "password")
        self.secret = Secret(
            self,
            "secret",
            # CloudNativePG has names of its own, such as <server>-app and <server>-ca
            name=f"{server}-owner-{name}",
            namespace=namespace,
            type="kubernetes.io/basic-auth",
            data={"username": name, "password": self.password.value},
        )


class PostgresServer(Construct):
    """One PostgreSQL server (a CNPG Cluster), named by its id.

    A release of it is done before PostgreSQL answers: what needs a database waits for its
    `answers`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        chart: Chart,
        image: str,
        namespace: Namespace,
        settings: PostgresSettings,
        databases: Sequence[DatabaseSettings],
        storage_class: str,
        protect: bool,
        after: Sequence[TerraformResource] = (),
    ) -> None:
        super().__init__(scope, id)
        self.name = id
        self.image = image
        self.namespace = namespace
        self.host = f"{id}-rw.{namespace.name}.svc.cluster.local"
        self.port = PORT
        self.owners = {
            name: Owner(self, f"owner-{name}", server=id, name=name, namespace=namespace)
            for name in sorted({database.owner for database in databases})
        }
        self.release = HelmRelease(
            self,
            "release",
            name=id,
            chart=chart,
            namespace=namespace,
            protect=protect,
            after=after,
            values={
                "fullnameOverride": id,
                "cluster": {
                    "imageName": image,
                    "instances": settings.instances,
                    "storage": {"size": settings.storage, "storageClass": storage_class},
                    "resources": settings.resources.values,
                    "enableSuperuserAccess": False,
                    # with one instance a disruption budget would block every drain of the node
                    "enablePDB": settings.instances > 1,
                    # uninstalling the release must not take the data along
                    "annotations": {"helm.sh/resource-policy": "keep"} if protect else {},
                    "roles": [
                        {
                            "name": owner.name,
                            "ensure": "present",
                            "login": True,
                            "passwordSecret": {"name": owner.secret.name},
                        }
                        for owner in self.owners.values()
                    ],
                },
                "databases": [
                    {"name": database.name, "owner": database.owner} for database in databases
                ],
            },
        )
        self.databases = {
            database.name: Database(
                self, f"database-{database.name}", server=self, settings=database
            )
            for database in databases
        }


def _login(scope: Construct, server: PostgresServer, database: Database) -> JobV1:
    """A Job that ends when the owner can log in to the database, within ten minutes.

    Operators work after the release is done, and only a login proves role, password and database.
    """
    name = f"{server.name}-{database.name}-login"
    environment = {
        "PGHOST": server.host,
        "PGPORT": PORT,
        "PGDATABASE": database.name,
        "PGUSER": database.owner,
        "PGCONNECT_TIMEOUT": "5",
    }
    password = JobV1SpecTemplateSpecContainerEnv(
        name="PGPASSWORD",
        value_from=JobV1SpecTemplateSpecContainerEnvValueFrom(
            secret_key_ref=JobV1SpecTemplateSpecContainerEnvValueFromSecretKeyRef(
                name=database.secret_name, key="password"
            )
        ),
    )
    container = JobV1SpecTemplateSpecContainer(
        name="psql",
        image=server.image,
        command=["sh", "-c", "until psql --command 'select 1'; do sleep 3; done"],
        env=[
            *(
                JobV1SpecTemplateSpecContainerEnv(name=key, value=value)
                for key, value in environment.items()
            ),
            password,
        ],
        resources=JobV1SpecTemplateSpecContainerResources(
            requests={"cpu": "10m", "memory": "32Mi"}, limits={"memory": "64Mi"}
        ),
    )
    return JobV1(
        scope,
        "login",
        metadata=JobV1Metadata(name=name, namespace=server.namespace.name, labels=labels(name)),
        spec=JobV1Spec(
            active_deadline_seconds=600,
            backoff_limit=3,
            template=JobV1SpecTemplate(
                metadata=JobV1SpecTemplateMetadata(labels=labels(name)),
                spec=JobV1SpecTemplateSpec(
                    restart_policy="Never",
                    automount_service_account_token=False,
                    container=[container],
                ),
            ),
        ),
        wait_for_completion=True,
        timeouts=JobV1Timeouts(create="11m", update="11m"),
        depends_on=[server.release.resource],
    )
