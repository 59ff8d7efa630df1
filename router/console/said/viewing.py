"""What is refused of a viewing session, and of a table that comes back."""

from typing import Final

from router.console.language import N_

SAID: Final = (
    N_("This session is over already."),
    N_("It was said already that this session was lost."),
    N_("There is no viewing session of this name; see the list of them."),
    N_("This is the session of somebody else: its person does that, or a supervisor."),
    N_("This router exports no sessions; run it from its data directory."),
    N_("the desk has nothing of that now that nobody has."),
    N_("This is no text in UTF-8: save it as `CSV UTF-8`, and bring that."),
    N_("This is no table: save it as CSV in UTF-8, and bring that."),
    N_("The table is empty; its first line names the columns."),
    N_("The column `token` is missing: by it each line is known."),
)

#: The same with something filled in.
FILLED: Final = (
    N_("You have the session {name} already: bring its results, give it back, or say that it was lost."),
    N_("Nothing is left to take: {why}"),
    N_("{by} has it until {until}; take it over on its page first."),
    N_("One session holds {most} at most; take it in the next one."),
    N_("One table holds at most {most} rows; bring the rest in another one."),
    N_("The column {called} is not known, and nothing was read: take it out. Known are {columns}."),
    N_("The column {called} stands there twice: take one out."),
)
