"""The app with plain imports: every binding whole, as people usually write it. For comparison."""

import importlib
import runpy

from eaas.lazy_bindings import BINDINGS

if __name__ == "__main__":
    for binding in BINDINGS:
        importlib.import_module(binding)
    runpy.run_path("main.py", run_name="__main__")
