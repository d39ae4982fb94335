"""Sealed data on disk: segments, a catalogue, the keys and the ledger. An adapter: `tenure.wiring` alone names it."""
