"""The upload of a session: the lines that are new, redacted, and only with a yes that stands on record at the service in this very moment."""

from tenure.client.opt_outs import Service
from tenure.client.service import Reply
from tenure.client.surroundings import Surroundings

CONSENT = "transcript_share"
"""The consent that the service must have on record beside the person's own setting."""
QUESTION = (
    "May the transcript of each of your sessions be sent to {server} when it ends, with secrets and personal data replaced as far as they are found?"
    " It is held there under your terms. You can take it back at any time: tenure client upload off"
)


def upload(here: Surroundings, read: int, sent: int) -> tuple[Reply, int, int]:
    """Send what is new of a session.

    Args:
        here: the surroundings.
        read: bytes of the transcript that were read before.
        sent: bytes that the service has of it.

    Returns:
        What became of it, and both numbers as they are afterwards.
    """
    path = here.transcript.path
    if Service.SESSION_UPLOAD not in here.on:
        return Reply(False, f"switched off by {here.why_off(Service.SESSION_UPLOAD)}"), read, sent
    if here.server is None:
        return Reply(False, "there is no service"), read, sent
    if (here.server.consents() or {}).get(CONSENT) is not True:
        return Reply(False, f"there is no yes to {CONSENT} on record"), read, sent
    raw = b"" if path is None or not path.exists() else path.read_bytes()
    raw = raw[: raw.rfind(b"\n") + 1]
    lines = here.redact(raw[read:])[0]
    if not lines:
        return Reply(True), read, sent
    reply = here.server.transcript(here.transcript.session, sent, lines, here.case)
    return (reply, len(raw), sent + len(lines)) if reply.is_taken else (reply, read, sent)
