"""The console: pages that a server makes, for a person, an operator and an organisation. No script runs in them."""
