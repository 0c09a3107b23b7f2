"""What a user sees of a Solution or a Problem: JSON, a table, a picture, an explanation.

Each module turns data into something to show and returns it; printing and saving is the command line's.
"""

PLOT_FORMATS = ("png", "svg", "pdf")
"""Kinds of picture, named here so that a wrong one is found without loading matplotlib."""
