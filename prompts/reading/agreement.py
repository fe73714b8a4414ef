"""With what a numeral agrees: the gender of the noun after it, and whether that noun wants an ordinal.

Bulgarian shows both in the noun's form: „2 учебника“ is a counted masculine, „2 ученици“ are persons, and „2 срок“, in
the singular after a number other than one, can only be „втори срок“. What endings do not tell stands in lists.
"""

import re
from functools import lru_cache

from prompts.grammar.numbers import Gender
from prompts.reading.rule import words_of

M, F, N, P = Gender.MASCULINE, Gender.FEMININE, Gender.NEUTER, Gender.PERSONS

ORDINAL_NOUNS = {
    **dict.fromkeys(words_of("клас срок етаж кръг тур рунд модул етап курс век поток вариант"), M),
    **dict.fromkeys(words_of("група смяна гимназия градина степен дивизия лига паралелка подготвителна"), F),
    **dict.fromkeys(words_of("място ниво училище издание полувреме"), N),
}
"""Nouns in the singular before which a number is always an ordinal: „1 срок“ is „първи срок“."""

LATER_ORDINAL_NOUNS = {
    **dict.fromkeys(
        words_of("час ден урок ред том раздел вход път том месец куплет рожден юбилеен мач"),
        M,
    ),
    **dict.fromkeys(
        words_of("стая задача страница част глава седмица серия сесия категория точка година среща зала"),
        F,
    ),
    **dict.fromkeys(["упражнение", "занятие", "състезание"], N),
}
"""The same, except after 1: „1 час“ is „един час“, „2 час“ is „втори час“."""

_ADJECTIVES = {
    M: ("ен", "ски", "шки", "чки", "ов", "ев", "ви", "ти"),
    F: ("на", "ска", "шка", "ова", "ева"),
    N: ("но", "ско", "шко", "ово", "ево"),
}

_COUNTED_NEUTERS = words_of(
    "деца места писма числа правила тела села неща помагала крила ядра пера сърца чудеса имена времена "
    "племена колела стъкла легла платна окна влакна табла огледала ведра ребра бедра вина масла дела слова "
    "лета гърла кресла седла петна зърна килца очила лица яйца слънца евро кина кила радиа студиа"
)
_COUNTED_MASCULINES = words_of(
    "пакета билета кабинета предмета портрета таблета букета съвета макета банкета куплета бюджета комитета "
    "паркета факултета дуета квартета квинтета квартета сонета корсета тоалета балета планета критерия "
    "сценария коментария гения лицея музея химикала материала театъра дни пъти сантима бона дена"
)
_PERSONS = words_of(
    "души хора мъже братя синове бащи родители учители ученици деди чичовци вуйчовци гости другари съседи "
    "приятели съученици лекари колеги съдии граждани българи младежи юноши треньори директори доктори "
    "професори инженери възпитаници класни заместници доброволци готвачи пазачи водачи продавачи актьори "
    "певци танцьори шофьори ловци състезатели стажанти абитуриенти студенти близнаци внуци роднини "
    "представители ръководители капитани"
)
_PERSON_ENDINGS = ("тели", "исти", "анти", "енти", "лози", "ьори", "атори", "итори", "нтори", "иници", "вници", "тници")
_PERSON_ENDINGS_MORE = ("дници", "сници", "шници", "чници", "овци", "анци", "енци", "инци")
_NOT_PERSONS = words_of(
    "страници седмици единици таблици граници болници столици птици улици чиници лъжици вилици десници "
    "стотици десетици мелници работилници спални читалници пепелници разделители знаменатели числители "
    "множители показатели признаци столовници вечници носилници кошници тръбници главници тъмници болнички "
    "жилетки детелини листи гранти вариантти троици двойници"
)
_FEMININES_IN_CONSONANT = words_of(
    "нощ вечер сутрин пролет есен област реч част кост захар сол пещ помощ кръв любов мисъл песен цел степен "
    "повест болест крепост памет чест смърт маст прелест роля власт вест"
)
_MASCULINES_IN_A = words_of("баща съдия колега владика старейшина")
NOT_NOUNS = words_of(
    "и или в във на за от до с със по при към след преди през около между без под над че да не са се си ще е "
    "пък но а ги го му й им ни ви те той тя то ние вие"
)

_WORDS = re.compile(r"[ \u00a0\u2009\u202f]{1,3}[„\"]?([А-Яа-я]+)")


@lru_cache(maxsize=4_000)
def next_words(after: str, count: int = 4) -> tuple[str, ...]:
    """The words that follow at once, in small letters, until another sign stops them."""
    words: list[str] = []
    at = 0
    while len(words) < count and (found := _WORDS.match(after, at)):
        words.append(found[1].lower())
        at = found.end()
    return tuple(words)


def ordinal_gender(n: int, after: str) -> Gender | None:
    """The gender of the ordinal that the noun after `n` wants; None when it wants a cardinal."""
    nouns = ORDINAL_NOUNS if n == 1 else ORDINAL_NOUNS | LATER_ORDINAL_NOUNS
    between: list[str] = []
    for word in next_words(after):
        gender = nouns.get(word)
        if gender is not None:
            return (
                gender
                if NOT_NOUNS.isdisjoint(between) and all(before.endswith(_ADJECTIVES[gender]) for before in between)
                else None
            )
        between.append(word)
    return None


def counted_gender(n: int, after: str) -> Gender:
    """The gender in which `n` counts what follows; neuter when nothing does, as one reads a bare number."""
    words = next_words(after, 3)
    if not words or words[0] in NOT_NOUNS:
        return N
    if n == 1:
        return _gender_of_one(words[0])
    return _gender_of_many(words)


def _gender_of_one(word: str) -> Gender:
    if word in _MASCULINES_IN_A:
        return M
    if word in _FEMININES_IN_CONSONANT or (word.endswith("ост") and word not in ("мост", "гост", "пост")):
        return F
    if word.endswith(("ски", "шки", "чки")):
        return M
    if word[-1] in "ая":
        return F
    return N if word[-1] in "оеиую" else M


def _gender_of_many(words: tuple[str, ...]) -> Gender:
    first = words[0]
    if len(words) > 1 and _is_adjective(first) and words[1] not in NOT_NOUNS and words[1][-1] in "аяи":
        if len(words) > 2 and _is_adjective(words[1]) and words[2] not in NOT_NOUNS and words[2][-1] in "аяи":
            return _gender_of_plural(words[2])
        return _gender_of_plural(words[1])
    return _gender_of_plural(first)


def _is_adjective(word: str) -> bool:
    if word in _PERSONS or word in _COUNTED_MASCULINES or word in _NOT_PERSONS or word in ("години", "минути"):
        return False
    return word.endswith(("ни", "ски", "шки", "ови", "еви", "еми", "оби", "ди", "ти", "ли", "тки", "оки", "аси", "иви"))


def _gender_of_plural(word: str) -> Gender:
    if word in _PERSONS:
        return P
    if word in _COUNTED_MASCULINES:
        return M
    if word in _COUNTED_NEUTERS:
        return N
    if word[-1] in "ая":
        return N if word.endswith(("ия", "ета", "ища", "ства", "ения")) else M
    if word[-1] == "и":
        persons = word.endswith(_PERSON_ENDINGS + _PERSON_ENDINGS_MORE) and word not in _NOT_PERSONS
        return P if persons else F
    return N
