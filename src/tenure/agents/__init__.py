"""Coding agents: one module per agent, with what it leaves on a machine and what its settings mean. Pure: bytes and names in, facts out."""
