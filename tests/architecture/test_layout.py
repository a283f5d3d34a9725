"""What the import contract does not say: one place for each name, and packages that keep to themselves."""

import ast

from tests.support.layout import FLOORS, cohesion, modules


def test_a_name_is_imported_from_where_it_is_defined() -> None:
    known = {name: tree for floor in FLOORS for name, tree, _ in modules(floor)}
    found = [
        f"{name}: {node.module}.{alias.name}"
        for name, tree in known.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in known and not node.module.endswith(".models")
        for alias in node.names
        if alias.name not in _defined(known[node.module]) and f"{node.module}.{alias.name}" not in known
    ]
    assert len(known) > 300
    assert found == []


def _defined(tree: ast.Module) -> set[str]:
    names = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    return names | {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def test_packages_of_deals_keep_to_themselves() -> None:
    inside, counted = cohesion()
    assert counted > 300
    assert inside / counted >= 0.7
