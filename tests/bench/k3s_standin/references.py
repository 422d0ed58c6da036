"""The part of a kubelet that tests would miss: a pod waits for its Secrets and ConfigMaps.

kwok starts every pod. Its stages are told here which pods may start, by an annotation, so that
a workload that names a Secret, ConfigMap or key that is not there stays as it would on a server:
Pending, with CreateContainerConfigError and the reason.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .api import ApiClient

_ANNOTATION = "bench/references"
_PENDING = "/api/v1/pods?fieldSelector=status.phase%3DPending"
_INTERVAL = 0.3  # seconds

Object = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """An object a pod can't start without; the key is empty when any content will do."""

    kind: str
    name: str
    key: str = ""

    @property
    def plural(self) -> str:
        """As in the API's paths."""
        return f"{self.kind}s"


class ReferenceGate(threading.Thread):
    """Looks at pending pods again and again."""

    def __init__(self, api: ApiClient) -> None:
        super().__init__(daemon=True)
        self._api = api

    def run(self) -> None:
        """Until the process ends."""
        pause = threading.Event()
        while not pause.wait(_INTERVAL):
            body = self._api.get(_PENDING)
            for pod in json.loads(body)["items"] if body else ():
                self._look_at(pod)

    def _look_at(self, pod: Object) -> None:
        metadata, spec = pod["metadata"], pod["spec"]
        if _ANNOTATION in metadata.get("annotations", {}) or not spec.get("nodeName"):
            return
        namespace = f"/api/v1/namespaces/{metadata['namespace']}"
        path = f"{namespace}/pods/{metadata['name']}"
        problem = next(filter(None, (self._problem(namespace, r) for r in references(spec))), None)
        if problem is None:
            self._api.merge(path, {"metadata": {"annotations": {_ANNOTATION: "found"}}})
        elif problem != _shown_problem(pod):
            self._api.merge(f"{path}/status", {"status": _waiting(spec, problem)})

    def _problem(self, namespace: str, reference: Reference) -> str | None:
        body = self._api.get(f"{namespace}/{reference.plural}/{reference.name}")
        if body is None:
            return f'{reference.kind} "{reference.name}" not found'
        content = json.loads(body)
        keys = {**content.get("data", {}), **content.get("binaryData", {})}
        if reference.key and reference.key not in keys:
            return f"couldn't find key {reference.key} in {reference.kind} {reference.name}"
        return None


def references(spec: Object) -> Iterator[Reference]:
    """Everything a pod names and needs; what is marked as optional is left out."""
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        for variable in container.get("env", ()):
            yield from _of(variable.get("valueFrom", {}), "secretKeyRef", "configMapKeyRef")
        for source in container.get("envFrom", ()):
            yield from _of(source, "secretRef", "configMapRef")
    for volume in spec.get("volumes", ()):
        yield from _of(volume, "secret", "configMap")


def _of(source: Object, secret: str, config_map: str) -> Iterator[Reference]:
    for field, kind in ((secret, "secret"), (config_map, "configmap")):
        target = source.get(field)
        if target and not target.get("optional"):
            yield Reference(kind, target.get("name") or target["secretName"], target.get("key", ""))


def _shown_problem(pod: Object) -> str | None:
    for status in pod["status"].get("containerStatuses", ()):
        message: str | None = status["state"].get("waiting", {}).get("message")
        return message
    return None


def _waiting(spec: Object, problem: str) -> Object:
    state = {"waiting": {"reason": "CreateContainerConfigError", "message": problem}}
    return {
        "containerStatuses": [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "",
                "ready": False,
                "restartCount": 0,
                "state": state,
            }
            for container in spec["containers"]
        ]
    }
