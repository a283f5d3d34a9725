"""What can be called: addresses, gates and methods, tasks with queues and times, permissions and moves."""

import json
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

from config.celery import app
from deals.rules.lifecycle import MOVES
from partners.rules.roles import PERMISSIONS


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


def openapi() -> str:
    """The same, a member a line."""
    return json.dumps(document(), indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"


def addresses() -> Iterator[str]:
    """``address name methods gate`` of every URL."""

    def walk(resolver: URLResolver, route: str, space: str) -> Iterator[str]:
        for entry in resolver.url_patterns:
            here = route + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, here, f"{space}{entry.namespace}:" if entry.namespace else space)
            else:
                yield f"{here} {space}{entry.name} {_methods(entry)} {_gate(entry)}"

    yield from walk(get_resolver(), "", "")


def _methods(pattern: URLPattern) -> str:
    view: Any = pattern.callback
    actions = getattr(view, "actions", None)
    if actions:
        return ",".join(sorted(method.upper() for method in actions if method != "head"))
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if kind is not None:
        return ",".join(m.upper() for m in ("delete", "get", "patch", "post", "put") if hasattr(kind, m))
    return ",".join(sorted(getattr(view, "methods", ())))


def _gate(pattern: URLPattern) -> str:
    view: Any = pattern.callback
    gates = getattr(view, "gates", None)
    if gates is None:
        return str(getattr(view, "gate", "-"))
    asked = getattr(view, "actions", None) or {name: name for name in gates}
    # A view learns to answer HEAD when it is first called; nothing is said of it here.
    told = {method: gates.get(action) for method, action in asked.items() if method != "head"}
    return " ".join(f"{method}={gate}" for method, gate in sorted(told.items()))


def tables() -> Iterator[str]:
    """Tasks, their queues and times; permissions; moves of a registration."""
    for name, route in sorted(app.conf.task_routes.items()):
        yield f"task {name} {route['queue']}"
    for name, entry in sorted(app.conf.beat_schedule.items()):
        yield f"beat {name} {entry['task']} {entry['schedule']}"
    for permission, roles in sorted(PERMISSIONS.items()):
        yield f"permission {permission} {' '.join(sorted(role.value for role in roles))}"
    for move, rule in MOVES.items():
        states = " ".join(sorted(state.value for state in rule.sources))
        yield f"move {move.value} {states} by {' '.join(sorted(role.value for role in rule.roles))}"


def surface() -> str:
    """Addresses and tables, sorted."""
    return "\n".join([*sorted(addresses()), *tables()]) + "\n"
