"""The use-cases: one file per thing that can happen to a report on its way.

`intake` takes it, `locate` finds where it is hosted, `decide` asks the policy, `deliver` sends, `follow_up` looks after
five days; `overrule` and `desk` are what staff do. Each reads, does its I/O with no transaction open, and commits one
`Transition`. Nothing here knows HTTP, HTML, SQL text, or a partner's protocol.

Where to look, the file that is called first before those that it needs:

    taken       intake (reported, opening, easing, rank), batch (unreadable), assessing; inbox, taken_back and
                telling for peers; sources, own
    located     locate, tracing; origin_wait, origin_asking for a CDN's edge; linking for a short link
    decided     decide, facts, disagreement, declined, referring, replacing; replaying (policy_process) for
                `policy explain` and `diff`
    sent        deliver (leaving, capping, message, together), settle, withdrawal; partners, checking
    followed    follow_up, partner_word, watch, closing, broken
    overruled   desk, overrule, instead, choosing, acting; stop
    shown       reading, filing, views; trail, happened
    beneath     context, casefile, vault, governance, forgetting; people, accounts, sessions
"""
