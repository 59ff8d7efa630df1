"""The policy and the directory in force, as `policy` and `partners` want them, through the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from router.cli.client.api import ApiClient

if TYPE_CHECKING:
    from router.policy.diff import Changed
    from schemas.decision import Decision
    from schemas.governed import CheckedView, Published, WaitingCases
    from schemas.partner import Directory, Partner
    from schemas.policy import Policy
    from schemas.sheet import SheetFiles


@dataclass(frozen=True, slots=True)
class GovernanceClient:
    """What governs the router behind an API."""

    client: ApiClient

    async def policy(self) -> "tuple[int, Policy]":
        """Return (version, policy) in force."""
        from router.policy.load import load

        found = await self.client.get("policy")
        return int(found["version"]), load(found["text"])

    async def publish(self, text: str) -> "Published":
        """Put a policy in force, or propose one that widens. Raise PolicyInvalid, Conflict."""
        return _published(await self.client.post("policy", text=text))

    async def proposals(self) -> list[dict[str, Any]]:
        """Return what waits for a second person."""
        found: list[dict[str, Any]] = (await self.client.get("proposals"))["items"]
        return found

    async def replay(self, text: str, limit: int) -> "list[Changed]":
        """Return what the policy would change in the last `limit` decisions. Raise PolicyInvalid."""
        from router.policy.diff import Changed
        from schemas.governed import ChangeKind

        found = (await self.client.post("policy", "replay", text=text, limit=limit))["items"]
        return [
            Changed(
                *(o["case"], tuple(o["before"]), tuple(o["after"]), o["route_before"], o["route_after"]),
                kind=ChangeKind(o["kind"]),
            )
            for o in found
        ]

    async def last_decision(self, case_id: str) -> "Decision":
        """Return what was last decided on a case. Raise NotFound."""
        from schemas.decision import Decision

        return Decision.model_validate(await self.client.get("policy", "decisions", case_id))

    async def directory(self) -> "Directory":
        """Return the partner directory in force."""
        import json

        from schemas.partner import Directory

        return Directory.model_validate_json(json.dumps(await self.client.get("partners")))

    async def waiting(self) -> dict[str, str]:
        """Return, by name, why each enabled partner that is not called now waits."""
        found = (await self.client.get("partners", "waiting"))["items"]
        return {one["partner"]: _wait(one["waits"]) for one in found}

    async def import_directory(self, directory: "Directory") -> "Published":
        """Put a directory in force as far as it narrows, and propose the rest. Raise BadInput, Conflict, NotAllowed."""
        return _published(
            await self.client.post("partners", **directory.model_dump(mode="json", exclude_defaults=True))
        )

    async def put_partner(self, partner: "Partner") -> "Published":
        """Add a partner or replace the one of its name, as far as that narrows; propose the rest. Raise as above."""
        return _published(await self.client.put("partners", partner.name, **partner.model_dump(mode="json")))

    async def sheet(self) -> "SheetFiles":
        """Return what a new partner is given. Raise Conflict where there is no key to sign with."""
        import json

        from schemas.sheet import SheetFiles

        return SheetFiles.model_validate_json(json.dumps(await self.client.get("partners", "sheet")))

    async def waiting_cases(self, name: str) -> "WaitingCases":
        """Return what a partner could have by now. Raise NotFound."""
        import json

        from schemas.governed import WaitingCases

        return WaitingCases.model_validate_json(json.dumps(await self.client.get("partners", name, "waiting-cases")))

    async def decide_waiting(self, name: str, reason: str) -> int:
        """Have those cases decided anew; return how many. Raise NotFound, BadInput."""
        return int((await self.client.post("partners", name, "decide-waiting", reason=reason))["decided"])

    async def check_partners(self, name: str | None, *, rehearse: bool = False) -> "Sequence[CheckedView]":
        """Reach one partner, or all that are enabled. Raise NotFound."""
        from schemas.governed import CheckedView

        found = (await self.client.post("partners", "check", partner=name, rehearse=rehearse))["items"]
        return [CheckedView.model_validate(one) for one in found]


def _wait(wait: dict[str, Any]) -> str:
    """Return why a partner is not called, since when, and until when, in one line."""
    since = f" (since {wait['since']})" if wait.get("since") else ""
    until = f" (until {wait['until']})" if wait.get("until") else ""
    return f"{wait['text']}{since}{until}"


def _published(found: dict[str, Any]) -> "Published":
    from schemas.governed import Published

    return Published(version=found["version"], proposed=tuple(found["proposed"]))
