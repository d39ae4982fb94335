"""The examination of a store that need not open: what is wrong with its files, and what of it can be mended. Source: design 0002; issue 3 C."""
