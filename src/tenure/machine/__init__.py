"""Adapter: this machine's files, settings, processes. Opens no credential file and makes no connection."""
