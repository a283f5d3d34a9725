"""Reads of checked lists. Staff only."""

from django.db.models import Q, QuerySet

from deals.models import ListCheck, ListRow


def lists_found(q: str = "") -> QuerySet[ListCheck]:
    """Checked lists by part of the file's name or of who asked, newest first."""
    rows = ListCheck.objects.order_by("-created_at", "-pk")
    return rows.filter(Q(file_name__icontains=q) | Q(asked_by__icontains=q)) if q else rows


def list_rows(check: ListCheck, *, band: str = "", q: str = "") -> QuerySet[ListRow]:
    """The rows of a list in its order, by band of the best answer or by part of the name or id."""
    rows = ListRow.objects.filter(check_list=check).order_by("number")
    if band:
        rows = rows.filter(band=band)
    return rows.filter(Q(name__icontains=q) | Q(query_id=q)) if q else rows
