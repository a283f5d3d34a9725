"""Every top-level definition as a line ``name hash``: a multiset that no move between modules changes."""

import ast
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

FOLDERS = ("partners", "deals", "plans", "prm", "config", "benchmarks")
_DOTTED = re.compile(r"\b(?:partners|deals|plans|prm|tests)(?:\.\w+)+|\bdeals/\w[\w/]*")


class _Renamed(ast.NodeTransformer):
    """Names under a rename map; imports inside functions and dotted module paths in strings are left out."""

    def __init__(self, renames: Mapping[str, str]) -> None:
        self.renames = renames

    def visit(self, node: ast.AST) -> ast.AST | None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            return ast.Pass()
        for field in ("id", "attr", "name", "arg"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                setattr(node, field, self.renames.get(value, value))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = " ".join(_DOTTED.sub("…", node.value).split())
        self.generic_visit(node)
        return node


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [
        part.id for target in targets if target for part in ast.walk(target) if isinstance(part, ast.Name)
    ]


def definitions(root: Path, renames: Mapping[str, str]) -> Iterator[str]:
    """``name hash`` of each definition under ``root``; docstrings of modules and imports do not count."""
    for folder in FOLDERS:
        for path in (root / folder).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            for node in ast.parse(path.read_text()).body:
                told = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
                if told or isinstance(node, ast.Import | ast.ImportFrom):
                    continue
                renamed = cast(ast.stmt, _Renamed(renames).visit(node))
                digest = hashlib.sha256(ast.dump(renamed).encode()).hexdigest()[:12]
                yield f"{' '.join(_names(renamed)) or 'statement'} {digest}"
