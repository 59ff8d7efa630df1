"""The dialect `iccam`: INHOPE's hub, spoken to by its API v3 over mutual TLS.

No specification of that API is public. What stands here was learnt from the calls of its only public client, and from
its reactions; where a real server may differ, this side takes what it can and never guesses what it cannot know. A
person's name never goes to the hub: every analyst's field carries the login of our own system.
"""
