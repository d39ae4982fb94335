"""Tenure: the terms on which a thing is held, and the time for which it is held."""

__version__ = "0.1.0"
