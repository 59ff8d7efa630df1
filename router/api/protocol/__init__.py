"""What is true of every request, whatever its resource: access, body, idempotency, problems, OpenAPI.

Nothing here knows a resource, or a rule of the business.
"""
