"""The onboarding sheet: what we hand to a new partner, from the settings in force, signed with the key that it pins.

It holds what is public and nothing else: no secret is read to make it. People carry it over a way that both trust.
"""

import json
from base64 import b64encode
from typing import Final

from router.casework.context import Context, House
from router.errors import Conflict
from router.partners.fields import PEER, STAYS
from schemas.exchange import PROTOCOL
from schemas.sheet import Sheet, SheetFiles, SheetKey
from schemas.trail import Paper

#: How each file is verified; a test runs it as it stands.
VERIFY: Final = "openssl pkeyutl -verify -pubin -inkey house.pem -rawin -in {name} -sigfile {name}.sig"
FINGERPRINT: Final = "openssl pkey -pubin -in house.pem -outform DER | openssl dgst -sha256"
_PATHS: Final = ("/v1/inbox/referrals", "/v1/inbox/status", "/v1/inbox/test")
_NO_KEY: Final = "This router has no key to sign with here; run it from its data directory."
_SIGNED: Final = """\
WHAT IS SIGNED
  Every request of ours is signed with the key above (Ed25519) as RFC 9421 says: method, address, content type, digest
  of the body (RFC 9530), and the name of whom it is for. So is every answer to a request of yours, over that request.
  Nothing unsigned counts, here or there. Clocks may differ by 60 seconds.
"""
_HOW: Final = """\
HOW TO VERIFY THIS SHEET, with OpenSSL 3
  {sheet}
  {text}
  Then compare the SHA-256 of the key, read to you over a telephone number that you know:
  {fingerprint}
"""


async def sheet(ctx: Context) -> SheetFiles:
    """Return the sheet and its files. Raise Conflict where there is no key to sign with."""
    if ctx.house is None:
        raise Conflict(_NO_KEY, reason="no_key")
    said = _said(ctx, ctx.house)
    files = {"sheet.json": _json(said), "sheet.txt": as_text(said).encode()}
    signed = {f"{name}.sig": ctx.house.sign(content) for name, content in files.items()}
    whole = {**files, **signed, "house.pem": ctx.house.public_key()}
    papers = (Paper(name=name, content=b64encode(content).decode()) for name, content in whole.items())
    return SheetFiles(sheet=said, files=tuple(papers))


def _said(ctx: Context, house: House) -> Sheet:
    url = None if ctx.console is None else ctx.console.rstrip("/")
    return Sheet(
        house=ctx.me,
        country=ctx.home,
        contact=house.contact,
        url=url,
        addresses=tuple(f"{url}{path}" for path in _PATHS) if url else (),
        protocol=PROTOCOL,
        key=SheetKey(id=house.key_id, public=house.public(), fingerprint=house.fingerprint()),
        entry=None if url is None else _entry(ctx.me, ctx.home, url, house),
        sends=PEER,
        never=dict(STAYS),
        made_at=ctx.clock.now(),
    )


def _entry(me: str, home: str, url: str, house: House) -> str:
    """Return us as an entry of another's directory. JSON's texts are TOML's basic strings."""
    ours = (("url", url), ("peer", me), ("id", house.key_id), ("public", house.public()), ("home", home))
    text = {name: json.dumps(value) for name, value in ours}
    return (
        f'[[partners]]\nname = {text["peer"]}\ntitle = {text["peer"]}\nkind = "hotline"\ncountries = [{text["home"]}]\n'
        f'dialect = "router"\n\n[partners.config]\nurl = {text["url"]}\npeer = {text["peer"]}\n'
        f"keys = [{{ id = {text['id']}, public = {text['public']} }}]\n"
    )


def as_text(said: Sheet) -> str:
    """Return the sheet as people read it without a browser, in English."""
    none = "not set; ask us"
    lines = [
        f"{said.house} ({said.country}): how to work with us", "",
        f"  Contact      {said.contact or none}",
        f"  Address      {said.url or none}",
        *(f"               POST {one}" for one in said.addresses),
        f"  Protocol     {said.protocol}",
        f"  Key          {said.key.id} = {said.key.public}",
        f"  Its SHA-256  {said.key.fingerprint}",
        f"  Made         {said.made_at.isoformat(timespec='seconds')}", "",
        _SIGNED,
        "WHAT WE SEND: metadata of what was reported and assessed, as far as your entry here lists it",
        f"  {', '.join(said.sends)}", "",
        "WHAT WE NEVER SEND: the material itself, in any form; and of a report",
        *(f"  {name}: {why}" for name, why in said.never.items()), "",
        verifying(),
    ]  # fmt: skip
    if said.entry is not None:
        lines += ["OUR ENTRY, if you run the same router: save it as a file, and `partners add FILE`", "", said.entry]
    return "\n".join(lines)


def verifying() -> str:
    """Return how the sheet's signatures are checked."""
    commands = {"sheet": VERIFY.format(name="sheet.json"), "text": VERIFY.format(name="sheet.txt")}
    return _HOW.format(**commands, fingerprint=FINGERPRINT)


def _json(said: Sheet) -> bytes:
    return (json.dumps(said.model_dump(mode="json"), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
