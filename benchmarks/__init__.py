"""Benchmarks: each prints a table with a ratio to a named reference in the same run. None is a test."""
