"""The audit's newest root by letter, once a day, to somebody who is not the operator, and would see a rewritten past.

The house's one relay carries it, the same that carries alarms. The letter says nothing but the signed line.
"""

import json
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final

from router.casework.alarm.ways import in_force
from router.casework.context import Context
from router.clock import moment
from router.errors import NotSent, RouterError
from router.guard.log import get_log

_TEXT: Final = (
    "Keep this letter. The line below is the newest signed root of the referral router's audit chain. If the record of"
    " who did what is ever rewritten, `audit verify --anchor FILE` with this letter saved as FILE shows it."
)
_NO_RELAY: Final = "There is no mail relay; name one in [alarm] and run `alarm set`"


async def post_root(ctx: Context) -> bool:
    """Send the letter when one is due; return whether one went. A failure is logged, noted and told by `doctor`."""
    anchors = ctx.anchors
    line = None if anchors is None or ctx.bell is None else anchors.take_letter(ctx.now())
    if anchors is None or ctx.bell is None or line is None or anchors.mail is None:
        return False
    try:
        relay = (await in_force(ctx.store)).relay
        if relay is None:
            raise NotSent(_NO_RELAY, reason="no_relay")
        await ctx.bell.letter(relay, letter(line, ctx.me, relay.sender, anchors.mail), anchors.mail)
    except RouterError as error:
        get_log("audit").warning("root_not_mailed", number=line["number"], code=error.code, reason=error.reason)
        anchors.letter_went(line, ctx.now(), taken=False)
        return False
    anchors.letter_went(line, ctx.now(), taken=True)
    return True


def letter(line: dict[str, Any], me: str, sender: str, to: str) -> EmailMessage:
    """Return the letter about a checkpoint's line; the same one has the same Message-ID however often it is sent."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, f"Audit root of {me}"
    made["Date"] = format_datetime(moment(line["at"]))
    made["Message-ID"] = f"<audit.{line['number']}.{line['root'][:16]}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    # Not wrapped, so that the line is one when the letter is saved; it is shorter than a mail's longest (RFC 5322).
    made.set_content(f"{_TEXT}\n\n{json.dumps(line)}\n", cte="7bit")
    return made
