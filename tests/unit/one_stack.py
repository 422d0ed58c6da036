from pathlib import Path
from typing import Any

from eaas.terraform import (
    App,
    HelmProvider,
    KubernetesProvider,
    NullProvider,
    RandomProvider,
    TerraformStack,
    TlsProvider,
)
from tests.synth.app import Synthesis

PROVIDERS = (HelmProvider, KubernetesProvider, NullProvider, RandomProvider, TlsProvider)


class OneStack:
    """An app with one stack, `test`, to build a construct in and to look at what it makes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._app = App(outdir=str(folder))
        self.stack = TerraformStack(self._app, "test")
        for provider in PROVIDERS:
            provider(self.stack, provider.__name__)

    def document(self) -> dict[str, Any]:
        self._app.synth()
        return Synthesis.load(self._folder).stacks["test"]

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """The resources of a type, by the path of their construct."""
        bodies = self.document()["resource"].get(kind, {}).values()
        return {body["//"]["metadata"]["path"].removeprefix("test/"): body for body in bodies}

    def only(self, kind: str) -> dict[str, Any]:
        """The one resource of a type."""
        (body,) = self.resources(kind).values()
        return body
