"""Proof that a move or a rename changed nothing: three outputs that are equal before and after it.

``python -m tests.support.proof --out DIR`` writes ``definitions.txt``, ``surface.txt``, ``openapi.json`` and
``demo.txt``; compare two such folders with ``diff -r``. ``--write`` renews the committed ones under
``tests/golden``, which the suite compares: whoever changes a sentence or an address sees it in the diff.
"""
