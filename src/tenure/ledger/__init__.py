"""The ledger: an append-only Merkle tree over receipts, as RFC 9162 has it. Pure: bytes in, hashes and proofs out."""
