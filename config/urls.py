"""Every door of the product."""

from django.urls import include, path

from config import outbox
from deals.cases.views.statements import statement_link
from deals.registrations.views.personal_link import by_link
from partners.views.styleguide import styleguide

handler404 = "partners.views.failures.missing"
handler500 = "partners.views.failures.failed"

urlpatterns = [
    path("outbox/", outbox.outbox, name="outbox"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("styleguide/", styleguide),
    path("statements/<str:secret>/", statement_link, name="statement"),
    path("register/<str:secret>/", by_link, name="by_link"),
    path("api/v1/", include("prm.api.urls")),
    path("", include("partners.urls")),
    path("p/<slug:program>/", include("deals.urls")),
    path("p/<slug:program>/", include("plans.urls")),
    path("p/<slug:program>/", include("prm.urls")),
    path("portal/<slug:program>/", include("prm.portal.urls")),
]
