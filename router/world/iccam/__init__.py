"""A small hub that speaks ICCAM's API v3 on loopback, with hotlines behind it whose analysts act.

It was built from measurements of the API's only public client, not from a real hub: the requests were seen, the answers
are the least that this client needs. What a real hub may do beyond that is a switch (`rules.Rules`) or a fault on order
(`trouble.Trouble`), so that nobody comes to rely on one guess. It never crawls, never connects anywhere, and keeps what
it was told in memory only, where tests and the demo's judge read it.
"""
