"""What is kept of a referral between two turns, as the store and people see it: a step's code, its data, its words."""

from router.partners.base import Progress
from router.partners.iccam.standing import Gathering, Standing

#: Codes of what is done; kept in the store, so they never change their meaning.
GATHERING, READY = "gathering", "ready"
REPORTED, TOLD, ASKED, GIVEN = "reported", "told", "asked", "given"


def progress_of(kept: Standing | Gathering) -> Progress:
    """Return how far a referral is."""
    data = kept.model_dump_json(exclude_defaults=True).encode()
    if isinstance(kept, Gathering):
        return Progress(READY if kept.ready else GATHERING, data, {"at": f"{kept.due:%Y-%m-%d %H:%M} UTC"})
    said = {"report": str(kept.report), "country": kept.target}
    item = None if kept.content is None else str(kept.content)
    return Progress(_code(kept), data, said, their_report=str(kept.report), their_item=item)


def standing_of(progress: Progress | None) -> Standing | None:
    """Return where a referral stands at the hub; None while the hub has nothing of it."""
    if progress is None or progress.step in {GATHERING, READY}:
        return None
    return Standing.model_validate_json(progress.data)


def gathering_of(progress: Progress | None) -> Gathering | None:
    """Return what a referral waits for before it is reported; None where it does not, or not any more."""
    if progress is None or progress.step not in {GATHERING, READY}:
        return None
    return Gathering.model_validate_json(progress.data)


def _code(standing: Standing) -> str:
    """Return the step that is done."""
    if standing.given:
        return GIVEN
    if standing.asked_at is not None:
        return ASKED
    return TOLD if standing.told else REPORTED
