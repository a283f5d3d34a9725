"""A file of any program's export as typed rows: a library without queries.

Public: ``open_table`` (``reader``), ``Reader`` (``records``), ``recognise`` (``dialects``), ``FIELDS``
(``fields``).
A column settles how its cells are read; it never guesses cell by cell.
"""
