"""Measurements of the product, each beside a simple floor: ``python -m benchmarks NAME``."""
