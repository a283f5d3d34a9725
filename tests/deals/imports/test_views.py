"""Files by screen: upload, columns, check, load, rejected rows; bad input gets an answer, changes nothing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deals.imports.files import progress_of, stored_bytes
from deals.imports.services import run_import, upload_file
from deals.models import Account, Import, ImportPiece, Opportunity
from deals.tabular.reader import open_table
from partners.core.scope import program_scope
from tests.support.cast import Cast
from tests.support.imports import FILES


def url(name: str, file: Import | None = None) -> str:
    kwargs = {"program": "northwind", **({"public_id": file.public_id} if file else {})}
    return reverse(f"deals:{name}", kwargs=kwargs)


def upload(client: Client, data: bytes, name: str = "pipeline.csv", kind: str = "") -> object:
    return client.post(url("imports"), {"file": SimpleUploadedFile(name, data), "kind": kind})


def newest(cast: Cast) -> Import:
    with program_scope(cast.program.pk):
        return Import.objects.latest("pk")


def choices(file: Import, **changed: str) -> dict[str, str]:
    fields = {f"column-{at}": file.mapping.get(name, "") for at, name in enumerate(file.columns)}
    base = {"kind": file.kind, "date_order": "", "decimal_mark": "", "version": str(file.version)}
    return {**base, **fields, **changed}


def work(file: Import) -> None:
    run_import(file.pk, file.program_id)


@pytest.fixture
def ops(cast: Cast) -> Client:
    return cast.client("ops")


def test_a_file_from_upload_to_summary(cast: Cast, ops: Client) -> None:
    response = upload(ops, (FILES / "pipeline.csv").read_bytes())
    file = newest(cast)
    assert response.headers["Location"] == url("import", file)  # type: ignore[attr-defined]
    page = ops.get(url("import", file)).content.decode()
    assert "deal_stage" in page
    assert "Field for deal_stage" in page
    assert "2026-03-01" in page  # the first rows as they will be read
    assert ops.post(url("import_columns", file), choices(file, then="check")).status_code == 302
    page = ops.get(url("import", file)).content.decode()
    assert "Waiting for a worker" in page
    assert 'hx-trigger="every 1s"' in page
    with program_scope(cast.program.pk):
        progress_of(newest(cast))("Reading rows", 5000)
    assert "5,000" in ops.get(url("import", file)).content.decode()  # survives a reload
    work(file)
    watched = ops.get(url("import", file) + "?watch=1", headers={"HX-Request": "true"})
    assert watched.headers["HX-Refresh"] == "true"
    page = ops.get(url("import", file)).content.decode()
    assert "Loading would change 4 of 9 rows" in page
    assert "“twelve” is not an amount." in page
    with program_scope(cast.program.pk):
        assert not Opportunity.objects.exists()
    assert ops.post(url("import_load", file)).status_code == 302
    work(file)
    page = ops.get(url("import", file)).content.decode()
    assert "Load this file" not in page
    with program_scope(cast.program.pk):
        assert Opportunity.objects.count() == 4


def test_rejected_rows_as_csv_are_harmless(cast: Cast, ops: Client) -> None:
    upload(ops, b"id,name,website\n1,Holm,\n1,=cmd|' /C calc'!A0,\n", "accounts.csv")
    file = newest(cast)
    ops.post(url("import_columns", file), choices(file, then="check"))
    work(file)
    lines = ops.get(url("import_rejected", file)).getvalue().decode("utf-8-sig").splitlines()
    assert lines == [
        "row,problem,id,name,website",
        "3,id: The same id stands in row 2.,1,'=cmd|' /C calc'!A0,",
    ]


def test_another_kind_reads_the_header_anew(cast: Cast, ops: Client) -> None:
    upload(ops, b"id,name,website\n1,Holm,holm.dk\n", "list.csv")
    file = newest(cast)
    assert (
        ops.post(url("import_columns", file), choices(file, kind="partners", then="keep")).status_code == 302
    )
    assert (newest(cast).kind, newest(cast).mapping["name"]) == ("partners", "name")


def test_two_columns_for_one_field_are_refused_by_name(cast: Cast, ops: Client) -> None:
    upload(ops, b"id,name,website\n1,Holm,holm.dk\n", "list.csv")
    file = newest(cast)
    response = ops.post(url("import_columns", file), choices(file, **{"column-2": "name"}))
    assert response.status_code == 422
    assert "Both “name” and “website” were chosen for “name”; choose one." in response.content.decode()
    assert newest(cast).mapping == file.mapping


def test_a_stale_page_is_told(cast: Cast, ops: Client) -> None:
    upload(ops, b"id,name,website\n1,Holm,holm.dk\n", "list.csv")
    file = newest(cast)
    ops.post(url("import_columns", file), choices(file, date_order="mdy"))
    response = ops.post(url("import_columns", file), choices(file, date_order="dmy"))
    assert response.status_code == 412
    assert newest(cast).date_order == "mdy"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04", "Excel workbook"),
        (bytes(range(1, 9)) * 20, "not a text file"),
        (b"a,b,c\n1,2,3\n", "does not say what the records are"),
        (b"Record ID,First Name,Last Name,Email\n", "These are people"),
        (b"<script>alert(1)</script>\n", "does not say what the records are"),
    ],
)
def test_what_cannot_be_used_is_answered(cast: Cast, ops: Client, data: bytes, said: str) -> None:
    response = upload(ops, data, "<script>.csv")
    assert response.status_code == 422  # type: ignore[attr-defined]
    page = response.content.decode()  # type: ignore[attr-defined]
    assert said in page
    assert "<script>alert" not in page
    with program_scope(cast.program.pk):
        assert not Import.objects.exists()


def test_hostile_names_columns_and_cells_are_text(cast: Cast, ops: Client) -> None:
    data = '"<b>id</b>",name,"web\u202esite"\n1,"<img src=x onerror=alert(1)>",x\n2,\ufeff\u0000Z̸͑,\n'.encode()
    upload(ops, data, "../../etc/passwd\x00.csv", kind="accounts")
    file = newest(cast)
    page = ops.get(url("import", file)).content.decode()
    assert "<img src=x" not in page
    assert "&lt;b&gt;id&lt;/b&gt;" in page
    ops.post(url("import_columns", file), choices(file, then="check"))
    work(file)
    ops.post(url("import_load", file))
    work(file)
    with program_scope(cast.program.pk):
        assert Account.objects.filter(name="<img src=x onerror=alert(1)>").count() == 1
    assert ops.get(url("import", file)).status_code == 200


def test_the_list_finds_filters_and_exports(cast: Cast, ops: Client) -> None:
    upload(ops, b"id,name,website\n1,Holm,holm.dk\n", "first.csv")
    upload(ops, b"id,name,website\n1,Holm,holm.dk\n", "second.csv")
    assert "second.csv" not in ops.get(url("imports") + "?q=first").content.decode()
    assert "No file matches" in ops.get(url("imports") + "?state=done").content.decode()
    rows = ops.get(url("imports") + "?format=csv&sort=name").getvalue().decode("utf-8-sig").splitlines()
    assert [row.split(",")[1] for row in rows] == ["file", "first.csv", "second.csv"]


def test_three_files_and_thirty_cost_the_same(cast: Cast, ops: Client) -> None:
    def cost(files: int) -> int:
        with program_scope(cast.program.pk):
            for number in range(files):
                stream = io.BytesIO(b"id,name,website\n1,Holm,holm.dk\n")
                upload_file(actor=cast.actor("ops"), name=f"{number}.csv", stream=stream)
        with CaptureQueriesContext(connection) as seen:
            assert ops.get(url("imports")).status_code == 200
        return len(seen)

    assert cost(3) == cost(30) <= 15


def test_the_page_of_a_long_file_reads_its_beginning(cast: Cast, ops: Client) -> None:
    """What letters a file is written in was found when it came, and may have taken all of it."""
    filler = ",".join(["x" * 100] * 4)
    rows = "".join(f"{number},Holm {number},{filler}\n" for number in range(8000))
    upload(ops, f"id,name,a,b,c,d\n{rows}9000,Sørensen,{filler}\n".encode("cp1252"), kind="accounts")
    file = newest(cast)
    with program_scope(cast.program.pk):
        assert ImportPiece.objects.filter(file=file).count() == 4
    with CaptureQueriesContext(connection) as seen:
        assert "Holm 9" in ops.get(url("import", file)).content.decode()
    pieces = [query["sql"] for query in seen.captured_queries if ImportPiece._meta.db_table in query["sql"]]
    assert len(pieces) == 1
    with program_scope(cast.program.pk):
        *_, last = open_table(stored_bytes(file), known=file.encoding).rows()
    assert last.cells[1] == "Sørensen"


class Trickle(io.BytesIO):
    """A stream that gives less than it is asked for, as sockets do."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size, 70_000) if size and size > 0 else size)


def test_a_stream_that_gives_little_at_a_time_is_kept_whole(cast: Cast) -> None:
    """Of the pieces kept, one that is shorter than the rest is taken for the last."""
    filler = "x" * 400
    content = "id,name,a\n" + "".join(f"{number},Holm {number},{filler}\n" for number in range(6000))
    with program_scope(cast.program.pk):
        stream = Trickle(content.encode())
        file = upload_file(actor=cast.actor("ops"), name="long.csv", stream=stream, kind="accounts")
        with stored_bytes(file)() as kept:
            assert kept.read() == content.encode()
        assert ImportPiece.objects.filter(file=file).count() == 3


def test_files_of_another_program_are_not_there(cast: Cast, ops: Client) -> None:
    upload(ops, b"id,name,website\n1,Holm,holm.dk\n", "list.csv")
    file = newest(cast)
    stranger = cast.client("other_leader")
    there = reverse("deals:import", kwargs={"program": "southgate", "public_id": file.public_id})
    assert stranger.get(there).status_code == 404
    assert cast.client("rep").get(url("import", file)).status_code == 403
    assert cast.client("alder_admin").get(url("import", file)).status_code == 404
