"""How the house is laid out, in figures: ``python -m tests.support.layout``.

Cohesion: of the import edges between modules of ``deals``, the share that stays inside one package; the
schema, the pure rules and the common room, which all may use, are not counted. Edges: lines of what people
and software meet (forms, views, api, portal, acts, urls) for each public function that writes.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = ("partners", "deals", "plans", "prm")
PACKAGES = {
    "matching",
    "tabular",
    "accounts",
    "screening",
    "opportunities",
    "registrations",
    "cases",
    "leads",
    "lists",
    "imports",
}
EDGES = {
    "views",
    "api",
    "forms",
    "portal",
    "urls",
    "api_urls",
    "acts",
    "kit",
    "shapes",
    "form_fields",
    "bodies",
    "pages",
}
READS = {
    "rules",
    "selectors",
    "models",
    "access",
    "core",
    "templatetags",
    "matching",
    "tabular",
    "management",
}


def modules(floor: str) -> Iterator[tuple[str, ast.Module, int]]:
    """Name, tree and number of lines of each module of a floor; migrations left out."""
    for path in sorted((ROOT / floor).rglob("*.py")):
        if "migrations" not in path.parts:
            text = path.read_text()
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(text), text.count("\n")


def cohesion() -> tuple[int, int]:
    """Import edges between modules of ``deals``: how many stay inside a package, and how many there are."""
    known = {name: tree for name, tree, _ in modules("deals")}
    edges = {
        (name, target)
        for name, tree in known.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for target in (
            {f"{node.module}.{alias.name}" for alias in node.names} & known.keys()
            or {node.module} & known.keys()
        )
    }
    packages = [(name.split(".")[1:2], target.split(".")[1:2]) for name, target in edges]
    counted = [pair for pair in packages if all(part and part[0] in PACKAGES for part in pair)]
    return sum(1 for own, other in counted if own == other), len(counted)


def edge_lines() -> tuple[int, int]:
    """Lines of the edges of all floors, and the public functions that write (they take an ``actor``)."""
    lines = writes = 0
    for floor in FLOORS:
        for name, tree, length in modules(floor):
            parts = set(name.split(".")[1:])
            if "management" in parts:
                continue
            if parts & EDGES:
                lines += length
            elif not set(name.split(".")[1:3]) & READS:
                writes += sum(1 for node in tree.body if _writes(node))
    return lines, writes


def _writes(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
        return False
    return any(argument.arg == "actor" for argument in node.args.kwonlyargs)


def main() -> None:
    """Print both."""
    inside, counted = cohesion()
    lines, writes = edge_lines()
    print(f"cohesion: {inside} of {counted} edges, {inside / counted:.0%}")
    print(f"edges: {lines} lines for {writes} writes, {lines / writes:.0f} each")


if __name__ == "__main__":
    main()
