"""Brings a stack back to where a deploy can go on, after one was killed.

    make recover STACK=staging-phase0            only looks: who holds the lock, what is left
    make recover STACK=staging-phase0 LOCK=<id>  releases that lock and mends what is left
    make recover STACK=staging-phase0 LOCK=none  mends, where no lock is held

A deploy that is killed (or loses its machine) leaves up to three things behind: the lock; Helm
operations that look as if they were still going on; and objects in the cluster that terraform made
but had not saved yet, which it would now fail to create again. Only what belongs to the stack is
touched: the records of cut-off operations on its own releases are removed (their objects stay, and
the next deploy takes them over), objects of its own that carry our label are taken into the state,
and Jobs among them removed, since they run again.
"""

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import urllib3
from kubernetes import client, config
from ruamel.yaml import YAML

from eaas.errors import ConfigError
from eaas.labels import MANAGED_BY
from tools.terraform import Terraform

CUT_OFF = "owner=helm,status in (pending-install,pending-upgrade,pending-rollback)"
NO_LOCK = "none"
TIMEOUT = 10
"""Seconds for one answer of the API server."""

READERS: dict[str, Callable[[client.ApiClient], Callable[..., Any]]] = {
    "kubernetes_ingress_v1": lambda api: client.NetworkingV1Api(api).read_namespaced_ingress,
    "kubernetes_job_v1": lambda api: client.BatchV1Api(api).read_namespaced_job,
    "kubernetes_namespace_v1": lambda api: client.CoreV1Api(api).read_namespace,
    "kubernetes_secret_v1": lambda api: client.CoreV1Api(api).read_namespaced_secret,
}
"""How each kind of object that a stack can have is read. Arguments: name, then namespace."""


@dataclass(frozen=True)
class Repair:
    """Something that was left, and what puts it right."""

    found: str
    mend: Callable[[], object]
    done: str


def main(stack: str, lock: str | None) -> None:
    terraform = Terraform(stack)
    terraform.init()
    free_lock(terraform, lock)
    repairs = list(find(terraform))
    for repair in repairs:
        if lock is None:
            print(f"{repair.found}: can be mended")
        else:
            repair.mend()
            print(f"{repair.found}: {repair.done}")
    if repairs and lock is None:
        print(f"to mend: make recover STACK={stack} LOCK={NO_LOCK}")
    else:
        print(f"nothing is in the way; go on with: npx cdktf deploy {stack}")


def free_lock(terraform: Terraform, lock: str | None) -> None:
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
    """Try for the lock with a command that changes nothing, and read the refusal."""
    answer = terraform.run(
        "plan", "-refresh=false", "-input=false", "-no-color", "-lock-timeout=0s"
    )
    if "Error acquiring the state lock" not in answer.stderr:
        return None
    found = dict(re.findall(r"^\W*(ID|Who|Operation|Created):\s+(.+?)\s*$", answer.stderr, re.M))
    return {name: found.get(name, "unknown") for name in ("ID", "Who", "Operation", "Created")}


def find(terraform: Terraform) -> Iterable[Repair]:
    """What a killed deploy left in the cluster. Raises ConfigError if the cluster refuses."""
    cluster = _connect(terraform.stack.rpartition("-")[0])
    if cluster is None:
        print("there is no cluster in the state yet: nothing to mend there")
        return []
    try:
        core = client.CoreV1Api(cluster)
        core.read_namespace("default", _request_timeout=TIMEOUT)
    except urllib3.exceptions.HTTPError as error:
        if "CERTIFICATE" in str(error):
            raise ConfigError(
                f"the cluster at {cluster.configuration.host} has other authorities than this "
                "state: see docs/runbook.md, the host was set up and the state is lost"
            ) from None
        print(
            f"the cluster at {cluster.configuration.host} does not answer: nothing can be mended "
            "there. If it was installed before, bring it up and run this again"
        )
        return []
    try:
        changes = list(terraform.planned())
        return [*_cut_off(core, changes), *_unsaved(terraform, cluster, changes)]
    except (client.ApiException, urllib3.exceptions.HTTPError) as error:
        raise ConfigError(f"the cluster refused: {error}") from None


def _connect(environment: str) -> client.ApiClient | None:
    """The cluster of the environment, from the state of its phase 0."""
    phase0 = Terraform(f"{environment}-phase0")
    phase0.init()
    text = phase0.output("kubeconfig")
    if text is None:
        return None
    return config.new_client_from_config_dict(YAML(typ="safe", pure=True).load(text))


def _cut_off(core: client.CoreV1Api, changes: list[dict[str, Any]]) -> Iterable[Repair]:
    """Helm refuses every operation on a release that has one going on."""
    ours = {
        (change["change"]["after"]["namespace"], change["change"]["after"]["name"])
        for change in changes
        if change["type"] == "helm_release" and change["change"]["after"]
    }
    for record in core.list_secret_for_all_namespaces(
        label_selector=CUT_OFF, _request_timeout=TIMEOUT
    ).items:
        namespace, release = record.metadata.namespace, record.metadata.labels["name"]
        if (namespace, release) in ours:
            yield Repair(
                found=f"helm release {namespace}/{release} is {record.metadata.labels['status']}",
                mend=_call(core.delete_namespaced_secret, record.metadata.name, namespace),
                done="cleared",
            )


def _unsaved(
    terraform: Terraform, cluster: client.ApiClient, changes: list[dict[str, Any]]
) -> Iterable[Repair]:
    """Objects that exist and are ours, but that an apply would try to create."""
    for change in changes:
        kind = change["type"]
        if kind not in READERS or change["change"]["actions"] != ["create"]:
            continue
        (metadata,) = change["change"]["after"]["metadata"]
        place = [name for name in (metadata["name"], metadata.get("namespace")) if name]
        found = _read(READERS[kind](cluster), place)
        where = "/".join(reversed(place))
        if found is None:
            continue
        if not (found.metadata.labels or {}).items() >= MANAGED_BY.items():
            print(f"{kind} {where} exists, but is not ours: the deploy will fail on it")
        elif kind == "kubernetes_job_v1":
            delete = client.BatchV1Api(cluster).delete_namespaced_job
            mend = _call(delete, *place, propagation_policy="Background")
            yield Repair(f"{kind} {where} is not in the state", mend, "removed, it runs again")
        else:
            mend = _call(
                terraform.must, "import", "-input=false", "-no-color", change["address"], where
            )
            yield Repair(f"{kind} {where} is not in the state", mend, "taken in")


def _read(reader: Callable[..., Any], place: list[str]) -> Any:
    try:
        return reader(*place, _request_timeout=TIMEOUT)
    except client.ApiException as error:
        if error.status == 404:
            return None
        raise


def _call(function: Callable[..., object], *arguments: str, **options: str) -> Callable[[], object]:
    return lambda: function(*arguments, **options)


if __name__ == "__main__":
    try:
        if len(sys.argv) < 2:
            raise ConfigError("say which stack: make recover STACK=staging-phase0")
        main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    except ConfigError as error:
        sys.exit(f"error: {error}")
