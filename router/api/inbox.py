"""What peers send: referrals, and questions about theirs. Signed by a pinned key (RFC 9421), answered with our own.

A signature covers the body's digest and not the body, so all of it is judged before a byte of the body is read: form,
key, date, recipient, nonce, length. A stranger's body is never held.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from router.api.protocol import body
from router.api.protocol.access import Ctx
from router.bounds import check_json
from router.casework.context import Context
from router.casework.intake import peer_inbox, peer_messages
from router.errors import NotAllowed, NotSignedIn
from router.guard.access import Needs, Permission
from router.partners.keys import KeyRing, PeerKey, Signer
from router.partners.signing import OURSELVES, Head, Verified, sign_response, target_uri, verify_head
from schemas.actor import Actor
from schemas.exchange import PROTOCOL, InboxAnswers, ReferralBundle, StatusAnswers, StatusQuery
from schemas.partner import Directory

router = APIRouter(prefix="/v1/inbox", tags=["inbox"])

#: Bytes of one signed request: a hundred referrals with the longest locations and notes.
LIMIT: Final = 8 * 1024 * 1024
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
        now = ctx.clock.now()
        body.check_length(request, LIMIT)
        head = _head(request, peering, ctx.me, peering.pinned.keys(await ctx.governance.directory()), now)
        known = head.verified
        await peer_inbox.peer(ctx, known.peer)
        await peer_inbox.remember_nonce(ctx, known.peer, known.nonce, known.until)
        actor = Actor(id=f"peer:{known.peer}", permissions=frozenset({str(Permission.INBOX)}))
        request.state.actor = actor
        given = await body.read_bytes(request, limit=LIMIT)
        return Call(known.peer, given, head.with_body(given), actor)


def _head(request: Request, peering: "Peering", me: str, keys: KeyRing, now: datetime) -> Head:
    """Return the head of a peer's request. Raise NotSignedIn, and NotAllowed (ourselves) for one that we signed.

    By the latter `doctor` knows that our public address leads to us; with any other key nobody gets that answer.
    """
    target = target_uri(peering.public_url, *_as_called(request))
    judge = partial(verify_head, request.headers.items(), method=request.method, target=target, recipient=me, now=now)
    try:
        return judge(keys=keys)
    except NotSignedIn as error:
        if (
            error.reason != "unknown_key"
            or f'keyid="{peering.signer.key_id}"' not in request.headers["signature-input"]
        ):
            raise
    own = PeerKey(id=peering.signer.key_id, public=peering.signer.public)
    judge(keys=KeyRing({me: (own,)}))
    raise NotAllowed("This request came from ourselves.", reason=OURSELVES)


Peer = Annotated[Call, Depends(Signed(Permission.INBOX))]


@router.post("/referrals", response_model=InboxAnswers, openapi_extra=body.takes(ReferralBundle))
async def take(request: Request, ctx: Ctx, call: Peer) -> Response:
    """Take up to a hundred referrals of a peer, each answered and durable when the answer comes."""
    check_json(call.body)
    bundle = peer_messages.read(call.body)
    taken = await peer_inbox.take_referrals(ctx, bundle, call.peer, call.actor, bundle.unread)
    return _answer(request, ctx, call, bundle.answers(taken))


@router.post("/test", response_model=InboxAnswers, openapi_extra=body.takes(ReferralBundle))
async def test(request: Request, ctx: Ctx, call: Peer) -> Response:
    """Say of a peer's test what would be said of it as a referral; nothing of it is kept."""
    check_json(call.body)
    bundle = peer_messages.read(call.body)
    return _answer(request, ctx, call, bundle.answers(peer_inbox.judged(ctx, bundle, call.peer)))


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


def _as_called(request: Request) -> tuple[str, str]:
    """Return the path and the query as they were written on the request line."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope["query_string"]
    return raw.decode("latin-1"), query.decode("latin-1")


def _peering(request: Request) -> Peering:
    peering: Peering | None = request.app.state.peering
    if peering is None:
        raise NotAllowed("This router takes no referrals from peers; its operator has set no `public_url`.")
    return peering


def _answer(request: Request, ctx: Context, call: Call, word: BaseModel) -> Response:
    payload = word.model_dump_json(exclude_none=True).encode()
    signer = _peering(request).signer
    headers = sign_response(signer, status=200, body=payload, request=call.verified, now=ctx.clock.now())
    return Response(payload, 200, headers | {"Protocol-Version": PROTOCOL})
