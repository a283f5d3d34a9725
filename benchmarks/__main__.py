"""``python -m benchmarks NAME [--rows N] [--data DIR] [--json]``; without a name, lists what there is."""

import sys

from benchmarks.frame import main

sys.exit(main(sys.argv[1:]))
