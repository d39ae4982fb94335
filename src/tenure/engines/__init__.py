"""Adapters to engines of others."""
