"""Japanese names by how they are read: the characters of 九州乳業 say *kyushu nyugyo*. Pure.

Transliteration letter by letter reads Chinese characters as Chinese does, so a Japanese customer would never
meet its Latin spelling. The readings are those of SudachiDict (small edition), which is mapped from a file.
"""

import re
import threading
from functools import cache

from sudachipy import Dictionary, Tokenizer

_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_LEGAL = re.compile("株式会社|有限会社|合同会社|団法人|医療法人|学校法人|独立行政法人")
_KANJI = re.compile("[\u3005\u3400-\u9fff]")
# A long o or u is written once in Latin letters (Kyushu, Osaka), but Inoue is not.
_LONG_O = re.compile("([オコソトノホモヨロゴゾドボポョ])[ウオ](?!エ)")
_LONG_U = re.compile("([ウクスツヌフムユルグズヅブプュ])ウ")
# Two kana that are one syllable: ki and a small yu say kyu.
_SYLLABLE = re.compile("([キシチニヒミリギジヂビピ])([ャュョェ])|([フテデウ])([ァィェォ])")
_ONSET = {"キ": "ky", "シ": "sh", "チ": "ch", "ニ": "ny", "ヒ": "hy", "ミ": "my", "リ": "ry", "ギ": "gy"}
_ONSET |= {"ジ": "j", "ヂ": "j", "ビ": "by", "ピ": "py", "フ": "f", "テ": "t", "デ": "d", "ウ": "w"}
_VOWEL = {"ャ": "a", "ュ": "u", "ョ": "o", "ァ": "a", "ィ": "i", "ェ": "e", "ォ": "o"}
_KATAKANA = {number: number + 0x60 for number in range(0x3041, 0x3097)}
_of_thread = threading.local()


def is_japanese(text: str) -> bool:
    """It holds kana or a Japanese legal form. Characters alone may as well be Chinese."""
    return bool(_KANA.search(text) or _LEGAL.search(text))


def in_kana(text: str) -> str:
    """``text`` with its characters replaced by their reading in katakana, words apart; all else is kept.

    Long vowels of readings are short, as they are in most Latin spellings.
    """
    if not _KANJI.search(text):
        return text
    words: list[str] = []
    for word in _tokenizer().tokenize(text):
        surface = word.surface()
        words.append(_short(word.reading_form()) if _KANJI.search(surface) else surface)
    return " ".join(words)


def spelt(text: str) -> str:
    """``text`` in katakana, with the syllables of two kana in Latin letters."""
    return _SYLLABLE.sub(_syllable, text.translate(_KATAKANA))


def characters_of(text: str) -> str:
    """The Chinese characters in ``text``: two names of one reading need not be one."""
    return "".join(_KANJI.findall(text))


def _syllable(found: re.Match[str]) -> str:
    first, second, other, vowel = found.groups()
    return _ONSET[first or other] + _VOWEL[second or vowel]


def _short(reading: str) -> str:
    return _LONG_U.sub(r"\1", _LONG_O.sub(r"\1", reading))


def _tokenizer() -> Tokenizer:
    """The thread's own: one may not be shared."""
    try:
        found: Tokenizer = _of_thread.tokenizer
    except AttributeError:
        found = _of_thread.tokenizer = _dictionary().tokenizer()
    return found


@cache
def _dictionary() -> Dictionary:
    return Dictionary(dict="small")
