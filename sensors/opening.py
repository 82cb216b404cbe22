"""Files as people have them: plain or gzip, named or standard input, of a format that shows in their first bytes."""

import gzip
import io
import re
import sys
import zlib
from typing import BinaryIO, cast

_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_HEAD = 8192
_NMEA = re.compile(rb"^(?:\\[^\\\r\n]*\\)?[!$][=A-Z][A-Z0-9]{2,9},", re.MULTILINE)
_SUFFIXES = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".geojson": "geojson",
    ".nmea": "nmea",
    ".ais": "nmea",
}


class BadInput(ValueError):
    """A file cannot be read as what it is said to be; the message names the file and what was expected."""


class _Unzipped(io.BufferedReader):
    """What a gzip file holds; closing it closes the file too, which GzipFile leaves open, where it is our own."""

    def __init__(self, plain: io.BufferedReader, *, own: bool) -> None:
        super().__init__(cast(io.RawIOBase, gzip.GzipFile(fileobj=plain)), 1 << 16)
        self._plain = plain if own else None

    def close(self) -> None:
        super().close()
        if self._plain is not None:
            self._plain.close()


def open_input(path: str) -> BinaryIO:
    """The bytes of a file, or of standard input for ``-``; gzip is opened and a byte order mark passed over.

    Raises OSError where there is no such file."""
    plain = _buffered(path)
    stream = plain
    if plain.peek(2)[:2] == _GZIP:
        stream = _Unzipped(plain, own=path != "-")
    try:
        if stream.peek(3)[:3] == _BOM:
            stream.read(3)
    except (EOFError, OSError, zlib.error) as problem:
        raise BadInput(f"{path}: expected gzip that can be opened") from problem
    return stream


def detect_format(path: str) -> str:
    """The format of a file, or of what waits at standard input for ``-``, which is left unread.

    Raises OSError where there is no such file, BadInput where the format does not show."""
    stream = _buffered(path)
    head = stream.peek(_HEAD)
    if path != "-":
        stream.close()
    if head[:2] == _GZIP:
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, _HEAD)
        except zlib.error as problem:
            raise BadInput(f"{path}: expected gzip that can be opened") from problem
    return format_of(head, path)


def format_of(head: bytes, name: str) -> str:
    """The format that the first bytes of a file show, or else its name; raises BadInput where neither does.

    >>> format_of(b"time,lat,lon\\n", "day.txt")
    'csv'
    """
    text = head.removeprefix(_BOM).lstrip(b"\x1e \t\r\n")
    suffix = re.search(r"\.[a-z]+$", name.lower().removesuffix(".gz"))
    named = _SUFFIXES.get(suffix[0]) if suffix else None
    if text[:1] == b"{":
        return "geojson" if named == "geojson" or re.search(rb'"type"\s*:\s*"Feature', text) else "json"
    if text[:1] == b"[":
        return "json"
    if _NMEA.search(text):
        return "nmea"
    columns = {column.strip(b' \t"') for column in text.partition(b"\n")[0].strip().lower().split(b",")}
    if {b"time", b"lat", b"lon"} <= columns:
        return "csv"
    if named is None:
        raise BadInput(f"{name}: expected NMEA sentences, JSON, GeoJSON, or CSV under a header with time,lat,lon")
    return named


def _buffered(path: str) -> io.BufferedReader:
    if path == "-":
        return cast(io.BufferedReader, sys.stdin.buffer)
    return io.BufferedReader(io.FileIO(path), 1 << 16)
