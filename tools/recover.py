"""Brings a stack back to where a deploy can go on, after one was killed.

    make recover STACK=staging-phase0            says who holds the lock, if anyone does
    make recover STACK=staging-phase0 LOCK=<id>  releases that lock and mends what is left

A deploy that is killed (or loses its machine) leaves up to three things behind: the lock, Helm
operations that look as if they were still going on, and objects in the cluster that terraform made
but had not saved yet, which it would now fail to create again. Nothing is deleted but the marks of
unfinished Helm operations and unfinished Jobs; objects are only taken in if they carry our label.
"""

import re
import sys
from collections.abc import Iterator
from typing import Any

import urllib3
from kubernetes import client, config
from ruamel.yaml import YAML

from eaas.errors import ConfigError
from eaas.labels import MANAGED_BY
from tools.terraform import Terraform

UNFINISHED = "owner=helm,status in (pending-install,pending-upgrade,pending-rollback)"
TIMEOUT = 10
"""Seconds for one answer of the API server."""


def main(stack: str, lock: str | None) -> None:
    terraform = Terraform(stack)
    terraform.init()
    release_lock(terraform, lock)
    mend(terraform, connect(stack.rsplit("-", 1)[0]))
    print(f"done; go on with: npx cdktf deploy {stack}")


def mend(terraform: Terraform, cluster: client.ApiClient | None) -> None:
    """Put right what is left in the cluster, if there is one."""
    if cluster is None:
        print("there is no cluster in the state yet: nothing to mend there")
        return
    try:
        finish_helm_operations(cluster)
        take_in_objects(terraform, cluster)
    except urllib3.exceptions.HTTPError:
        print(
            f"the cluster at {cluster.configuration.host} does not answer: nothing was mended "
            "there. If it was installed before, bring it up and run this again"
        )
    except client.ApiException as error:
        raise ConfigError(f"the cluster refused: {error.status} {error.reason}") from None


def release_lock(terraform: Terraform, lock: str | None) -> None:
    """Release the lock `lock`. Raises ConfigError if another one is held, naming its holder."""
    held = _lock_holder(terraform)
    if held is None:
        print("no lock is held")
        return
    if lock != held["ID"]:
        raise ConfigError(
            f"{terraform.stack} is locked by {held['Who']} since {held['Created']} "
            f"({held['Operation']}). If that run is over for certain: "
            f"make recover STACK={terraform.stack} LOCK={held['ID']}"
        )
    terraform.must("force-unlock", "-force", lock)
    print(f"released the lock of {held['Who']}")


def _lock_holder(terraform: Terraform) -> dict[str, str] | None:
    """Tries for the lock with a command that changes nothing, and reads the refusal."""
    answer = terraform.run(
        "plan", "-refresh=false", "-input=false", "-no-color", "-lock-timeout=0s"
    )
    if "Error acquiring the state lock" not in answer.stderr:
        return None
    found = dict(re.findall(r"^\W*(ID|Who|Operation|Created):\s+(.+?)\s*$", answer.stderr, re.M))
    return {name: found.get(name, "unknown") for name in ("ID", "Who", "Operation", "Created")}


def connect(environment: str) -> client.ApiClient | None:
    """The cluster of the environment, from the state of its phase 0."""
    phase0 = Terraform(f"{environment}-phase0")
    phase0.init()
    try:
        text = phase0.output("kubeconfig")
    except ConfigError:
        return None
    return config.new_client_from_config_dict(YAML(typ="safe", pure=True).load(text))


def finish_helm_operations(cluster: client.ApiClient) -> None:
    """Remove the records of operations that were cut off: Helm refuses to touch such a release.

    What such an operation had made stays, and the next deploy takes it over.
    """
    core = client.CoreV1Api(cluster)
    for secret in core.list_secret_for_all_namespaces(
        label_selector=UNFINISHED, _request_timeout=TIMEOUT
    ).items:
        name, namespace = secret.metadata.name, secret.metadata.namespace
        core.delete_namespaced_secret(name, namespace, _request_timeout=TIMEOUT)
        status = secret.metadata.labels["status"]
        print(f"helm release {namespace}/{secret.metadata.labels['name']}: was {status}, cleared")


def take_in_objects(terraform: Terraform, cluster: client.ApiClient) -> None:
    """Import what exists in the cluster, is ours, and that an apply would try to create."""
    for address, kind, name, namespace in _missing(terraform):
        found = _find(cluster, kind, name, namespace)
        if found is None:
            continue
        where = f"{namespace}/{name}" if namespace else name
        if (found.metadata.labels or {}).items() >= MANAGED_BY.items():
            if kind == "kubernetes_job_v1":
                _delete_job(cluster, name, namespace)
                print(f"{kind} {where}: removed, it will run again")
            else:
                terraform.must("import", "-input=false", "-no-color", address, where)
                print(f"{kind} {where}: taken into the state")
        else:
            print(f"{kind} {where}: exists, but is not ours; the deploy will fail on it")


def _missing(terraform: Terraform) -> Iterator[tuple[str, str, str, str]]:
    for change in terraform.planned_creations():
        if change["type"].startswith("kubernetes_"):
            (metadata,) = change["change"]["after"]["metadata"]
            yield change["address"], change["type"], metadata["name"], metadata.get("namespace")


def _find(cluster: client.ApiClient, kind: str, name: str, namespace: str) -> Any:
    core = client.CoreV1Api(cluster)
    readers = {
        "kubernetes_namespace_v1": lambda: core.read_namespace(name, _request_timeout=TIMEOUT),
        "kubernetes_secret_v1": lambda: core.read_namespaced_secret(
            name, namespace, _request_timeout=TIMEOUT
        ),
        "kubernetes_ingress_v1": lambda: client.NetworkingV1Api(cluster).read_namespaced_ingress(
            name, namespace, _request_timeout=TIMEOUT
        ),
        "kubernetes_job_v1": lambda: client.BatchV1Api(cluster).read_namespaced_job(
            name, namespace, _request_timeout=TIMEOUT
        ),
    }
    try:
        return readers[kind]()
    except client.ApiException as error:
        if error.status == 404:
            return None
        raise


def _delete_job(cluster: client.ApiClient, name: str, namespace: str) -> None:
    client.BatchV1Api(cluster).delete_namespaced_job(
        name, namespace, propagation_policy="Background", _request_timeout=TIMEOUT
    )


if __name__ == "__main__":
    try:
        if len(sys.argv) < 2:
            raise ConfigError("say which stack: make recover STACK=staging-phase0")
        main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    except ConfigError as error:
        sys.exit(f"error: {error}")
