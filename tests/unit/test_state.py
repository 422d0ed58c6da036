from pathlib import Path
from typing import Any

import pytest

from eaas.state import R2Store, state_key, state_store
from eaas.terraform import App, TerraformOutput, TerraformStack
from tests.unit.environments import environment
from tests.unit.one_stack import OneStack

R2 = {
    "bucket": "example-tfstate",
    "region": "auto",
    "endpoints": {"s3": "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com"},
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "skip_region_validation": True,
    "skip_requesting_account_id": True,
    "skip_s3_checksum": True,
    "use_path_style": True,
}


def test_r2_is_an_s3_backend_with_locks_and_nothing_that_r2_does_not_do(one: OneStack) -> None:
    state_store(environment(), Path("/project")).hold(one.stack, "staging/phase0.tfstate")
    assert one.document()["terraform"]["backend"] == {
        "s3": {**R2, "key": "staging/phase0.tfstate", "use_lockfile": True}
    }


def test_a_later_stack_reads_the_same_object_in_the_same_bucket(one: OneStack) -> None:
    store = state_store(environment(), Path("/project"))
    remote = store.read(one.stack, "phase0", "staging/phase0.tfstate")
    TerraformOutput(one.stack, "host", value=remote.get_string("postgres_host"))
    document = one.document()
    assert document["output"]["host"]["value"] == (
        "${data.terraform_remote_state.phase0.outputs.postgres_host}"
    )
    assert document["data"]["terraform_remote_state"]["phase0"] == {
        "backend": "s3",
        "config": {**R2, "key": "staging/phase0.tfstate"},
    }


@pytest.mark.parametrize(
    ("settings", "endpoint"),
    [
        ({}, "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com"),
        (
            {"state.jurisdiction": "eu"},
            "https://0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com",
        ),
        ({"state.s3_endpoint": "http://127.0.0.1:5000"}, "http://127.0.0.1:5000"),
    ],
    ids=["default", "eu", "another store"],
)
def test_the_endpoint_is_the_jurisdictions_or_another_stores(
    one: OneStack, settings: dict[str, Any], endpoint: str
) -> None:
    state_store(environment(changes=settings), Path("/project")).hold(one.stack, "key")
    assert one.document()["terraform"]["backend"]["s3"]["endpoints"] == {"s3": endpoint}


def test_local_state_is_a_file_in_the_projects_folder(tmp_path: Path) -> None:
    changes = {"state": {"backend": "local", "folder": "states"}}
    store = state_store(environment(changes=changes), Path("/project"))
    app = App(outdir=str(tmp_path))
    holder, reader = TerraformStack(app, "holder"), TerraformStack(app, "reader")
    store.hold(holder, "local/phase0.tfstate")
    store.read(reader, "phase0", "local/phase0.tfstate")
    path = {"path": "/project/states/local/phase0.tfstate"}
    assert holder.to_terraform()["terraform"]["backend"] == {"local": path}
    assert reader.to_terraform()["data"]["terraform_remote_state"]["phase0"] == {
        "backend": "local",
        "config": path,
    }


@pytest.mark.parametrize(
    ("changes", "seconds"), [({}, 20), ({"state": {"backend": "local"}}, 0)], ids=["r2", "local"]
)
def test_the_store_says_how_long_terraform_may_keep_results_unsaved(
    changes: dict[str, Any], seconds: int
) -> None:
    assert state_store(environment(changes=changes), Path("/project")).save_interval == seconds


def test_a_key_names_the_environment_and_the_phase() -> None:
    assert state_key(environment("prod"), "phase1") == "prod/phase1.tfstate"


def test_credentials_of_the_environment_are_never_written_down(
    one: OneStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    store = state_store(environment(), Path("/project"))
    assert isinstance(store, R2Store)
    store.hold(one.stack, "key")
    text = str(one.document())
    assert "AKIAIOSFODNN7EXAMPLE" not in text
    assert "wJalrXUtnFEMI" not in text
