"""Doors of the ground floor."""

from django.urls import include, path

from partners.views import (
    activities,
    entrance,
    hours,
    lines,
    links,
    notices,
    partners,
    people,
    program,
    requests,
    tokens,
)

app_name = "partners"

_workspace = [
    path("partners/", partners.partners, name="list"),
    path("partners/new/", partners.new_partner, name="new"),
    path("partners/requests/", requests.requests, name="requests"),
    path("partners/requests/new/", requests.new_request, name="request_new"),
    path("partners/requests/<str:public_id>/", requests.request, name="request"),
    path("partners/requests/<str:public_id>/accept/", requests.request_accept, name="request_accept"),
    path("partners/requests/<str:public_id>/decline/", requests.request_decline, name="request_decline"),
    path("partners/requests/<str:public_id>/later/", requests.request_later, name="request_later"),
    path("partners/<str:public_id>/", partners.partner, name="partner"),
    path("partners/<str:public_id>/lines/new/", lines.new_line, name="line_new"),
    path("partners/<str:public_id>/lines/<str:line_id>/", lines.line, name="line"),
    path("partners/<str:public_id>/lines/<str:line_id>/remove/", lines.line_remove, name="line_remove"),
    path("partners/<str:public_id>/edit/", partners.edit_partner, name="edit"),
    path("partners/<str:public_id>/log/", activities.log, name="log"),
    path("activities/", activities.activities, name="activities"),
    path("activities/<str:public_id>/remove/", activities.remove, name="activity_remove"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite_person, name="invite"),
    path("people/invitations/<str:public_id>/resend/", people.invitation_resend, name="invitation_resend"),
    path("people/invitations/<str:public_id>/revoke/", people.invitation_revoke, name="invitation_revoke"),
    path("people/<str:public_id>/", people.seat, name="seat"),
    path("people/<str:public_id>/role/", people.seat_role, name="seat_role"),
    path("people/<str:public_id>/end/", people.seat_end, name="seat_end"),
    path("people/<str:public_id>/link/", links.seat_link, name="seat_link"),
    path("people/<str:public_id>/link/end/", links.seat_link_end, name="seat_link_end"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<str:public_id>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.notices_read, name="notices_read"),
    path("notices/mail/", notices.notices_mute, name="notices_mute"),
    path("program/", program.program, name="program"),
    path("program/charter/", program.charter, name="charter"),
    path("program/hours/", hours.hours, name="hours"),
]
_portal = [
    path("people/", people.portal_people, name="portal_people"),
    path("people/invite/", people.portal_invite, name="portal_invite"),
    path(
        "people/invitations/<str:public_id>/resend/",
        people.portal_invitation_resend,
        name="portal_invitation_resend",
    ),
    path(
        "people/invitations/<str:public_id>/revoke/",
        people.portal_invitation_revoke,
        name="portal_invitation_revoke",
    ),
    path("people/<str:public_id>/", people.portal_seat, name="portal_seat"),
    path("people/<str:public_id>/role/", people.portal_seat_role, name="portal_seat_role"),
    path("people/<str:public_id>/end/", people.portal_seat_end, name="portal_seat_end"),
    path("people/<str:public_id>/link/", links.portal_seat_link, name="portal_seat_link"),
    path("people/<str:public_id>/link/end/", links.portal_seat_link_end, name="portal_seat_link_end"),
    path("link/", links.portal_link, name="portal_link"),
    path("link/end/", links.portal_link_end, name="portal_link_end"),
    path("notices/", notices.portal_notices, name="portal_notices"),
    path("notices/read/", notices.portal_notices_read, name="portal_notices_read"),
    path("notices/mail/", notices.portal_notices_mute, name="portal_notices_mute"),
    path("tokens/", tokens.portal_tokens, name="portal_tokens"),
    path("tokens/<str:public_id>/revoke/", tokens.portal_token_revoke, name="portal_token_revoke"),
]
urlpatterns = [
    path("", entrance.home, name="home"),
    path("invitations/<str:secret>/", entrance.invitation, name="invitation"),
    path("p/<slug:program>/", include(_workspace)),
    path("portal/<slug:program>/", include(_portal)),
]
