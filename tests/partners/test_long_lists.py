"""Lists that are long: what a page of one costs does not grow with the list."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.core.clock import now
from partners.core.scope import program_scope
from partners.models import Notice
from partners.selectors import activities_found, unread_notices
from partners.views import lists
from partners.views.lists import PAGE, Pages
from tests.support.cast import Cast
from tests.support.database import owner_connection
from tests.support.explained import explained, pages_read, rows_joined

_ACTIVITIES = """
    INSERT INTO partners_activity (program_id, public_id, created_at, partner_id, kind, happened_on, minutes,
        note, logged_by, external_id)
    SELECT %s, 'a' || n, now(), %s, 'call', '2026-01-01', n %% 90, '', '', '' FROM generate_series(1, %s) n
"""


def _log(cast: Cast, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVITIES, [cast.program.pk, cast.alder.pk, number])


def test_a_list_of_one_page_is_not_counted(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        _log(cast, PAGE)
        with CaptureQueriesContext(connection) as asked:
            page = Pages(activities_found(), PAGE).get_page("")
            assert (len(page), page.paginator.count, page.has_next()) == (PAGE, PAGE, False)
        assert len(asked) == 1


def test_a_long_list_is_counted_as_far_as_pages_are_turned(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COUNTED", 2 * PAGE + 20)
    with program_scope(cast.program.pk):
        _log(cast, 2 * PAGE + 20)
        pages = Pages(activities_found(), PAGE)
        assert (len(pages.get_page("")), pages.count, pages.more) == (PAGE, 2 * PAGE + 20, False)
        _log_more(cast)
        pages = Pages(activities_found(), PAGE)
        last = pages.get_page("999")
        assert (last.number, len(last), pages.count, pages.more) == (3, 20, 2 * PAGE + 20, True)
        first, second = pages.get_page("1"), pages.get_page("2")
        shown = [row.pk for page in (first, second, last) for row in page]
        assert shown == list(activities_found().values_list("pk", flat=True)[: pages.count])


def _log_more(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVITIES.replace("'a' ||", "'b' ||"), [cast.program.pk, cast.alder.pk, PAGE])


def test_a_search_is_made_once_for_page_and_count(cast: Cast) -> None:
    """The second statement reads the rows shown, by their keys."""
    with program_scope(cast.program.pk):
        _log(cast, PAGE + 7)
        pages = Pages(activities_found(q="alder"), PAGE)
        pages.searched = True
        with CaptureQueriesContext(connection) as asked:
            page = pages.get_page("1")
            assert (len(page), pages.count, page.has_next()) == (PAGE, PAGE + 7, True)
        first, second = (query["sql"] for query in asked.captured_queries)
        assert f"LIMIT {lists.COUNTED + 1}" in first
        assert f'"partners_activity"."id" IN ({page[0].pk}, ' in second
        assert list(page) == list(activities_found(q="alder")[:PAGE])
        assert list(pages.get_page("2")) == list(activities_found()[PAGE:])


def test_only_the_rows_shown_are_joined_with_others(committed_cast: Any) -> None:
    """The control is the list itself, whose rows are all joined before they are sorted."""
    with program_scope(committed_cast.program.pk):
        _log(committed_cast, 1000)
    with owner_connection() as owner:
        owner.execute("ANALYZE partners_activity, partners_partner")
    with program_scope(committed_cast.program.pk):
        rows = activities_found(sort="minutes")
        with CaptureQueriesContext(connection) as asked:
            list(rows[:PAGE])
            Pages(rows, PAGE).get_page("")
        whole, paged = (rows_joined(explained(query["sql"])) for query in asked.captured_queries)
        assert whole == 1000
        assert paged <= 3 * (PAGE + 1)  # a few partners may be tried for each


def test_the_newest_activities_are_read_and_no_others(committed_cast: Any) -> None:
    cast = committed_cast
    with program_scope(cast.program.pk):
        _log(cast, 2000)
    with owner_connection() as owner:
        owner.execute("ANALYZE")
    with program_scope(cast.program.pk):
        with CaptureQueriesContext(connection) as asked:
            assert len(Pages(activities_found(), PAGE).get_page("")) == PAGE
        nodes = explained(asked.captured_queries[0]["sql"])
    read = [node for node in nodes if node.get("Relation Name") == "partners_activity"]
    assert max(node["Actual Rows"] * node["Actual Loops"] for node in read) <= 3 * (PAGE + 1)


def test_a_search_that_finds_nothing_reads_each_activity_once(committed_cast: Any) -> None:
    cast = committed_cast
    with program_scope(cast.program.pk):
        _log(cast, 3000)
    with owner_connection() as owner:
        owner.execute("ANALYZE")
        (whole,) = owner.execute("SELECT pg_relation_size('partners_activity') / 8192").fetchone() or (0,)
    with program_scope(cast.program.pk):
        with CaptureQueriesContext(connection) as asked:
            assert list(activities_found(q="halvorne")[: lists.COUNTED]) == []
        assert pages_read(explained(asked.captured_queries[-1]["sql"])) < 2 * whole


def test_what_was_read_long_ago_is_not_counted_over(committed_cast: Any) -> None:
    cast = committed_cast
    seat = cast.seats["leader"]
    with program_scope(cast.program.pk):
        Notice.objects.bulk_create(
            Notice(program=cast.program, seat=seat, kind="decided", key=str(number), read_at=now())
            for number in range(1000)
        )
        Notice.objects.filter(key="1").update(read_at=None)
    with owner_connection() as owner:
        owner.execute("ANALYZE")
    with program_scope(cast.program.pk):
        with CaptureQueriesContext(connection) as asked:
            assert unread_notices(seat) == 1
        assert pages_read(explained(asked.captured_queries[0]["sql"])) < 5


def test_nothing_asked_in_a_scope_is_compiled_first(cast: Cast) -> None:
    with program_scope(cast.program.pk), connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


def test_the_pager_says_when_there_are_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "COUNTED", PAGE + 10)
    with program_scope(cast.program.pk):
        _log(cast, PAGE + 11)
    page = cast.client("leader").get(f"/p/{cast.program.slug}/activities/?page=2")
    assert "51–60 of more than 60" in page.content.decode()
