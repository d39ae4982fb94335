"""The archive of all that is held of a person: one file per record, and a manifest."""

import io
import tarfile

import msgspec

from tenure.records.instants import render_time
from tenure.services.keeping import Keeping


def archive_of(keeping: Keeping, subject: str) -> bytes:
    """Return what is held of a person as a tar archive; each record is logged before it opens.

    Raises:
        IntegrityError: a frame is missing or changed.
    """
    out, manifest = io.BytesIO(), []
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number, exported in enumerate(keeping.rights.export(subject), 1):
            file = f"{exported.described['kind']}-{number:06d}.bin"
            _add(archive, file, exported.content)
            manifest.append({**exported.described, "file": file})
        told = {
            "schema": "tenure.export/1",
            "at": render_time(keeping.at),
            "subject": subject,
            "account": keeping.rights.account(subject),
            "records": manifest,
            "not_handed_over": keeping.rights.unopened(subject),
            "notes": ["survey ratings carry no person: none can be found, handed over or erased"],
        }
        _add(archive, "manifest.json", msgspec.json.format(msgspec.json.encode(told), indent=2))
    return out.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))
