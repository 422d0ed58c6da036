"""Keeps the provider bindings from loading every resource class they have.

A binding's package imports all of its submodules (some 900 Python modules for kubernetes and
cloudflare), and jsii then loads all of its JavaScript. Both halves are kept from running: here a
package is entered in `sys.modules` without its `__init__`, so that importing a submodule loads
that submodule alone; `lazy_bindings.js` does the same for Node. The synthesized JSON is the same
to the byte. Must be called before `cdktf` is imported, since that starts Node.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

BINDINGS = [
    f"cdktf_cdktf_provider_{name}" for name in ("helm", "kubernetes", "null", "random", "tls")
]
"""The packages that are in use."""
PRELOAD = Path(__file__).with_suffix(".js")


def install(packages: list[str]) -> None:
    """Prepare `packages`. One that is imported already stays as it is."""
    for package in packages:
        if package not in sys.modules:
            sys.modules[package] = _shell(package)
    options = os.environ.get("NODE_OPTIONS", "")
    if str(PRELOAD) not in options:
        os.environ["NODE_OPTIONS"] = f'{options} --require "{PRELOAD}"'.strip()


def _shell(package: str) -> ModuleType:
    spec = find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    module = ModuleType(package)
    module.__spec__ = spec
    module.__file__ = spec.origin
    module.__path__ = list(spec.submodule_search_locations or [])
    return module
