"""Syntax tree -> Problem: what the statements of a file mean, and what is wrong with them."""
