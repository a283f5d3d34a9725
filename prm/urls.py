"""Workspace addresses of the top floor, below ``/p/<program>/``."""

from django.urls import path

from prm.views import fairness, months, pipeline, reviews, today

app_name = "prm"
urlpatterns = [
    path("", today.page, name="today"),
    path("pipeline/", pipeline.page, name="pipeline"),
    path("pipeline/months/", months.months, name="months"),
    path("pipeline/months/close/", months.close, name="months_close"),
    path("pipeline/rows/<str:metric>/", pipeline.behind, name="rows"),
    path("fairness/", fairness.page, name="fairness"),
    path("fairness/rulings/", fairness.rulings, name="fairness_rulings"),
    path("fairness/benefits/", fairness.benefits, name="fairness_benefits"),
    path("reviews/", reviews.page, name="reviews"),
    path("reviews/<str:public_id>/", reviews.partner, name="review"),
]
