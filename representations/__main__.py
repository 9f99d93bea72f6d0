"""`python -m representations METHOD FILE … --out FOLDER`."""

import sys

from representations.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
