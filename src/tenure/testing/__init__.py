"""Fakes and contract checks for each port. Public: others test their adapters with them."""
