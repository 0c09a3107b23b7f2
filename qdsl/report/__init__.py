"""What a user sees of a Solution or a Problem: JSON, a table, a picture, an explanation.

Each module turns data into something to show and returns it; printing and saving is the command line's.
"""
