"""What peers send: referrals, and questions about theirs. Signed by a pinned key (RFC 9421), answered with our own.

A signature covers the body's digest, so the body of a request must be read to know who sent it. Before that, the key it
names must be pinned here and its length within the limit: a stranger's body is not read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from router.api.protocol import body
from router.api.protocol.access import Ctx
from router.casework.context import Context
from router.casework.intake import peer_inbox
from router.errors import NotAllowed, NotSignedIn
from router.guard.access import Needs, Permission
from router.partners.keys import KeyRing, PeerKey, Signer
from router.partners.signing import Verified, sign_response, target_uri, verify_request
from schemas.actor import Actor
from schemas.exchange import InboxAnswers, ReferralBundle, StatusAnswers, StatusQuery
from schemas.partner import Directory

router = APIRouter(prefix="/v1/inbox", tags=["inbox"])

#: Bytes of one signed request: a hundred referrals with the longest locations and notes.
LIMIT: Final = 8 * 1024 * 1024
_KEY_ID: Final = re.compile(r';keyid="([^"]{1,120})"')
_KEYS: Final[TypeAdapter[tuple[PeerKey, ...]]] = TypeAdapter(tuple[PeerKey, ...])


@dataclass(slots=True)
class Pinned:
    """The key ring of the directory in force, made anew when another directory is: keys are costly to read."""

    _of: Directory | None = None
    _ring: KeyRing = field(default_factory=lambda: KeyRing({}))

    def keys(self, directory: Directory) -> KeyRing:
        """Return the ring of this directory. Raise BadInput when two keys share an id."""
        if directory is not self._of:  # words are frozen: a change is always another object
            self._ring, self._of = key_ring(directory), directory
        return self._ring


@dataclass(frozen=True, slots=True)
class Peering:
    """How we are known to peers: the URL they call, and the key that signs our answers; and how they are to us."""

    public_url: str
    signer: Signer
    pinned: Pinned = field(default_factory=Pinned)


@dataclass(frozen=True, slots=True)
class Call:
    """A peer's request whose signature fits."""

    peer: str
    body: bytes
    verified: Verified
    actor: Actor


@dataclass(frozen=True)
class Signed(Needs):
    """The rule of an endpoint for peers: a fresh, valid signature by a pinned key of an enabled peer."""

    async def __call__(self, request: Request) -> Call:
        """Return the peer's request. Raise NotSignedIn (also for a replay), NotAllowed, TooLarge."""
        ctx: Context = request.app.state.ctx
        peering = _peering(request)
        keys = peering.pinned.keys(await ctx.governance.directory())
        now = ctx.clock.now()
        keys.find(_key_id(request), now)
        given = await body.collect(request, LIMIT)
        verified = verify_request(
            request.headers.items(),
            method=request.method,
            target=target_uri(peering.public_url, request.url.path),
            body=given,
            recipient=ctx.me,
            keys=keys,
            now=now,
        )
        await peer_inbox.peer(ctx, verified.peer)
        await peer_inbox.remember_nonce(ctx, verified.peer, verified.nonce, verified.until)
        actor = Actor(id=f"peer:{verified.peer}", permissions=frozenset({str(Permission.INBOX)}))
        request.state.actor = actor
        return Call(verified.peer, given, verified, actor)


Peer = Annotated[Call, Depends(Signed(Permission.INBOX))]


@router.post("/referrals", response_model=InboxAnswers, openapi_extra=body.takes(ReferralBundle))
async def take(request: Request, ctx: Ctx, call: Peer) -> Response:
    """Take up to a hundred referrals of a peer, each answered and durable when the answer comes."""
    bundle = body.parse(call.body, ReferralBundle)
    return _answer(request, ctx, call, await peer_inbox.take_referrals(ctx, bundle, call.peer, call.actor))


@router.post("/status", response_model=StatusAnswers, openapi_extra=body.takes(StatusQuery))
async def status(request: Request, ctx: Ctx, call: Peer) -> Response:
    """Say what became of a peer's own referrals, and take back those it withdraws."""
    query = body.parse(call.body, StatusQuery)
    return _answer(request, ctx, call, await peer_inbox.status(ctx, query, call.peer))


def key_ring(directory: Directory) -> KeyRing:
    """Return the pinned keys of all enabled peers, by the name each has among peers."""
    peers = [one for one in directory.partners if one.enabled and one.dialect == "router"]
    return KeyRing({str(one.config["peer"]): keys for one in peers if (keys := _pinned(one.config))})


def _pinned(config: Mapping[str, Any]) -> tuple[PeerKey, ...]:
    """Return a peer's keys; settings that cannot be used pin nothing, and `partners check` says why."""
    if "peer" not in config:
        return ()
    try:
        return _KEYS.validate_python(config.get("keys", ()))
    except ValidationError:
        return ()


def _key_id(request: Request) -> str:
    found = _KEY_ID.search(request.headers.get("signature-input", ""))
    if found is None:
        raise NotSignedIn("Sign the message as the protocol says.", reason="signature_missing")
    return found[1]


def _peering(request: Request) -> Peering:
    peering: Peering | None = request.app.state.peering
    if peering is None:
        raise NotAllowed("This router takes no referrals from peers; its operator has set no `public_url`.")
    return peering


def _answer(request: Request, ctx: Context, call: Call, word: BaseModel) -> Response:
    payload = word.model_dump_json(exclude_none=True).encode()
    signer = _peering(request).signer
    headers = sign_response(signer, status=200, body=payload, request=call.verified, now=ctx.clock.now())
    return Response(payload, 200, headers)
