"""The ``{% component %}`` tag: templates under ``components/`` with arguments, a body and named fills.

    {% component "badge" text=state tone="good" / %}

    {% component "panel" title="Deals" %}
      {% fill "actions" %}<a href="…">All</a>{% endfill %}
      body, drawn with the page's own context, reaches the component as ``slot``
    {% endcomponent %}

A component sees its arguments, its fills, ``slot``, ``request`` and ``csrf_token``, and nothing else of the
page, so what it needs can be read at the place where it is used.
"""

from typing import Any

from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.safestring import SafeString, mark_safe


class FillNode(Node):
    """A named part of a component's body."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        raise TemplateSyntaxError(f"{{% fill {self.name!r} %}} must stand directly inside {{% component %}}.")


class ComponentNode(Node):
    """One use of a component."""

    def __init__(
        self,
        name: str,
        arguments: dict[str, FilterExpression],
        fills: dict[str, NodeList],
        nodelist: NodeList,
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.fills = fills
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        values: dict[str, Any] = {key: value.resolve(context) for key, value in self.arguments.items()}
        values |= {name: _drawn(nodes, context) for name, nodes in self.fills.items()}
        values["slot"] = _drawn(self.nodelist, context)
        values["request"] = context.get("request")
        values["csrf_token"] = context.get("csrf_token")
        engine = context.template.engine  # type: ignore[union-attr]
        drawn = engine.get_template(f"components/{self.name}.html").render(context.new(values))
        return mark_safe(drawn.strip())


def _drawn(nodes: NodeList, context: Context) -> SafeString:
    """The body's output, already escaped by its own nodes."""
    return mark_safe(nodes.render(context).strip())


def _literal(bits: list[str], tag: str) -> str:
    if len(bits) < 2 or bits[1][0] not in "\"'" or bits[1][-1] != bits[1][0]:
        raise TemplateSyntaxError(f'{{% {tag} %}} wants a name in quotes first: {{% {tag} "name" %}}.')
    return bits[1][1:-1]


def fill(parser: Parser, token: Token) -> FillNode:
    """``{% fill "name" %}…{% endfill %}``"""
    name = _literal(token.split_contents(), "fill")
    nodelist = parser.parse(("endfill",))
    parser.delete_first_token()
    return FillNode(name, nodelist)


def component(parser: Parser, token: Token) -> ComponentNode:
    """``{% component "name" key=value … / %}`` or with a body up to ``{% endcomponent %}``."""
    bits = token.split_contents()
    name = _literal(bits, "component")
    rest = bits[2:]
    closed = bool(rest) and rest[-1] == "/"
    if closed:
        rest.pop()
    arguments = token_kwargs(rest, parser)
    if rest:
        raise TemplateSyntaxError(
            f'{{% component "{name}" %}} cannot read {rest[0]!r}; arguments are key=value.'
        )
    body = NodeList()
    if not closed:
        body = parser.parse(("endcomponent",))
        parser.delete_first_token()
    fills = {node.name: node.nodelist for node in body if isinstance(node, FillNode)}
    if clash := set(fills) & set(arguments):
        raise TemplateSyntaxError(f'{{% component "{name}" %}} is given {clash.pop()!r} twice.')
    slot = NodeList(node for node in body if not isinstance(node, FillNode))
    return ComponentNode(name, arguments, fills, slot)
