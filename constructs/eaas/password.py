from constructs import Construct

from eaas.terraform import RandomPassword


class Password(Construct):
    """A generated password of 32 letters and digits, kept in the state.

    No other characters: the password stands in URLs, and redis.conf takes it unquoted.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.value: str = RandomPassword(self, "Default", length=32, special=False).result
