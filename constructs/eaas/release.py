from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from constructs import Construct
from ruamel.yaml import YAML

from eaas.namespace import Namespace
from eaas.pins import Chart
from eaas.protection import protection
from eaas.terraform import Release, TerraformResource


class HelmRelease(Construct):
    """A Helm release of one pinned chart, waited for until its workloads are ready.

    `values` are in the state and in plans in plain text: secrets only as names of Secrets.
    `timeout` is in seconds. What `after` lists is ready first and removed last.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        chart: Chart,
        namespace: Namespace,
        values: Mapping[str, Any],
        protect: bool,
        after: Sequence[TerraformResource] = (),
        timeout: int = 600,
    ) -> None:
        super().__init__(scope, id)
        self.resource = Release(
            self,
            "Default",
            name=name,
            namespace=namespace.name,
            repository=chart.repository,
            chart=chart.name,
            version=chart.version,
            values=[_yaml(values)],
            wait=True,
            wait_for_jobs=True,
            timeout=timeout,
            # a first install that failed is not in the state: without this, it could never be
            # applied again (hashicorp/terraform-provider-helm#1665)
            upgrade_install=True,
            depends_on=list(after),
            lifecycle=protection(protect),
        )


def _yaml(values: Mapping[str, Any]) -> str:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 1_000_000  # a folded line would break a reference in two
    text = StringIO()
    yaml.dump(dict(values), text)
    return text.getvalue()
