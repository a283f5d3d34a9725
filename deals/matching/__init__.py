"""Same customer or not: a library over names, websites and countries. No Django, no queries.

Public: ``Party`` (``evidence``), ``Match``, ``Band``, ``compare``, ``best_matches`` (``match``), ``keys_for``
(``keys``).
It never says that two customers are one without a reason in words.
"""
