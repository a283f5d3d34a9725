"""The import contract of a floor laid out by capability (docs/decisions/0008): packages and their rooms.

import-linter loads it from ``.importlinter``. Its own layers cannot say that a page may ask any package's
services while services may not, so the three sentences of the contract stand here:

- A package imports only packages listed above it.
- Its doors (forms, views, api) may also ask what lies behind other packages' doors, and doors listed above.
- Inside a package a room imports only the rooms before it; nothing behind a door imports a door; no cycles.
"""

from collections.abc import Iterator
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

LOOSE = "services"  # a module that is named for its subject is a service


class PackagesContract(Contract):
    """``packages`` and ``rooms``: lowest first. ``doors``: the rooms that people and software meet."""

    type_name = "packages"

    # import-linter puts the values read in the place of the fields.
    floor = cast(str, fields.StringField())
    packages = cast(list[str], fields.ListField(subfield=fields.StringField()))
    rooms = cast(list[str], fields.ListField(subfield=fields.StringField()))
    doors = cast(list[str], fields.ListField(subfield=fields.StringField()))

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        modules = sorted(m for m in graph.modules if m.startswith(f"{self.floor}."))
        edges = [
            (importer, imported)
            for importer in modules
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported.startswith(f"{self.floor}.")
        ]
        faults = [f"{a} imports {b}: {why}" for a, b in edges if (why := self.fault(a, b))]
        faults += [f"Imported in a circle: {' → '.join(ring)}" for ring in circles(edges)]
        faults += [f"{name} is in no package" for name in sorted(self.strangers(modules))]
        return ContractCheck(kept=not faults, metadata={"faults": faults})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for fault in check.metadata["faults"]:
            output.print_error(fault)

    def place(self, module: str) -> tuple[str, str]:
        """The package and the room a module is in; "" for what joins the packages together (urls, tasks)."""
        parts = module.removeprefix(f"{self.floor}.").split(".")
        if parts[0] not in self.packages:
            return "", ""
        return parts[0], parts[1] if len(parts) > 1 and parts[1] in self.rooms else LOOSE

    def strangers(self, modules: list[str]) -> set[str]:
        """Folders of the floor that the contract does not know."""
        inner = {m.split(".")[1] for m in modules if m.count(".") > 1}
        return inner - set(self.packages) - {"migrations", "management", "templatetags"}

    def fault(self, importer: str, imported: str) -> str:
        """Why a module may not import another; "" when it may."""
        (package, room), (other, other_room) = self.place(importer), self.place(imported)
        if not package:
            return ""
        if not other:
            return "what joins the packages is imported by none of them"
        at_door, door = room in self.doors, other_room in self.doors
        if door and not at_door:
            return "it lies behind a door"
        if package == other:
            above = self.rooms.index(other_room) > self.rooms.index(room)
            return "a room above its own" if above and not (at_door and door) else ""
        upward = self.packages.index(other) > self.packages.index(package)
        return f"{other} is above {package}" if upward and (door or not at_door) else ""


def circles(edges: list[tuple[str, str]]) -> Iterator[list[str]]:
    """Modules that import each other in a ring: one ring for each set of them, by depth-first search."""
    below: dict[str, list[str]] = {}
    for importer, imported in edges:
        below.setdefault(importer, []).append(imported)
    done: set[str] = set()
    for start in below:
        path: list[str] = []
        stack = [(start, iter(below.get(start, [])))] if start not in done else []
        while stack:
            module, rest = stack[-1]
            if not path or path[-1] != module:
                path.append(module)
            following = next((m for m in rest if m not in done), None)
            if following is None:
                done.add(module)
                path.pop()
                stack.pop()
            elif following in path:
                yield [*path[path.index(following) :], following]
            else:
                stack.append((following, iter(below.get(following, []))))
