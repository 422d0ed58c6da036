from tests.synth.app import Synthesis

RECOMMENDED = {
    "app.kubernetes.io/managed-by": "eaas",
    "app.kubernetes.io/part-of": "eaas",
}


def test_every_object_of_ours_says_so_since_recover_takes_in_no_other(synthesis: Synthesis) -> None:
    for item in synthesis.resources("kubernetes_"):
        metadata = item.body["metadata"]
        labels = {**RECOMMENDED, "app.kubernetes.io/name": metadata["name"]}
        assert metadata["labels"] == labels, item


def test_every_object_but_a_namespace_lies_in_a_namespace_of_its_stack(
    synthesis: Synthesis,
) -> None:
    for item in synthesis.resources("kubernetes_"):
        namespace = item.body["metadata"].get("namespace")
        if item.kind == "kubernetes_namespace_v1":
            assert namespace is None, item
        else:
            made = synthesis.stacks[item.stack]["resource"]["kubernetes_namespace_v1"]
            names = {f"${{kubernetes_namespace_v1.{name}.metadata[0].name}}" for name in made}
            assert namespace in names, item
