"""The bytes of an uploaded file, lent to a reader."""

import io
from collections.abc import Callable
from typing import Any, BinaryIO


class _Borrowed(io.RawIOBase):
    """Somebody else's stream from its beginning; closing this leaves that open."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        stream.seek(0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def borrowed(stream: BinaryIO) -> Callable[[], BinaryIO]:
    """Opens an upload again and again without closing it."""
    return lambda: io.BufferedReader(_Borrowed(stream), buffer_size=256 * 1024)
