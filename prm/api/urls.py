"""``/api/v1/``: one namespace; every floor brings its resources."""

from django.urls import include, path, re_path

from prm.api.fairness import FairnessView
from prm.api.metrics import MetricsView, MetricView
from prm.api.months import ClosedMonths
from prm.api.reviews import Reviews, ReviewsDue
from prm.api.root import MeView, RootView, SchemaView, Unknown

app_name = "api"
urlpatterns = [
    path("", RootView.as_view(), name="root"),
    path("me/", MeView.as_view(), name="me"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("programs/<slug:program>/", include("partners.api.urls")),
    path("programs/<slug:program>/", include("deals.api_urls")),
    path("programs/<slug:program>/", include("plans.api.urls")),
    path(
        "programs/<slug:program>/reviews/",
        Reviews.as_view({"get": "list", "post": "create"}),
        name="reviews",
    ),
    path("programs/<slug:program>/reviews/due/", ReviewsDue.as_view(), name="reviews-due"),
    path(
        "programs/<slug:program>/reviews/<str:public_id>/",
        Reviews.as_view({"get": "retrieve"}),
        name="review",
    ),
    path(
        "programs/<slug:program>/closed-months/",
        ClosedMonths.as_view({"get": "list", "post": "create"}),
        name="closed-months",
    ),
    path("programs/<slug:program>/fairness/", FairnessView.as_view(), name="fairness"),
    path("programs/<slug:program>/metrics/", MetricsView.as_view(), name="metrics"),
    path("programs/<slug:program>/metrics/<str:key>/", MetricView.as_view(), name="metric"),
    re_path(r"^.*\Z", Unknown.as_view(), name="unknown"),
]
