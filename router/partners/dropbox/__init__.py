"""The dialect `dropbox`: a signed and encrypted bundle for a police unit, carried by folder or mail, told by telephone.

A unit needs nothing of ours to open one, and answers in words. What it must be able to do without us is proved before
it goes live (`settings`). Nothing leaves in the clear, nothing active leaves at all, and no name of a file or a letter
says anything: a bundle is called by the id of its first referral.
"""
