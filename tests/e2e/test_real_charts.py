"""Our values on the real charts, where their packages lie in the cache."""

from collections.abc import Callable

import pytest

from tests.bench import Bench
from tests.e2e.conftest import pinned_charts
from tests.e2e.test_life import RELEASES, releases, unready
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.usefixtures("real_providers")


def test_the_real_charts_take_our_values(
    bench: Bench, new_workspace: Callable[[], Workspace]
) -> None:
    bench.charts(pinned_charts(), prefer_real=True)
    origins = bench.chart_origins
    print(f"charts: {origins}")
    if "real" not in origins.values():
        pytest.skip("no real chart lies in the cache folder")
    try:
        staging = new_workspace()
        with bench.host("real-charts") as host:
            staging.use(host)
            result = staging.cdktf("deploy", "staging-*")
            assert result.code == 0, result.output
            assert releases(host) == dict.fromkeys({*RELEASES, "postgres"}, "deployed")
            assert unready(host) == []
            again = staging.cdktf("deploy", "staging-*")
            assert again.output.count("No changes") == 2, again.output
    finally:
        bench.charts(pinned_charts())
