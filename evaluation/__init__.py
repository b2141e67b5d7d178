"""Impact evaluation of two-round household surveys."""

__version__ = "0.1.0"
