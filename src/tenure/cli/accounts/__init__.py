"""`tenure org`, `tenure account` and `tenure privacy`: who an owner is, and what they agreed to."""
