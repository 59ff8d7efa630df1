"""What an error says by itself, where nobody gave it words."""

from typing import Final

from router.console.language import N_

SAID: Final = (
    N_("Sign in, or send a valid token, and try again."),
    N_("There is no such thing here; check the id."),
    N_("What was sent cannot be used; correct the named field and send it again."),
    N_("Your role does not allow this; ask a supervisor."),
    N_("It changed in the meantime; read it again and decide anew."),
    N_("More was sent than is taken at once; send it in smaller parts."),
    N_("The policy is wrong; the one in force stays. Correct the named place and check it again."),
    N_(
        "A stored field cannot be opened: it was changed, moved, or sealed under another key; restore it from a backup."
    ),
    N_("Something that is needed is away; try again later."),
    N_("This was asked more often than it may be; ask again later."),
    N_("An evidence source did not answer; the verdict stands on the others."),
    N_("The store cannot be written or read now; nothing that was acknowledged is lost. Try again shortly."),
    N_("The database's files were removed or replaced while in use; stop, put them back, and start again."),
    N_("The guard does not let this connection out; check the address in the partner's settings."),
    N_("No connection could be made, so nothing was sent; try again later."),
    N_("It was sent, but no complete answer came back; it may have arrived, so ask before sending it again."),
)

#: The same with something filled in.
FILLED: Final = (N_("This form takes {limit} KiB at most; shorten the text."),)
