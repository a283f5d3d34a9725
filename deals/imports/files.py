"""Uploaded files kept in the database, and how far a worker has come with one."""

import hashlib
import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from deals.common.uploads import borrowed
from deals.imports.run import Progress
from deals.models import Import, ImportPiece, ImportProblem
from deals.tabular.reader import TableError, open_table

log = structlog.get_logger(__name__)

_PIECE = 1024 * 1024
_PROGRESS_SECONDS = 3600


def keep_bytes(file: Import, stream: BinaryIO) -> str:
    """Store the stream in pieces, one in memory at a time. Returns its SHA-256."""
    digest = hashlib.sha256()
    whole = borrowed(stream)()  # reads on until a piece is full, so that a shorter one is the last
    number = 0
    while data := whole.read(_PIECE):
        digest.update(data)
        ImportPiece.objects.create(program_id=file.program_id, file=file, number=number, data=data)
        number += 1
    return digest.hexdigest()


def stored_bytes(file: Import) -> Callable[[], BinaryIO]:
    """Opens the kept file as a stream, a piece in memory at a time. Raises ``TableError`` when it is gone."""
    first = _piece(file, 0)
    if first is None:
        raise TableError("The file itself is no longer kept. Upload it again.")
    return lambda: io.BufferedReader(_Pieces(file, first), buffer_size=256 * 1024)


def _piece(file: Import, number: int) -> bytes | None:
    pieces = ImportPiece.objects.filter(file=file, number=number)
    data = pieces.values_list("data", flat=True).first()
    return None if data is None else bytes(data)


class _Pieces(io.RawIOBase):
    """The pieces of a file, one after the other. The first is at hand, as a file is opened several times."""

    def __init__(self, file: Import, first: bytes) -> None:
        self._file = file
        self._number = 0
        self._rest = memoryview(first)
        self._more = len(first) == _PIECE  # a shorter one is the last

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._more and not self._rest:
            self._number += 1
            data = _piece(self._file, self._number) or b""
            self._rest, self._more = memoryview(data), len(data) == _PIECE
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def rejected_rows(file: Import) -> Iterator[list[str]]:
    """The header with two columns more, then every rejected row as written, with its row and its reasons."""
    yield ["row", "problem", *file.columns]
    problems: dict[int, list[str]] = {}
    for row, column, problem in ImportProblem.objects.filter(file=file).values_list(
        "row", "column", "problem"
    ):
        problems.setdefault(row, []).append(f"{column}: {problem}" if column else problem)
    for record_ in open_table(stored_bytes(file), known=file.encoding).rows() if problems else ():
        if reasons := problems.get(record_.number):
            yield [str(record_.number), " ".join(reasons), *record_.cells]


def progress_of(file: Import) -> Progress:
    """Tells the screens how far a worker is; a cache that is away costs only the telling."""
    key = _progress_key(file)

    def tell(doing: str, rows: int) -> None:
        try:
            cache.set(key, {"doing": doing, "rows": rows}, _PROGRESS_SECONDS)
        except RedisError:
            log.warning("progress_untold", file=file.public_id)

    return tell


def progress_now(file: Import) -> dict[str, Any]:
    """``{doing, rows}`` of a file a worker has; empty when it waits for one."""
    try:
        return cache.get(_progress_key(file)) or {}
    except RedisError:
        return {}


def _progress_key(file: Import) -> str:
    return f"import:{file.program_id}:{file.public_id}"


def forget_progress(file: Import) -> None:
    try:
        cache.delete(_progress_key(file))
    except RedisError:
        log.warning("progress_untold", file=file.public_id)
