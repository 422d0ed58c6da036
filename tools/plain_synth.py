"""The app with plain imports: every binding whole, as people usually write it. For comparison."""

import importlib
import runpy

BINDINGS = ("cloudflare", "helm", "kubernetes", "null", "random", "tls")

if __name__ == "__main__":
    for binding in BINDINGS:
        importlib.import_module(f"cdktf_cdktf_provider_{binding}")
    runpy.run_path("main.py", run_name="__main__")
