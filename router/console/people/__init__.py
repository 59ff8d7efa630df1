"""The pages of people themselves: how they sign in, where they are signed in, and who may be here.

None of them shows a location, and no list here ranks people.
"""
