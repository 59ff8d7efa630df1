"""Whether the address that we give to peers is ours: asked as a peer would ask, with a request that only we can sign.

A router that gets a request signed with its own key answers that it came from itself (`router/api/inbox.py`). Anybody
else cannot verify it, so nothing but our own router says so by mistake; an answer of somebody who lies on purpose
misleads nobody but the operator who named their address.
"""

from typing import Final

from router.errors import RouterError
from router.guard.target import Purpose
from router.partners.base import CheckResult, Reason, Tools
from router.partners.peer_refusal import said_reason
from router.partners.signing import OURSELVES, sign_request, target_uri
from schemas.exchange import StatusQuery

_SECONDS: Final = 10.0
_CAP: Final = 64 * 1024
_OURS: Final = "peers that call it reach this router"
_OTHER_NAME: Final = (
    "a router answers there that goes by another name: a peer's, or this one under another `name`; correct it"
)
_OTHER_URL: Final = (
    "a router of ours answers there, which was started with another `public_url`; correct one of the two"
)
_OTHER_TIME: Final = "a router answers there whose clock is more than a minute from this machine's; set both clocks"
_NOT_OURS: Final = "somebody else answers there, or nothing that is a router (HTTP {status}); correct `public_url`"
_UNREACHABLE: Final = (
    "it cannot be reached from this machine, which many networks do not allow; ask a peer for its `partners check`"
)
_SAYS: Final = {
    "bad_signature": _OTHER_URL,
    "wrong_recipient": _OTHER_NAME,
    "clock": _OTHER_TIME,
    "expired": _OTHER_TIME,
}
#: Failures to connect that say nothing of the address: nobody lets us out and in again, or the router does not run.
_MAY_BE_US: Final = frozenset({"connect", "timeout"})


async def check_own_address(tools: Tools, url: str) -> CheckResult:
    """Call our own public address. Never raises a RouterError."""
    target = target_uri(url, "/v1/inbox/status")
    body = StatusQuery(sender=tools.me, recipient=tools.me).model_dump_json().encode()
    signer = tools.signers[0]
    headers = sign_request(signer, method="POST", target=target, body=body, recipient=tools.me, now=tools.clock.now())
    try:
        answer = await tools.egress.request(
            "POST", target, headers=headers, body=body, deadline=_SECONDS, cap=_CAP, purpose=Purpose.PARTNER
        )
    except RouterError as error:
        if error.reason in _MAY_BE_US:
            return CheckResult(ok=True, text=_UNREACHABLE, reason=Reason.UNREACHABLE)
        return CheckResult(ok=False, text=f"{error.message}; correct `public_url` or what stands there")
    said = said_reason(answer.body)
    if answer.status == 403 and said == OURSELVES:
        return CheckResult(ok=True, text=_OURS)
    return CheckResult(ok=False, text=_SAYS.get(said) or _NOT_OURS.format(status=answer.status))
