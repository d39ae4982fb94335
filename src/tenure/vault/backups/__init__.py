"""Backups of a store: taken of one that is open, and brought back without what was destroyed since. Source: design 0002, Backups."""
