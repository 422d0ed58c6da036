MANAGED_BY = {"app.kubernetes.io/managed-by": "eaas"}
"""Tells our objects from others; `make recover` touches nothing without it."""


def labels(name: str) -> dict[str, str]:
    """The recommended labels of a Kubernetes object."""
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "eaas", **MANAGED_BY}
