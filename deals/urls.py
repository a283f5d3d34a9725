"""The workspace's doors to deals, under ``/p/<program>/``."""

from django.urls import path

from deals.accounts import views as accounts
from deals.cases.views import conflicts, our_side, statements
from deals.imports import views as imports
from deals.leads import views as leads
from deals.lists import views as lists
from deals.opportunities import views as opportunities
from deals.registrations.views import benefits, registrations
from deals.screening import views as screening

app_name = "deals"
urlpatterns = [
    path("deals/", registrations.registrations, name="registrations"),
    path("deals/new/", registrations.register, name="register"),
    path("deals/<str:public_id>/", registrations.registration, name="registration"),
    path("deals/<str:public_id>/edit/", registrations.edit, name="edit"),
    path("deals/<str:public_id>/withdraw/", registrations.withdraw_registration, name="withdraw"),
    *(
        path(f"deals/<str:public_id>/{verb}/", act, {"verb": verb}, name=f"deal_{verb}")
        for act, verbs in (
            (registrations.act_for_partner, ("answer", "appeal", "report", "extension", "change", "undo")),
            (registrations.act_on, ("ask", "extend", "revoke")),
        )
        for verb in verbs
    ),
    path("deals/<str:public_id>/raise/", our_side.raise_on, name="raise"),
    path("deals/<str:public_id>/again/", registrations.again, name="deal_again"),
    path("deals/<str:public_id>/benefit/", benefits.benefit, name="deal_benefit"),
    path("conflicts/", conflicts.conflicts, name="conflicts"),
    path("conflicts/our-side/", our_side.our_side, name="our_side"),
    path("conflicts/<str:public_id>/", conflicts.conflict, name="conflict"),
    path("conflicts/<str:public_id>/rule/", conflicts.rule_on, name="rule"),
    path("conflicts/<str:public_id>/say/", statements.give, name="say"),
    path("conflicts/<str:public_id>/ask/", statements.ask, name="ask"),
    path(
        "conflicts/<str:public_id>/statements/<str:statement_id>/revoke/",
        statements.revoke,
        name="statement_revoke",
    ),
    path("conflicts/<str:public_id>/rulings/<str:ruling_id>/correct/", conflicts.correct, name="correct"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<str:public_id>/", accounts.account, name="account"),
    path("accounts/<str:public_id>/names/", accounts.names, name="names"),
    path("accounts/<str:public_id>/merge/", accounts.merge, name="merge"),
    path("accounts/<str:public_id>/unmerge/", accounts.unmerge, name="unmerge"),
    path("accounts/<str:public_id>/open/", opportunities.open_on, name="open"),
    path("accounts/<str:public_id>/choice/", screening.choice, name="choice"),
    path("choices/<str:public_id>/end/", screening.choice_end, name="choice_end"),
    path("lists/", lists.lists, name="lists"),
    path("lists/<str:public_id>/", lists.list_, name="list"),
    path("lists/<str:public_id>/discard/", lists.list_discard, name="list_discard"),
    path("opportunities/", opportunities.opportunities, name="opportunities"),
    path("opportunities/<str:public_id>/", opportunities.opportunity, name="opportunity"),
    path("opportunities/<str:public_id>/close/", opportunities.close, name="close"),
    path("opportunities/<str:public_id>/source/", opportunities.source, name="source"),
    path("opportunities/<str:public_id>/touch/", opportunities.touch, name="touch"),
    path("touches/<str:public_id>/remove/", opportunities.touch_remove, name="touch_remove"),
    path("engagement/", screening.rules, name="engagement"),
    path("engagement/new/", screening.rule_new, name="engagement_new"),
    path("engagement/<str:public_id>/", screening.rule, name="engagement_rule"),
    path("leads/", leads.leads, name="leads"),
    path("leads/new/", leads.new_lead, name="lead_new"),
    path("leads/<str:public_id>/", leads.lead, name="lead"),
    path("leads/<str:public_id>/edit/", leads.edit_lead, name="lead_edit"),
    path("leads/<str:public_id>/offer/", leads.offer, name="lead_offer"),
    path("leads/<str:public_id>/take-back/", leads.take_back, name="lead_take_back"),
    path("leads/<str:public_id>/reply/", leads.reply, name="lead_reply"),
    path("leads/<str:public_id>/answer/", leads.answer, name="lead_answer"),
    path("leads/<str:public_id>/close/", leads.close, name="lead_close"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<str:public_id>/", imports.import_, name="import"),
    path("imports/<str:public_id>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<str:public_id>/load/", imports.import_load, name="import_load"),
    path("imports/<str:public_id>/discard/", imports.import_discard, name="import_discard"),
    path("imports/<str:public_id>/rejected.csv", imports.import_rejected, name="import_rejected"),
]
