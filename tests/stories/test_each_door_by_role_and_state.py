"""The table of endpoint, role and state, whole: each door of an act, in each situation the desk knows, by each role.

Each act on a case or a referral is tried over HTTP. Who may not is refused for that (403), whatever the state. Who may
is taken where the case offers them the act, and else refused by its state or form. Taken means that the act comes to
its commit, which is left out, so one case serves all of them; `test_every_offer_is_accepted.py` goes on to the end.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from router.api import make_api
from router.api.locate import Asking
from router.casework.case.acts import ACTS, On, Surface
from router.casework.decide.proposal import TO_BE_SENT
from router.casework.read.case_file import case_file
from router.casework.read.seen_by import file_seen_by
from router.casework.referral.row import LIVE
from router.guard.access import ROLES
from schemas.actor import Actor, Role
from schemas.casefile import CaseFile, ReferralView
from schemas.states import ReferralState
from schemas.vocabulary import Assessment
from tests.casebook import Casebook
from tests.office import token_for
from tests.stories.offers import _somebody
from tests.stories.test_every_offer_is_accepted import SITUATIONS, offers, opened
from tests.stories.test_every_text_stands_beside_its_act import NothingIsWritten, Prepared
from tests.stories.test_what_is_not_offered_is_refused import FASTER

DOORS = [act for act in ACTS if act.on in (On.CASE, On.REFERRAL) and Surface.API not in act.absent]
#: Written to by nobody at this moment, so that what was handed over elsewhere may be said of them.
CAN_BE_ENDED = {ReferralState.WAITING, ReferralState.HELD, ReferralState.UNKNOWN}
WHY = {"reason": "so"}
#: Each role, of those who may reveal a location somebody who has; and an analyst who has not.
WHO = [*((role, True) for role in Role), (Role.ANALYST, False)]


class OnlyWhoAsked(NothingIsWritten):
    """A store that keeps when a token was shown, and whose first other commit ends the act."""

    async def commit(self, *transitions: Any) -> Any:
        touched = {change.table.name for one in transitions for change in (*one.changes, *one.adds)}
        if touched != {"tokens"}:
            raise Prepared
        return await self._store.commit(*transitions)


@pytest.fixture(scope="module")
def app() -> list[FastAPI]:
    return []


async def body_of(book: Casebook, file: CaseFile, act: str) -> dict[str, Any] | None:
    """An act on a case as a script fills it in; None where there is nobody to name."""
    said = {} if file.summary.assessment is not Assessment.UNASSESSED else {"assessment": TO_BE_SENT[0]}
    if act in {"refer", "handed-over"}:
        return await to_somebody(book, file, act, said)
    proposed = [one.assessment for one in file.proposals] if said else []
    filled: dict[str, dict[str, Any]] = {
        **{one: {} for one in ("acknowledge", "not-illegal", "undo", "pass-on")},
        "take": {"over": file.holder is not None},
        "send": WHY | ({"assessment": proposed[0]} if proposed else {}),
        "told-police": {"reference": "N-1"} | ({"partner": file.units_to_tell[0]} if file.units_to_tell else {}),
        "done": WHY | ({"code": file.over_when_said[0]} if file.over_when_said else {}),
        "look": WHY | {"finding": "gone"},
        "assess": WHY | {"assessment": "baseline"},
        "close": WHY | {"outcome": "removed"},
        "origin": WHY | {"ip": "93.184.216.34"},
        "target": WHY | {"location": "https://elsewhere.test/1"},
    }
    return filled.get(act, WHY)


async def to_somebody(book: Casebook, file: CaseFile, act: str, said: dict[str, Any]) -> dict[str, Any] | None:
    if act == "refer":
        to = await _somebody(book.ctx, file, said.get("assessment") or file.summary.assessment, 0)
        return None if to is None else WHY | said | {"partner": to}
    busy = {one.partner for one in file.referrals if one.state in LIVE - CAN_BE_ENDED}
    free = [one.name for one in (await book.ctx.governance.directory()).partners if one.name not in busy]
    return WHY | {"partner": free[0], "reference": "N-1"} if free else None


async def body_about(book: Casebook, file: CaseFile, one: ReferralView, act: str) -> dict[str, Any] | None:
    """An act on a referral likewise."""
    match act:
        case "taken-back":
            return {"reference": "their letter"}
        case "receipt":
            return {"number": "FP-1", "shared": True, "whole": True}
        case "answer":
            until = (book.ctx.clock.now() + timedelta(days=9)).isoformat()
            return {"answer": "hold_until", "officer": "an officer", "until": until, "whole": True}
        case "override":
            to = await _somebody(book.ctx, file, file.summary.assessment, 0)
            return None if to in (None, one.partner) else WHY | {"partner": to}
    return WHY


async def unseen(book: Casebook, case_id: str, actor: Actor) -> tuple[CaseFile, list[tuple[int | None, str]]]:
    """What is offered to who has not revealed it: nothing that says whether it is illegal, or that leaves by that."""
    file = file_seen_by(await case_file(book.ctx, case_id, reader=actor), actor.permissions)
    offered: list[tuple[int | None, str]] = [(None, act) for act in file.acts]
    assert not {"not-illegal", "assess"} & set(file.acts)
    return file, offered + [(place, act) for place, one in enumerate(file.referrals) for act in one.acts]


def doors(file: CaseFile) -> Iterator[tuple[str, int | None, str]]:
    for act in DOORS:
        if act.on is On.CASE:
            yield act.name, None, f"/v1/cases/{file.summary.id}/{act.name}"
        else:
            for place, one in enumerate(file.referrals):
                yield act.name, place, f"/v1/referrals/{one.id}/{act.name}"


async def knocked(client: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> int:
    """What the door answers; 200 when the act has come to its commit."""
    try:
        return (await client.post(path, json=body)).status_code
    except Prepared:
        return 200


@pytest.mark.parametrize("name", sorted(SITUATIONS))
async def test_each_door_in_each_state_for_each_role(tmp_path: Path, name: str, app: list[FastAPI]) -> None:
    needs = {act.name: act.needs for act in DOORS}
    wrong, taken, refused = [], set(), 0
    async with opened(tmp_path) as book:
        case_id = await SITUATIONS[name](book)
        if not app:
            app.append(make_api(book.ctx))
        for role, sees in WHO:
            who = f"a-{role}" if sees else f"new-{role}"
            token = await token_for(book.ctx, role, who)
            actor = Actor(id=f"person:{who}", role=role, permissions=ROLES[role])
            file, offered = await (offers if sees else unseen)(book, case_id, actor)
            state = app[0].state
            state.ctx = replace(book.ctx, store=OnlyWhoAsked(book.ctx.store))  # type: ignore[arg-type] # it reads
            state.asking, state.peering = Asking(), None
            transport = httpx2.ASGITransport(app[0], raise_app_exceptions=True)
            told = {"authorization": f"Bearer {token}"}
            async with httpx2.AsyncClient(transport=transport, base_url="http://router.test", headers=told) as client:
                for act, place, path in doors(file):
                    one = None if place is None else file.referrals[place]
                    body = await (body_of(book, file, act) if one is None else body_about(book, file, one, act))
                    if needs[act] not in ROLES[role]:
                        expected = {403}
                    elif (place, act) in offered:
                        expected = {200, 201, 204}
                    elif one is None and act in FASTER.get(name, ()):
                        continue
                    else:
                        expected = {403, 404, 409, 422}
                    if body is None:
                        continue
                    answer = await knocked(client, path, body)
                    if answer not in expected:
                        wrong.append((who, act, place, answer, sorted(expected)))
                    taken |= {act} if answer < 300 else set()
                    refused += answer == 403
    assert wrong == []
    assert taken
    assert refused > 4 * len(taken), "most roles may do nothing of it"
