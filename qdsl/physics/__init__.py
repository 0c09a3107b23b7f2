"""The quantum problem as mathematics: Problem, the analysis of where it is not smooth, its checks."""
