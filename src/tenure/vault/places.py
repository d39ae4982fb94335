"""Places of frames in segments, as the catalogue has them: which lie end to end, and whether what lies there is what should.

Source: design 0002.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tenure.errors import IntegrityError
from tenure.records.held import KeyId
from tenure.vault.sealing import head, parse_header

BACKUP = "restore it from a backup; tenure vault doctor says what is affected"
_RUN = 64 * 1024
"""Bytes of smaller frames that are read together."""


class Place(NamedTuple):
    """Where a frame lies; a tuple, because there is one per frame that is read.

    Attributes:
        key: of its bucket.
        batch: its number there.
        day: of its segment.
        segment: its number.
        offset: in the segment.
        length: in bytes.
    """

    key: KeyId
    batch: int
    day: str
    segment: int
    offset: int
    length: int

    @property
    def end(self) -> int:
        """Where the next frame may begin."""
        return self.offset + self.length


def runs(places: Iterable[Place]) -> Iterator[list[Place]]:
    """Yield places in runs that lie end to end in one segment; a large frame stands alone, so that it need not be copied."""
    run = list[Place]()
    for place in places:
        if run and (place.segment != run[-1].segment or place.offset != run[-1].end or place.end - run[0].offset > _RUN):
            yield run
            run = []
        run.append(place)
    if run:
        yield run


def need_frame(frame: bytes, place: Place, path: str) -> None:
    """Refuse anything but the frame that the catalogue names.

    Raises:
        IntegrityError: it is cut short, or it is another, or none; the message names the file.
    """
    if len(frame) == place.length and frame.startswith(head(place.key, place.batch)):
        return
    if len(frame) != place.length:
        message = f"{path}: expected a frame of {place.length} bytes at {place.offset}, found {len(frame)} bytes"
        raise IntegrityError(message, code="integrity/segment", remedy=BACKUP)
    try:
        header = parse_header(frame)
    except IntegrityError as error:
        raise IntegrityError(f"{path} at {place.offset}: {error.message}", code=error.code, remedy=error.remedy or BACKUP) from error
    if (header.key, header.batch) != (place.key, place.batch):
        message = f"{path} at {place.offset}: expected the frame {place.key.hex()}.{place.batch}, found another"
        raise IntegrityError(message, code="integrity/segment", remedy=BACKUP)
