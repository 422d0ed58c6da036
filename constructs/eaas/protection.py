from eaas.terraform import TerraformResourceLifecycle


def protection(protect: bool) -> TerraformResourceLifecycle | None:  # noqa: FBT001
    """Lifecycle of what must not be lost: terraform refuses a plan that would destroy it."""
    return TerraformResourceLifecycle(prevent_destroy=True) if protect else None
