"""Who may bring files: leader, partner manager and sales ops."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from deals.imports.services import ask_check, run_import, upload_file
from deals.models import Import
from tests.access.rows import Row, staff_page
from tests.support.cast import Cast

ABLE = ("leader", "manager", "ops")
CSV = b"id,name,website\n1,Holm,holm.dk\n"


def _file(cast: Cast) -> dict[str, Any]:
    file = upload_file(actor=cast.actor("ops"), name="accounts.csv", stream=io.BytesIO(CSV))
    return {"public_id": file.public_id}


def _checked(cast: Cast) -> dict[str, Any]:
    kwargs = _file(cast)
    file = Import.objects.get(**kwargs)
    ask_check(actor=cast.actor("ops"), file=file)
    run_import(file.pk, file.program_id)
    return kwargs


class _ReadAgain(SimpleUploadedFile):
    """The same upload for every person of the table."""

    def read(self, *args: Any) -> bytes:
        self.seek(0)
        return bytes(super().read(*args))


def _upload(_cast: Cast) -> dict[str, Any]:
    return {"file": _ReadAgain("accounts.csv", CSV), "kind": ""}


def _columns(_cast: Cast) -> dict[str, Any]:
    choices = {"column-0": "external_id", "column-1": "name", "column-2": "website"}
    return {"kind": "accounts", "date_order": "", "decimal_mark": "", "version": 2, "then": "keep", **choices}


ROWS = [
    Row("deals:imports", "GET", staff_page(ABLE)),
    Row("deals:imports", "POST", staff_page(ABLE, 302), data=_upload),
    Row("deals:import", "GET", staff_page(ABLE), kwargs=_file),
    Row("deals:import_columns", "POST", staff_page(ABLE, 302), kwargs=_file, data=_columns),
    Row("deals:import_load", "POST", staff_page(ABLE, 302), kwargs=_checked),
    Row("deals:import_discard", "POST", staff_page(ABLE, 302), kwargs=_file),
    Row("deals:import_rejected", "GET", staff_page(ABLE), kwargs=_file),
]
