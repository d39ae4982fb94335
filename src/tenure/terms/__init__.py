"""Dated terms: packs, parsing, compiling, deciding. Pure: pack bytes and cases in, decisions out.

Docs: docs/design/0001-dated-terms.md (the rules of reading), docs/reference/packs.md (the format).
"""
