"""The use-cases: a room for each thing that can happen to a report on its way.

Each reads, does its I/O with no transaction open, and commits one `Transition`. Nothing here knows HTTP, HTML, SQL
text, or a partner's protocol.

Where to look, from the top of the layers down; a room calls only those below it:

    overruled   desk: what staff do to a case or a referral
    looked at   follow_up: the partner's word, the check after five days, and the watch that nothing waits unseen
    ruled       govern: the policy, the partners and the sources in force
    sent        deliver: one referral to its partner, and back when it is recalled
    decided     decide: the policy's answer about a located case
    shown       read: lists, a case's file, the audit log in words
    taken       intake: reports of sources, and referrals of peers
    traced      locate: where a case is hosted
    rung        alarm: what must reach a person now, told until somebody is on it
    forgotten   retention: what need not be kept
    beneath     case: a case as its rows hold it; people: accounts and tokens; referral: its row
"""
