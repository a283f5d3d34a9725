"""The language of a claim: states and moves, kinds of conflict, reasons, sentences, clock. Pure."""
