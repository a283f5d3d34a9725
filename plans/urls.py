"""Workspace addresses of plans, below ``/p/<program>/``."""

from django.urls import path

from plans.views import lists, parts, plan

app_name = "plans"

urlpatterns = [
    path("plans/", lists.plans, name="list"),
    path("plans/export.csv", lists.plans_csv, name="csv"),
    path("plans/new/", lists.new_plan, name="new"),
    path("plans/<str:public_id>/", plan.plan, name="plan"),
    path("plans/<str:public_id>/edit/", plan.edit_plan, name="edit"),
    path("plans/<str:public_id>/propose/", plan.propose, name="propose"),
    path("plans/<str:public_id>/agree/", plan.agree, name="agree"),
    path("plans/<str:public_id>/close/", plan.close, name="close"),
    path("plans/<str:public_id>/check-in/", plan.check_in, name="check_in"),
    path("plans/<str:public_id>/promises/new/", parts.new_commitment, name="new_commitment"),
    path("plans/<str:public_id>/steps/new/", parts.new_milestone, name="new_milestone"),
    path("promises/<str:public_id>/edit/", parts.edit_commitment, name="edit_commitment"),
    path("promises/<str:public_id>/keep/", parts.keep, name="keep"),
    path("promises/<str:public_id>/break/", parts.break_promise, name="break"),
    path("promises/<str:public_id>/drop/", parts.drop_promise, name="drop_commitment"),
    path("steps/<str:public_id>/edit/", parts.edit_milestone, name="edit_milestone"),
    path("steps/<str:public_id>/prove/", parts.prove, name="prove"),
    path("steps/<str:public_id>/drop/", parts.drop_step, name="drop_milestone"),
]
