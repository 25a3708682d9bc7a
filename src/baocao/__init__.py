"""baocao: reporting regimes written in law, run as workflows."""

__version__ = "0.1.0"
