"""Use cases over ports: each a function of its ports and arguments."""
