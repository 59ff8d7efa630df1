"""What a refresh leaves in a data directory: whole sets with another date, behind the link."""

from pathlib import Path

from router.app_tracer import SETS
from router.data.datasets import MANIFEST, SHIPPED
from router.data.in_force import LINK


def refreshed(folder: Path, date: str) -> Path:
    """Put the shipped sets in force under another date, in one step as a refresh does; return their folder."""
    made = folder / SETS / f"{date}-0"
    made.mkdir(parents=True)
    for file in SHIPPED.glob("*.mmdb"):
        (made / file.name).symlink_to(file)
    text = (SHIPPED.parent / MANIFEST).read_text(encoding="utf-8")
    lines = [f'date = "{date}"' if line.startswith("date = ") else line for line in text.splitlines()]
    (made / MANIFEST).write_text("\n".join(lines), encoding="utf-8")
    link = folder / SETS / f".{LINK}"
    link.symlink_to(made.name)
    link.replace(folder / SETS / LINK)
    return made
