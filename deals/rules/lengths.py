"""How long what people write may be, in characters."""

TEXT_LENGTH = 2000
SENTENCE_LENGTH = 1000
NOTE_LENGTH = 4000
