"""The pages staff work with: one file, one template and one test each, rendered on the server, whole without scripts.

It shows what the store holds, masked, and posts staff's acts to the use-cases. It never shows a reported location as a
link, never loads anything from elsewhere, and never decides in a template.
"""
