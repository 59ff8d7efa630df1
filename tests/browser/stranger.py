"""Somebody who has never seen the desk, and counts: each click, each choice and each field; and each key.

They know which form they want and nothing of how its page is made, so that they can walk the console of any version.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

#: More than a page has places for the focus: whoever gets no further than this goes round in circles.
_FAR: Final = 60
#: What is typed or chosen where a form wants it; what is chosen of a list is its first choice unless it stands here.
TYPED: Final = {
    "reason": "because",
    "reference": "N-1",
    "ip": "93.184.216.34",
    "location": "https://elsewhere.test/1",
    "number": "FP-1",
}
#: The fields of a form that want something, in their order: names of which this is true, or that were asked for.
_WANTED: Final = """(form, also) => [...new Set([...form.elements]
    .filter(one => one.name && one.type !== "hidden" && one.willValidate
        && (!one.checkValidity() || (also.includes(one.name) && !one.value)))
    .map(one => one.name))]"""
_FOLDS: Final = """form => { let found = 0;
    for (let one = form.closest("details"); one; one = one.parentElement.closest("details")) found += one.open ? 0 : 1;
    return found; }"""
#: The key that finds a form, and whether it sends it at once. Before there was a table of keys, `s` was that of Send.
_KEY: Final = """form => { const help = document.getElementById("keys"); if (!help) return null;
    const all = [...help.querySelectorAll("[data-key]")];
    const one = all.find(one => one.dataset.finds && form.matches(one.dataset.finds));
    if (!one) return all.length === 0 && form.querySelector("[data-send]") ? ["s", false] : null;
    const sends = one.dataset.how === "press" || form.querySelector("[data-reveal]");
    return [one.dataset.key, Boolean(sends) && form.checkValidity()]; }"""
_ROW: Final = """form => [...document.querySelectorAll("[data-row]")].indexOf(form.closest("[data-row]"))"""
_BEFORE: Final = """one => { const now = document.activeElement;
    return now !== document.body && Boolean(now.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING); }"""
_HERE: Final = "one => document.activeElement === one"


class CouldNot(Exception):
    """The page has no form for it."""


@dataclass
class Stranger:
    """Somebody at a page. What they choose is named by the field: `chosen`."""

    page: "Page"
    by_keys: bool
    chosen: dict[str, str] = field(default_factory=dict)
    count: int = 0

    async def do(self, act: str) -> None:
        """Do an act by its form, and wait until its page is there. Raise CouldNot."""
        form = self.page.locator(f"form[action$='/{act}']").first
        if not await form.count():
            raise CouldNot(act)
        await (self._type(form) if self.by_keys else self._point(form))

    async def _point(self, form: "Locator") -> None:
        for _ in range(await form.evaluate(_FOLDS)):
            await self._click(form.locator("xpath=ancestor::details[not(@open)]").first.locator("> summary"))
        for name in await form.evaluate(_WANTED, list(self.chosen)):
            one = form.locator(f"[name={name}]").first
            if await one.evaluate("one => one.type") in ("radio", "checkbox"):
                wanted = f"[value={self.chosen[name]}]" if name in self.chosen else ""
                await self._click(form.locator(f"[name={name}]{wanted}").first)
            elif await one.evaluate("one => one.localName") == "select":
                self.count += 1
                await one.select_option(await self._choice(one, name))
            else:
                self.count += 1
                await one.fill(TYPED[name])
        async with self.page.expect_navigation():
            await self._click(self._button(form))

    async def _type(self, form: "Locator") -> None:
        found = await form.evaluate(_KEY)
        if found is not None and found[1]:
            async with self.page.expect_navigation():
                await self._press(found[0])
            return
        if found is not None:
            while not await form.evaluate("form => form.contains(document.activeElement)"):
                await self._press(found[0])
        else:
            await self._walk_to(form)
        for name in await form.evaluate(_WANTED, list(self.chosen)):
            await self._reach(form.locator(f"[name={name}]").first)
            await self._fill(form, name)
        await self._send(form)

    async def _walk_to(self, form: "Locator") -> None:
        """Go to the section of a form by `j`, and on to it by Tab; open what is folded."""
        for _ in range(await form.evaluate(_ROW) + 1):
            await self._press("j")
        for _ in range(await form.evaluate(_FOLDS)):
            await self._reach(form.locator("xpath=ancestor::details[not(@open)]").first.locator("> summary"))
            await self._press("Enter")

    async def _fill(self, form: "Locator", name: str) -> None:
        one = form.locator(f"[name={name}]").first
        kind = await one.evaluate("one => one.type")
        if kind in ("radio", "checkbox"):
            wanted = f"[value={self.chosen[name]}]" if name in self.chosen else ""
            await self._press("Space")
            while not await form.locator(f"[name={name}]{wanted}").first.is_checked():
                await self._press("ArrowDown")
        elif kind.startswith("select"):
            wanted = await self._choice(one, name)
            label = await one.evaluate(
                "(one, value) => [...one.options].find(each => each.value === value).text", wanted
            )
            while await one.input_value() != wanted:
                await self._press(label[0].lower())
        else:
            await self.page.keyboard.type(TYPED[name])

    async def _send(self, form: "Locator") -> None:
        while await form.evaluate("form => !form.contains(document.activeElement)"):
            await self._press("Tab")
        sends = "() => document.activeElement.matches('input, button')"
        while not await self.page.evaluate(sends):
            await self._press("Tab")
        async with self.page.expect_navigation():
            await self._press("Enter")

    async def _reach(self, one: "Locator") -> None:
        back = await one.evaluate(_BEFORE)
        for _ in range(_FAR):
            if await one.evaluate(_HERE):
                return
            await self._press("Shift+Tab" if back else "Tab")
        raise CouldNot("reach it")

    async def _choice(self, one: "Locator", name: str) -> str:
        first = "one => [...one.options].map(each => each.value).find(Boolean)"
        return self.chosen.get(name) or str(await one.evaluate(first))

    def _button(self, form: "Locator") -> "Locator":
        return form.locator("button[type=submit], button:not([type])").first

    async def _click(self, one: "Locator") -> None:
        self.count += 1
        await one.click()

    async def _press(self, key: str) -> None:
        self.count += 1
        here = "() => document.activeElement.outerHTML.slice(0, 200)"
        assert self.count < _FAR, f"goes round in circles with {key} at {await self.page.evaluate(here)}"
        await self.page.keyboard.press(key)
