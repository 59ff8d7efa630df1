"""The reasons of policies as a page says them: in the reader's language where the version that decided has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from router.casework.context import Context
from router.console.language import FALLBACK
from router.console.sentences import sentence
from router.policy.translations import Said


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons of those versions that a page shows something of, each as a sentence, as the pages show it."""

    versions: Mapping[int, Said] = field(default_factory=dict)
    in_force: int = 0  #: whose they are where nobody says whose

    def said(self, text: str, language: str, version: int | None = None) -> str | None:
        """Return a reason in a language, or None when the policy does not have it there."""
        return self._of(text, version).get(language)

    def language(self, text: str, version: int | None = None) -> str:
        """Return in which language a text is: that of the policy for its reasons, else the router's own."""
        return next(iter(self._of(text, version)), FALLBACK)

    def _of(self, text: str, version: int | None) -> Mapping[str, str]:
        return self.versions.get(version or self.in_force, {}).get(sentence(text), {})


NO_REASONS: Final = Reasons()


async def reasons(ctx: Context, versions: Iterable[int | None] = ()) -> Reasons:
    """Return the reasons of the policy in force, and of these versions. Raise Unavailable before the first one."""
    in_force, _ = await ctx.governance.policy()
    wanted = {in_force, *(one for one in versions if one)}
    said = {one: await ctx.governance.said(one) for one in sorted(wanted)}
    as_sentences = {one: {sentence(text): words for text, words in of.items()} for one, of in said.items()}
    return Reasons(as_sentences, in_force)
