"""A partner's claim from draft to end: submit, approve, protect, return, change, appeal, keep alive, outcome.

One module an act. Conflicts are decided in ``cases``.
"""
