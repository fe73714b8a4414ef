"""ОБАДИ СЕ: whoever texts it wants to be called back."""

from collections.abc import Sequence

from smpp.texts.vocabulary import Vocabulary

_CALL = Vocabulary("обади обадете обадите обадиш обаждане", "call callback")
_ALSO_A_SETTING = Vocabulary("обаждане", "call")
"""Alone it asks about the calls that bring news (`smpp.texts.wish_words`)."""
_BESIDE = Vocabulary("се ми моля да за обратно ме на мен сега", "me back please now")


def asks(spoken: Sequence[str]) -> bool:
    """Whether the words say that and nothing else: „обади се“, „Моля, обадете ми се“, „call me back“."""
    if len(spoken) == 1 and spoken[0] in _ALSO_A_SETTING:
        return False
    others = [word for word in spoken if word not in _CALL]
    return len(others) < len(spoken) <= 6 and all(word in _BESIDE for word in others)
