"""What PostgreSQL did for a statement: for tests that a page reads no more than it shows."""

import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

type Node = dict[str, Any]


def explained(statement: str) -> list[Node]:
    """The nodes of the plan by which a statement was carried out in this scope, the outermost first."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement)
        ((told,),) = cursor.fetchall()
    (whole,) = json.loads(told) if isinstance(told, str) else told
    return list(_nodes(whole["Plan"]))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for part in node.get("Plans", []):
        yield from _nodes(part)


def pages_read(nodes: list[Node]) -> int:
    """Pages of tables and indexes the statement looked at."""
    return int(nodes[0]["Shared Hit Blocks"] + nodes[0]["Shared Read Blocks"])


def rows_joined(nodes: list[Node]) -> int:
    """The most rows that came out of a join."""
    joins = [node for node in nodes if node["Node Type"] in ("Nested Loop", "Hash Join", "Merge Join")]
    return max((int(node["Actual Rows"] * node["Actual Loops"]) for node in joins), default=0)
