"""See the package. Needs the servers of the tests; starts the embedded ones where none are named."""

import argparse
import os
import sys
import tempfile
import tomllib
from itertools import zip_longest
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent.parent.parent / "golden"


def first_difference(committed: str, now: str) -> str:
    """The first line in which two texts differ, both ways; "" when they are equal."""
    pairs = zip_longest(committed.splitlines(), now.splitlines(), fillvalue="")
    for number, (old, new) in enumerate(pairs, 1):
        if old != new:
            return f"line {number}: - {old[:400]}\n        + {new[:400]}"
    return ""


def main() -> None:
    """Write the outputs, or renew the committed ones."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.proof", description=__doc__)
    parser.add_argument("--out", type=Path, help="folder to write all four outputs to")
    parser.add_argument("--write", action="store_true", help="renew the files the suite compares")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="tree whose definitions are read")
    parser.add_argument("--renames", type=Path, help="TOML of old name = new name, for the definitions")
    options = parser.parse_args()
    from tests.support import plugin  # noqa: F401 - the test environment, and servers where none are given

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from tests.support import database
    from tests.support.proof import demo, surface
    from tests.support.proof.definitions import definitions

    renames = tomllib.loads(options.renames.read_text()) if options.renames else {}
    folder = GOLDEN if options.write else options.out
    if folder is None:
        sys.exit("Say --out DIR or --write.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openapi.json").write_text(surface.openapi())
    (folder / "surface.txt").write_text(surface.surface())
    if not options.write:
        told = sorted(definitions(options.root, renames))
        (folder / "definitions.txt").write_text("\n".join(told) + "\n")
    name = database.create("proof")
    try:
        with tempfile.TemporaryDirectory() as scratch, demo.the_demo(Path(scratch)):
            (folder / "demo.txt").write_text("\n".join(demo.lines()) + "\n")
    finally:
        database.drop(name)


if __name__ == "__main__":
    main()
