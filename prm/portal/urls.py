"""The partner's doors, under ``/portal/<program>/``."""

from django.urls import path

from prm.portal import deals, home, leads, plan, several, touches

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("deals/", deals.deals, name="deals"),
    path("deals/new/", deals.register, name="register"),
    path("deals/several/", several.several, name="deals_several"),
    path("deals/<str:public_id>/", deals.deal, name="deal"),
    path("deals/<str:public_id>/edit/", deals.edit, name="edit"),
    path("deals/<str:public_id>/withdraw/", deals.withdraw_deal, name="withdraw"),
    path("leads/", leads.leads, name="leads"),
    path("leads/given/", leads.given, name="leads_given"),
    path("leads/give/", leads.give, name="lead_give"),
    path("leads/given/<str:public_id>/", leads.lead, name="lead"),
    path("leads/<str:public_id>/", leads.offer, name="lead_offer"),
    path("leads/<str:public_id>/accept/", leads.accept, name="lead_accept"),
    path("leads/<str:public_id>/decline/", leads.decline, name="lead_decline"),
    *(
        path(f"deals/<str:public_id>/{verb}/", deals.act, {"verb": verb}, name=f"deal_{verb}")
        for verb in ("answer", "appeal", "report", "extension", "change", "undo")
    ),
    path("deals/<str:public_id>/again/", deals.again, name="deal_again"),
    path("deals/<str:public_id>/benefit/", deals.benefit, name="deal_benefit"),
    path("deals/<str:public_id>/touch/", touches.touch, name="deal_touch"),
    path("touches/<str:public_id>/remove/", touches.touch_remove, name="touch_remove"),
    path("plan/", plan.plan, name="plan"),
    path("plan/agree/", plan.agree, name="plan_agree"),
    path("plan/promises/<str:public_id>/done/", plan.keep, name="plan_keep"),
]
