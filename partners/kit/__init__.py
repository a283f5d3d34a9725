"""What a person or a program can do, declared once: form, page, button, API and OpenAPI come from it.

``fields``: what is asked. ``act``: the act and its page. ``resource``: rows in the API and the acts on them.
``docs/adding-an-act.md`` walks through one. What does not fit is written as plain Django or DRF beside it.
"""
