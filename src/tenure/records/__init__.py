"""The nouns: kinds and purposes of data, calendar periods, cases and canonical bytes. Pure values without behaviour of their own."""
