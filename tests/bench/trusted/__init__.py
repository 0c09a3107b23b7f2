"""Eigenvalues to be trusted: two solvers that share nothing with qdsl, nor with each other."""
