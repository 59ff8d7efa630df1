"""What is said of a text that governs: what is wrong with it and where, and how a policy's own tests end.

`rules/faults` finds these again in what was said; of templates that fit one sentence the first one made it.
"""

from typing import Final

from router.console.language import N_

#: What is wrong at a place, as `policy check` says it.
WRONG: Final = (
    N_("{said}, or true (it is known) or false (it is not)"),
    N_("is missing"),
    N_("write a list in [ ]"),
    N_("write true or false"),
    N_("write text in quotes"),
    N_("write a table"),
    N_("write a table in {{ }}"),
    N_("write a day, such as 2026-11-22"),
    N_("holds a character or a number that no text of ours may hold"),
    N_("must not be empty"),
    N_("a policy carries its own tests: write at least one [[tests]]"),
    N_("unknown key; did you mean {key}?"),
    N_("unknown key; known are {keys}"),
    N_("is not valid TOML: {error}"),
    # the bounds of a value
    N_("must be greater than or equal to {number}"),
    N_("must be greater than {number}"),
    N_("must be less than or equal to {number}"),
    N_("must have at most {number} items"),
    N_("must have at most {number} characters"),
    N_("must have at least {number} characters"),
    N_("must be a valid number"),
    N_("must be a valid integer"),
    N_("must be a valid integer, got a number with a fractional part"),
    N_("must be {choice}"),
    # the form of a word
    N_("this is not an ISO 3166-1 alpha-2 country code; use two capital letters such as 'NL'"),
    N_("write small letters, digits, '.', '_' and '-', beginning with a letter or digit"),
    N_("write a time as a whole number and one of s, m, h, d, in quotes, such as '15m' or '5d'"),
    N_("write it on one line"),
    N_("control characters are not allowed"),
    N_("{word} is neither 'home' nor an ISO 3166-1 alpha-2 country code such as 'NL'"),
    N_("{word} is no recipient; after 'hotline:' write hosting_country, account_country or a country code"),
    N_("{word} is no recipient; write 'desk', 'hotline:...' or a partner's name"),
    N_(
        "a host is named by its keyed index ({number} capital letters and digits), never by its name; "
        'take it from a case of that host: "always for this host" (`policy draft`)'
    ),
    N_(
        "this looks like a location; a policy names no host in clear, since its versions are kept for ever: "
        "name the host by its index in `host_index`, and say in words why"
    ),
    # what does not go together
    N_("'root' is the rule that stands below every policy; choose another name"),
    N_("'unseen' names what follows when nobody answers an alarm; choose another name"),
    N_("`to` names a recipient twice"),
    N_("`hold` needs a `reason`, which staff see while it waits"),
    N_("`alarm` calls people: it needs 'desk' in `to`, or mode = \"propose\""),
    N_('`proposal = false` is for a route with "desk" in `to` and without `copy`'),
    N_('`unseen_to` names the police partner of `unseen_then = "hand-to-police"`; write both, or none'),
    N_("`[closing]` carries its own tests: write at least one [[closing_tests]]"),
    N_("`{name}` are in the order of the checks, the earliest first"),
    N_("`handles` may not outlast `urls`, nor these `cases`, nor these `audit`"),
    N_("a period is a day or longer"),
    N_("write {number} days or fewer"),
    N_("say what is otherwise: `after`, `every` or `until`"),
    N_("the scheme {name} lists a value twice"),
    N_("the table names {name}, which `schemes` do not list"),
    N_("the table says two things of one value"),
    N_("is missing; say how long things are kept: handles, urls, cases, audit"),
    # what reads well and cannot be meant
    N_("{number} routes have this name; give each its own"),
    N_("never reached: route {route} above takes all that it would match"),
    N_("our own country cannot be barred: our own police could receive nothing"),
    N_("{word} is ourselves; write 'desk'"),
    N_("{country} is barred: {why}"),
    N_("no route is named {route}"),
    N_("the directory has no partner named {partner}"),
    N_("{partner} is no police; what nobody has assessed goes to police alone"),
    N_("{partner} is in {country}, which is barred: {why}"),
    N_("the rules are written in {language} already; leave this out, or say in `language` what they are in"),
    N_("no rule has this reason; write it as its rule does; did you mean that of {place}?"),
    N_("no rule has this reason; write it as its rule does"),
    # what is worth a look, although nothing is wrong
    N_("in {language} no reason is given for {places}: it is shown as written there"),
    N_(
        "route {route} hands what is hosted in {country} to {partner}, an INHOPE member, while a hub is in use: it "
        "gets a copy at most, and the case goes to people. Send it to the hub above, as `when = {{ iccam = true }}`"
    ),
)
#: What is wrong in a setting of a partner's entry, as its import says it.
ENTRY: Final = (
    N_("a way is one of folder, mail and telephone"),
    N_("a way by mail needs a `relay`: the house's own mail server"),
    N_("write the folder's whole path, from the root on"),
    N_("this is no time zone; use a name such as 'Europe/Brussels'"),
    N_("name a private network such as 10.20.0.0/16, inside 10/8, 172.16/12, 192.168/16, 100.64/10 or fc00::/7"),
    N_("an Ed25519 public key is 32 bytes in base64: 44 characters that end in '='"),
    N_("not_after must be later than not_before"),
    N_("there is none named {word}; known are {keys}"),
)
#: What the reader of TOML says, and where.
TOML: Final = (
    N_("{said} (at line {line}, column {column})"),
    N_("{said} (at end of document)"),
    N_("{said} (at line {line})"),
    N_("it is too long, with more than {number} characters; is it the right file?"),
    N_("it has more than {number} tables and lists; is it the right file?"),
    N_("nothing of ours is nested so deep"),
    N_("Invalid initial character for a key part"),
    N_("Invalid value"),
    N_("Invalid statement"),
    N_("Invalid date or datetime"),
    N_("Invalid hex value"),
    N_("Escaped character is not a Unicode scalar value"),
    N_("Unescaped '\\' in a string"),
    N_("Unterminated string"),
    N_("Unclosed array"),
    N_("Unclosed inline table"),
    N_("Expected newline or end of document after a statement"),
    N_("Expected '=' after a key in a key/value pair"),
    N_("Expected ']' at the end of a table declaration"),
    N_("Expected ']]' at the end of an array declaration"),
    N_("Expected {word}"),
    N_("Found invalid character {word}"),
    N_("Illegal character {word}"),
    N_("Cannot overwrite a value"),
    N_("Cannot declare {word} twice"),
    N_("Cannot mutate immutable namespace {word}"),
    N_("Cannot redefine namespace {word}"),
    N_("Duplicate inline table key {word}"),
)
#: How a list of what is wrong begins.
HEADS: Final = (
    N_("The policy has an error:"),
    N_("The policy has {number} errors:"),
    N_("The policy names a location:"),
    N_("The policy fails one of its tests:"),
    N_("The policy fails {number} of its tests:"),
)
#: What a row of the policy is called; its name and key stand after it.
PLACES: Final = {
    "the policy": N_("the policy"),
    "route": N_("route"),
    "test": N_("test"),
    "closing test": N_("closing test"),
    "follow-up rule": N_("follow-up rule"),
    "translations": N_("translations"),
    "remark": N_("remark"),
    "value": N_("value"),
}
#: What a test wants, and what it got; a test without a name is called by what it expects.
TESTS: Final = (
    N_("expects {wanted}"),
    N_("wants {wanted}, got {got}"),
    N_("route {route}"),
    N_("by the rule {rule}"),
)
