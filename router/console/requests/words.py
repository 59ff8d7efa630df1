"""The words for what people ask about themselves: what, where it stands, how it ended, and what to heed of a hit."""

from typing import Final

from router.console.language import N_

REQUEST_KIND: Final = {
    "access": N_("access (GDPR 15)"),
    "rectification": N_("rectification (GDPR 16)"),
    "erasure": N_("erasure (GDPR 17)"),
    "restriction": N_("restriction (GDPR 18)"),
    "objection": N_("objection (GDPR 21)"),
}

REQUEST_STATE: Final = {
    "open": N_("waits for a second person"),
    "agreed": N_("may be searched"),
    "closed": N_("closed"),
}

REQUEST_OUTCOME: Final = {
    "granted": N_("granted"),
    "partly": N_("granted in part"),
    "refused": N_("refused"),
    "not_concerned": N_("nothing is kept of whoever asked"),
    "withdrawn": N_("withdrawn"),
}

REQUEST_MARK: Final = {
    "police": N_("with the police, or they asked that nobody be told"),
    "embargo": N_("under an embargo"),
    "legal_hold": N_("kept for a court or an auditor"),
    "victim": N_("an account in it may belong to the victim"),
    "suspect": N_("an account in it may belong to the suspect"),
}

REQUEST_TERM: Final = {
    "url": N_("location"),
    "host": N_("host"),
    "account": N_("account"),
    "reference": N_("number of a report"),
}

#: What is wrong with a field of the form.
REQUEST_FIELD: Final = {
    "received_on": N_("Give the day on which it reached the house, today or before."),
    "terms": N_("Give one to twenty terms, one a line; an account as platform = handle."),
}

REQUEST_DONE: Final = {
    "request": N_("The request is open. Another person has to agree before it is searched."),
    "request-agree": N_("The data protection officer may search it now."),
    "request-extend": N_("It has two months more. Tell whoever asked so, and why, within the first month."),
    "request-close": N_("The request is closed."),
}
