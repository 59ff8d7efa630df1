"""`figures`: what a hotline owes as figures.

It asks the API for them and shows them; what is counted, and what is shown to whom, is judged there, never here.
"""
