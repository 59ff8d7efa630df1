"""What is wrong with the audit's chain, as whoever reads it back is told."""

from typing import Final

from router.console.language import N_

FILLED: Final = (
    N_("Checkpoints before {number} are missing."),
    N_("Checkpoint {number} was not signed like this."),
    N_("Checkpoint {number} is not the one that was kept; {said}."),
    N_("Checkpoints after {number} are missing, up to {most}; {said}."),
    N_(
        "if you put a backup back, remove the line with number {number} from audit.anchor and tell the receiver: that"
        " is your word that it was you; else somebody rewrote the audit: keep the database as it is and ask who could"
        " write to it"
    ),
    N_("The checkpoint that signed the entries up to {number} is missing."),
    N_("Entries {number} to {most} are missing."),
    N_("Entry {number} is not what was chained."),
    N_("The entries up to {number} are not those signed."),
    N_("Entries {number} to {most} are older than {count} minutes and no checkpoint signs them."),
)
SAID: Final = (
    N_("All entries of this epoch are missing."),
    N_("There are entries and no checkpoint at all."),
)
