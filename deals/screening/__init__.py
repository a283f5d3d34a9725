"""What stands against a claim: engagement rules, customers' choices, late claims, our side's acts under it.

It finds and explains; it never decides.
"""
