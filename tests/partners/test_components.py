"""Components, filters and the shell: what they print, and that what people typed stays text."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django import forms
from django.core.paginator import Paginator
from django.template import Context, NodeList, RequestContext, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.text import smart_split

from partners.templatetags import prm
from partners.templatetags.components import ComponentNode, FillNode

REPOSITORY = Path(__file__).resolve().parent.parent.parent
COMPONENTS = sorted((REPOSITORY / "partners" / "templates" / "components").glob("*.html"))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
HOSTILE = [
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "{{ settings.SECRET_KEY }}",
    "{% debug %}",
    "</title></textarea></template><b>",
    "\u202eevil\u0000",
]


def draw(source: str, query: str = "", **context: Any) -> str:
    """A template drawn as a page would draw it."""
    request = RequestFactory().get("/list/" + query)
    return Template(source).render(RequestContext(request, {"request": request, **context}))


# ---- the tag ----------------------------------------------------------------------------------------


def test_a_component_sees_its_arguments_and_nothing_else_of_the_page() -> None:
    assert "secret" not in draw('{% component "badge" tone="good" / %}', text="secret")
    assert "shown" in draw('{% component "badge" text=text / %}', text="shown")


def test_body_and_fills_are_drawn_with_the_context_of_the_page() -> None:
    html = draw(
        '{% component "panel" title="T" %}{% fill "actions" %}[{{ word }}]{% endfill %}({{ word }})'
        "{% endcomponent %}",
        word="here",
    )
    assert '<div class="row">[here]</div>' in html
    assert '<div class="panel-body">(here)</div>' in html


def test_components_nest() -> None:
    html = draw(
        '{% component "panel" title="Outer" %}{% component "panel" title="Inner" %}'
        '{% fill "foot" %}deep{% endfill %}{% endcomponent %}{% endcomponent %}'
    )
    assert html.count('<section class="panel"') == 2
    assert html.count("deep") == 1


@pytest.mark.parametrize(
    "source",
    [
        "{% component badge / %}",
        '{% component "badge" "text" / %}',
        '{% component "panel" %}',
        '{% component "panel" title="a" %}{% fill "title" %}b{% endfill %}{% endcomponent %}',
        "{% component %}",
    ],
)
def test_a_component_written_wrongly_says_so(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        draw(source)


def test_a_fill_that_would_be_lost_says_so() -> None:
    source = (
        '{% component "panel" %}{% if 1 %}{% fill "actions" %}x{% endfill %}{% endif %}{% endcomponent %}'
    )
    with pytest.raises(TemplateSyntaxError, match="directly inside"):
        draw(source)


# ---- what people typed stays text -------------------------------------------------------------------

TEXT_ARGUMENTS = {
    "badge": "text",
    "button": "label",
    "dialog": "title",
    "empty": "title",
    "event": "title",
    "fact": "value",
    "filters": "search",
    "note": "title",
    "notice": "question",
    "panel": "title",
    "post": "label",
    "progress": "label",
    "select": "label",
    "stat": "value",
    "tab": "label",
    "table": "caption",
    "tabs": "label",
    "th": "label",
    "timeline": "label",
}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize(("name", "argument"), sorted(TEXT_ARGUMENTS.items()))
def test_components_escape(name: str, argument: str, hostile: str) -> None:
    html = draw(f'{{% component "{name}" {argument}=hostile / %}}', hostile=hostile)
    assert conditional_escape(hostile) in html
    assert "<script>" not in html
    assert "<img src=x" not in html
    assert "' autofocus" not in html


@pytest.mark.parametrize("hostile", HOSTILE)
def test_filters_and_queries_escape(hostile: str) -> None:
    escaped = str(conditional_escape(hostile))
    assert prm.sentence([hostile, "b"]) == f"{escaped} and b"
    assert f'<span class="money-currency">{escaped}</span>' in prm.money(1, hostile)
    for text in (prm.money(hostile), prm.when(hostile), prm.day(hostile), prm.time_left(hostile)):
        assert text == "–"
    html = draw("{% query_with q=hostile %}", hostile=hostile)
    assert not set("<>\"'") & set(html)


def test_what_was_searched_for_comes_back_as_text() -> None:
    html = draw('{% component "filters" search="S" / %}', "?q=%22%3E%3Cscript%3E")
    assert 'value="&quot;&gt;&lt;script&gt;"' in html


# ---- filters ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Decimal("12500.00"), "EUR", "12,500"),
        (Decimal("12500.5"), "EUR", "12,500.50"),
        (Decimal("12500.5"), "JPY", "12,500"),
        (Decimal("1.234"), "KWD", "1.234"),
        (-3, "USD", "-3"),
        (0, "USD", "0"),
        ("1e3", "USD", "1,000"),
    ],
)
def test_money(amount: object, currency: str, text: str) -> None:
    assert prm.money(amount, currency) == (
        f'<span class="money"><span class="money-currency">{currency}</span>\u00a0{text}</span>'
    )


@pytest.mark.parametrize("nothing", [None, "", "NaN", "Infinity", "12 apples", [], object(), "1e999999"])
def test_no_amount_is_a_dash(nothing: object) -> None:
    assert prm.money(nothing, "EUR") == prm.number(nothing) == prm.percent(nothing) == "–"
    assert prm.money_short(nothing, "EUR") == "–"


@pytest.mark.parametrize(
    ("amount", "text"),
    [(999, "999"), (1000, "1k"), (1_250_000, "1.2m"), (-2_000_000, "-2m"), (3_100_000_000, "3.1bn")],
)
def test_money_short(amount: int, text: str) -> None:
    html = prm.money_short(amount, "EUR")
    assert f">EUR\u00a0{text}<" in html
    assert f'title="EUR {amount:,}"' in html


@pytest.mark.parametrize(
    ("away", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(hours=-5, minutes=-59), "5 hours ago"),
        (timedelta(days=-44), "44 days ago"),
        (timedelta(days=3, hours=1), "in 3 days"),
        (timedelta(days=-60), "24\u00a0Sep\u00a02026"),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_when(away: timedelta, text: str) -> None:
    assert f">{text}</time>" in prm.when(NOW + away)


@time_machine.travel(NOW, tick=False)
def test_times_are_shown_in_the_zone_in_force() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    with timezone.override("Asia/Tokyo"):
        assert 'title="24 Nov 2026, 08:30 JST"' in prm.when(late)
        assert ">24\u00a0Nov\u00a02026<" in prm.day(late)
    with timezone.override("America/New_York"):
        assert ">23\u00a0Nov\u00a02026<" in prm.day(late)


@pytest.mark.parametrize("edge", [FIRST, LAST, date.min, date.max])
def test_the_edges_of_the_calendar_are_drawn(edge: date) -> None:
    with timezone.override("America/New_York" if edge.year == 1 else "Asia/Tokyo"):
        for text in (prm.when(edge), prm.day(edge), prm.time_left(edge)):
            assert text.startswith("<time datetime=")


@pytest.mark.parametrize(
    ("deadline", "text", "tone"),
    [
        (NOW + timedelta(days=3, hours=2), "3 days left", "neutral"),
        (NOW + timedelta(hours=5), "5 hours left", "warn"),
        (NOW - timedelta(hours=2), "2 hours overdue", "bad"),
        (date(2026, 11, 23), "due today", "warn"),
        (date(2026, 11, 22), "1 day overdue", "bad"),
        (date(2026, 11, 27), "4 days left", "neutral"),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_deadlines(deadline: date, text: str, tone: str) -> None:
    html = draw('{% component "deadline" at=at / %}', at=deadline)
    assert f">{text}</time>" in html
    assert f"tone-{tone}" in html


@pytest.mark.parametrize(
    ("values", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), ("abc", "a, b and c"), (None, "")]
)
def test_sentence(values: Any, text: str) -> None:
    assert prm.sentence(values) == text


# ---- lists ------------------------------------------------------------------------------------------


def test_query_with_changes_one_thing_and_forgets_the_place() -> None:
    assert draw('{% query_with sort="name" %}', "?q=a%26b&page=3&sort=-x") == "?q=a%26b&amp;sort=name"
    assert draw('{% query_with q="" %}', "?q=a&after=zzz&state=open&state=new") == "?state=open&amp;state=new"
    assert draw("{% query_with page=2 %}", "?q=a&page=1") == "?q=a&amp;page=2"


@pytest.mark.parametrize(
    ("query", "state", "following"),
    [
        ("", "ascending", "?sort=-name"),
        ("?sort=name", "ascending", "?sort=-name"),
        ("?sort=-name", "descending", "?sort=name"),
        ("?sort=other", None, "?sort=name"),
    ],
)
def test_headings_sort(query: str, state: str | None, following: str) -> None:
    html = draw('{% component "th" label="Name" sort="name" default="name" / %}', query)
    assert (f'aria-sort="{state}"' in html) if state else ("aria-sort" not in html)
    assert f'href="{following}"' in html


def test_a_number_is_first_sorted_downwards() -> None:
    assert 'href="?sort=-sum"' in draw('{% component "th" label="Sum" sort="sum" first="-" / %}')


def test_an_empty_table_teaches_and_a_full_one_has_rows() -> None:
    source = (
        '{% component "table" caption="C" %}{% for row in rows %}<tr></tr>{% endfor %}'
        '{% fill "empty" %}Do this{% endfill %}{% endcomponent %}'
    )
    assert "Do this" in draw(source, rows=[])
    assert "<table" not in draw(source, rows=[])
    assert "Do this" not in draw(source, rows=[1])
    assert '<caption class="sr-only">C</caption>' in draw(source, rows=[1])


def test_the_pager_keeps_the_query() -> None:
    page = Paginator(range(120), 50).get_page(2)
    html = draw('{% component "pager" page=page / %}', "?q=x&page=2", page=page)
    assert "51–100 of 120" in html
    assert 'href="?q=x&amp;page=1"' in html
    assert 'href="?q=x&amp;page=3"' in html
    assert 'href="?after=c2"' in draw('{% component "pager" after="c2" / %}')
    assert draw('{% component "pager" page=page / %}', page=Paginator([1], 50).get_page(1)) == ""


# ---- forms ------------------------------------------------------------------------------------------


class Sample(forms.Form):
    name = forms.CharField(help_text="As written.")
    note = forms.CharField(required=False)
    side = forms.ChoiceField(choices=[("us", "Us")], widget=forms.RadioSelect)
    told = forms.BooleanField(label="Told")
    version = forms.IntegerField(widget=forms.HiddenInput)


def test_errors_stand_beside_their_field_and_in_the_summary() -> None:
    html = draw('{% component "form" form=form / %}', form=Sample({"note": "kept"}))
    assert "5 things to correct" not in html
    assert "4 things to correct" in html
    assert '<a href="#id_name">Name</a>: This field is required.' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert '<ul class="errorlist" id="id_name_error"><li>This field is required.</li></ul>' in html
    assert 'aria-invalid="true"' in html
    assert 'value="kept"' in html
    assert '<label for="id_told">Told</label>' in html
    assert html.count('name="version"') == 1
    assert html.count("csrfmiddlewaretoken") == 1


def test_a_form_drawn_whole_is_the_same() -> None:
    html = str(Sample())
    assert '<label class="field-label" for="id_name">Name</label>' in html
    assert 'Note <span class="field-optional">optional</span>' in html
    assert '<legend class="field-label">Side</legend>' in html
    assert "form-errors" not in html


# ---- files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_select_is_drawn_as_django_draws_it(hostile: str) -> None:
    choices = [("", hostile), (hostile, "One"), ("Group " + hostile, [(1, "First"), (2, "Second")])]
    choice = forms.ChoiceField(choices=choices, widget=forms.Select(attrs={"data-word": hostile}))
    for value in ("", "1", hostile):
        ours = choice.widget.render("field", value)
        theirs = choice.widget.render("field", value, renderer=forms.renderers.DjangoTemplates())
        assert re.sub(r">\s+<", "><", ours).strip() == re.sub(r">\s+<", "><", theirs).strip()


def test_every_component_says_how_it_is_used_and_is_in_the_document() -> None:
    document = (REPOSITORY / "docs" / "components.md").read_text()
    assert len(COMPONENTS) > 25
    for path in COMPONENTS:
        first = path.read_text().splitlines()[0]
        assert first.startswith(f'{{# usage: {{% component "{path.stem}"') or "in block crumbs" in first, (
            path.stem
        )
        assert f"`{path.stem}`" in document, path.stem


def test_components_are_used_with_arguments_they_have() -> None:
    """A mistyped argument would be ignored without a word."""
    sources = {path.stem: path.read_text() for path in COMPONENTS}
    wrong = []
    for path in REPOSITORY.glob("*/templates/**/*.html"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text())
        for use in re.findall(r"\{% component (.*?) %\}", text):
            name, *arguments = smart_split(use)
            source = sources.get(name.strip("\"'"))
            keys = [key for argument in arguments if (key := argument.partition("=")[0]) != "/"]
            missing = [key for key in keys if source and not re.search(rf"\b{key}\b", source)]
            if source is None or missing:
                wrong.append(f"{path.relative_to(REPOSITORY)}: {name} {missing}")
    assert wrong == []


def test_every_fill_stands_directly_inside_its_component() -> None:
    """One inside an ``{% if %}`` compiles, and fails only on the day its condition holds."""

    def lost(nodes: NodeList) -> int:
        fills = [part for use in nodes.get_nodes_by_type(ComponentNode) for part in use.fills.values()]  # type: ignore[attr-defined]
        return len(nodes.get_nodes_by_type(FillNode)) + sum(lost(part) for part in fills)

    pages = list(REPOSITORY.glob("*/templates/**/*.html"))
    assert len(pages) > 100
    assert [path.name for path in pages if lost(Template(path.read_text()).nodelist)] == []
    assert lost(Template('{% if x %}{% fill "foot" %}x{% endfill %}{% endif %}').nodelist) == 1


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "403_csrf", "refusal"])
def test_error_pages_need_nothing(name: str) -> None:
    html = render_to_string(f"{name}.html")
    assert "<h1>" in html
    assert "data-refusal" in html
    assert 'href="/"' in html


def test_a_refusal_says_its_sentence_as_text() -> None:
    html = render_to_string("refusal.html", {"refusal": SimpleNamespace(status=409, sentence=HOSTILE[0])})
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in html


def test_icons_that_are_used_exist() -> None:
    sprite = (REPOSITORY / "partners" / "static" / "img" / "icons.svg").read_text()
    source = "".join(path.read_text() for path in REPOSITORY.glob("*/templates/**/*.html"))
    source += (REPOSITORY / "config" / "context.py").read_text()
    used = set(re.findall(r"""(?:\bicon |\bicon=)["'](\w+)["']""", source))
    assert len(used) > 10
    assert sorted(name for name in used if f'id="{name}"' not in sprite) == []


def test_context_of_a_component_outside_a_request() -> None:
    assert "Saved" in Template('{% component "note" %}Saved{% endcomponent %}').render(Context())
