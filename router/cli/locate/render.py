"""How an answered location is written: one JSON line, one row of a list, or everything about it.

For people hosts are defanged, as what stands on a screen is copied and clicked. They are not masked: whoever asks has
just typed them, and paths, where secrets are, are never repeated.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Final

from router.guard.mask import HIDDEN, defang
from router.hosting.judgement import Answer, Judgement
from schemas.trace import Address, TraceLine, Verdict


def ndjson(line: TraceLine) -> str:
    """Return the contract's JSON, on one line."""
    return line.model_dump_json()


def judged(text: str, host: str, found: Judgement, verdict: Verdict | None = None) -> str:
    """Return what `ndjson` writes of an address that the shipped data alone judge, in a tenth of its time.

    `verdict` is the location's, where that is not the one of a host with this address alone. Parts that come again and
    again (a verdict, an AS, what a source says of many networks) are kept as text.
    """
    (of_host, alike), signals = _answer(found.answer), found.signals
    if verdict is not None:
        of_host = _verdict(verdict)
    said = [prefix.join(statement.written) for statement, prefix in found.said]
    return (
        f'{{"input":{encode_basestring(text)},"host":"{host}","verdict":{of_host},"names":[],'
        f'"addresses":[{{"ip":"{host}",{_network(signals.asn, signals.as_name)},{alike},'
        f'"evidence":[{",".join(said)}]}}],"error":null}}'
    )


def told(text: str, host: str, verdict: Verdict) -> str:
    """Return what `ndjson` writes of a location with neither name nor address: a verdict that many share."""
    return (
        f'{{"input":{encode_basestring(text)},"host":{encode_basestring(host)},"verdict":{_verdict(verdict)},'
        '"names":[],"addresses":[],"error":null}'
    )


def _verdict(found: Verdict) -> str:
    """Return a verdict's JSON, known again by its identity: to hash a model takes longer than all else of a name."""
    known = _VERDICTS.get(id(found))
    if known is None:
        if len(_VERDICTS) >= _VERDICTS_KEPT:
            _VERDICTS.clear()
        known = _VERDICTS[id(found)] = found, found.model_dump_json()
    return known[1]


#: The identity of a verdict -> the verdict, which lives so that no other one takes its identity, and its JSON.
_VERDICTS: Final[dict[int, tuple[Verdict, str]]] = {}
_VERDICTS_KEPT: Final = 16_384


@lru_cache(maxsize=65_536)
def _network(asn: int | None, name: str | None) -> str:
    return f'"asn":{json.dumps(asn)},"as_name":{json.dumps(name, ensure_ascii=False)}'


@lru_cache(maxsize=32_768)
def _answer(found: Answer) -> tuple[str, str]:
    """Return the verdict, and what follows for the address, without what is the address's own."""
    own = {"ip", "asn", "as_name", "evidence"}
    return found.verdict.model_dump_json(), found.alike.model_dump_json(exclude=own)[1:-1]


def row(line: TraceLine) -> str:
    """Return one row: what came out, how sure, which host, and the first reason's code."""
    if line.verdict is None:
        code = line.error.code if line.error else ""
        return f"{'-':<10} {'':>6}  {HIDDEN:<32} {code}"
    sure = f"{line.verdict.confidence:.1%}" if line.verdict.confidence else ""
    codes = line.verdict.reasons[0].code if line.verdict.reasons else ""
    return f"{_what(line):<10} {sure:>6}  {_host(line):<32} {codes}"


def detail(line: TraceLine) -> str:
    """Return all that is known, as paragraphs: verdict, reasons, names, and each address with each source's claim."""
    return "\n".join(_detail(line)) + "\n"


def _detail(line: TraceLine) -> Iterator[str]:
    if line.verdict is None:
        yield f"{HIDDEN}: cannot be read"
        yield f"  {line.error.text if line.error else ''}"
        return
    sure = f", {line.verdict.confidence:.1%} sure" if line.verdict.confidence else ""
    yield f"{_host(line)}: {_what(line)}{sure}"
    for reason in line.verdict.reasons:
        yield f"  {reason.text}"
    if line.verdict.leads_to:
        yield f"  leads to {_inner(line.verdict.leads_to)}"
    for name in line.names:
        target = name.outcome.value if name.target is None else _defanged(name.target)
        yield f"  {_defanged(name.name)} {name.type} {target}"
    for address in line.addresses:
        yield from _address(address)


def _address(address: Address) -> Iterator[str]:
    network = f"AS{address.asn} {address.as_name or ''}".rstrip() if address.asn else "no announced network"
    yield f"  {_defanged(address.ip)} ({network})"
    for evidence in address.evidence:
        claim = f"{evidence.claim.basis.value} {evidence.claim.country or ''}".rstrip()
        words = [word for word in (evidence.detail, evidence.as_of and f"as of {evidence.as_of}") if word]
        yield f"    {evidence.source:<12} {claim:<18} {', '.join(words)}"


def _what(line: TraceLine) -> str:
    assert line.verdict is not None
    if line.verdict.country:
        return line.verdict.country
    if line.verdict.countries:
        return f"{line.verdict.kind.value} {'/'.join(line.verdict.countries)}"
    return line.verdict.kind.value


def _inner(location: str) -> str:
    """Return the location that a link carries, without its path."""
    scheme, _, rest = defang(location).partition("://")
    return f"{scheme}://{re.split(r'[/?#]', rest, maxsplit=1)[0]}"


def _host(line: TraceLine) -> str:
    return _defanged(line.host) if line.host else HIDDEN


def _defanged(host: str) -> str:
    return host.replace(".", "[.]").replace(":", "[:]")


#: How `locate` may write its answers.
FORMATS: Final[Mapping[str, Callable[[TraceLine], str]]] = {"json": ndjson, "row": row, "detail": detail}
