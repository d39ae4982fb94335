"""A disk that loses power, and what must hold whenever it does."""
