"""Syntax tree -> Problem (sympy, dimensionless, checked), and the analysis of where it is not smooth."""
