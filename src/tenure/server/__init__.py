"""The service: what agents and people send arrives here, and is answered."""
