"""`python -m qdsl` is the command `qdsl`."""

import sys

from qdsl.cli import main

if __name__ == "__main__":
    sys.exit(main())
