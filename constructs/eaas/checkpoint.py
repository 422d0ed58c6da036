from constructs import Construct

from eaas.terraform import LocalExecProvisioner, NullResource, TerraformResource, TerraformStack

OFFLINE = ("random_", "tls_")
"""Resource types that are made without the cluster."""


class Checkpoint(Construct):
    """Holds an apply until everything that it generates is safe in the state.

    Terraform saves a remote state at most every `interval` seconds, when a resource is finished.
    An apply that is killed before then has lost its keys, though the host and the databases have
    them already. So after keys and passwords comes one resource that takes longer than that, and
    what stands on it starts with the state saved. It is made anew only when a secret joins or
    leaves the stack.
    """

    def __init__(self, scope: Construct, id: str, *, interval: int) -> None:
        super().__init__(scope, id)
        self._carried: dict[str, str] = {}
        self.pause = LocalExecProvisioner(type="local-exec", command=f"sleep {interval + 1}")
        """Put last into another resource, it makes that one's completion save the state too."""
        self.resource = NullResource(self, "Default", provisioners=[self.pause])

    def carry(self, name: str, value: str) -> str:
        """`value`, known in a plan as before, but only for what comes after the checkpoint."""
        self._carried[name] = value
        return str(self.resource.get_string_attribute(f"triggers.{name}"))

    def close(self) -> None:
        """Take in everything that the stack generates. To be called when the stack is complete."""
        generated = sorted(
            f"{resource.terraform_resource_type}.{resource.friendly_unique_id}"
            for resource in TerraformStack.of(self).node.find_all()
            if isinstance(resource, TerraformResource)
            and resource.terraform_resource_type.startswith(OFFLINE)
        )
        self.resource.triggers = {"generated": "\n".join(generated), **self._carried}
        self.resource.depends_on = generated
