"""EaaS: constructs that synthesize a whole platform per environment as Terraform JSON.

One file per component and one per cross-cutting idea. `terraform.py` alone knows the engine.
"""
