"""Words in Latin letters, as Bulgarians say them: known ones by a list, others letter by letter of their sound."""

import re

from prompts.reading.classes import TWINS
from prompts.reading.rule import Found, rule

_KNOWN = {
    "zoom": "зум", "teams": "тиймс", "google": "гугъл", "classroom": "класрум", "facebook": "фейсбук", "kahoot": "кахут",
    "it": "ай ти", "wi-fi": "уай фай", "wifi": "уай фай", "online": "онлайн", "offline": "офлайн", "youtube": "ютюб",
    "viber": "вайбър", "whatsapp": "уотсап", "messenger": "месинджър", "skype": "скайп", "microsoft": "майкрософт",
    "office": "офис", "word": "уърд", "excel": "ексел", "powerpoint": "пауърпойнт", "windows": "уиндоус",
    "android": "андроид", "apple": "епъл", "iphone": "айфон", "ipad": "айпад", "instagram": "инстаграм", "tiktok": "тик ток",
    "email": "имейл", "e-mail": "имейл", "mail": "мейл", "gmail": "джимейл", "sms": "есемес", "gsm": "джи ес ем",
    "pin": "пин", "usb": "ю ес би", "pdf": "пе де еф", "stem": "стем", "steam": "стийм", "erasmus": "еразъм",
    "cambridge": "кеймбридж", "english": "инглиш", "shkolo": "школо", "lego": "лего", "scratch": "скрач", "python": "пайтън",
    "java": "джава", "javascript": "джаваскрипт", "web": "уеб", "link": "линк", "test": "тест", "lab": "лаб", "robotics": "роботикс",
    "club": "клъб", "day": "дей", "school": "скул", "fun": "фън", "covid": "ковид", "ok": "окей", "qr": "кю ар", "id": "айди",
    "cv": "си ви", "dj": "диджей", "tv": "ти ви", "vip": "вип", "meet": "мийт", "drive": "драйв", "forms": "формс",
    "form": "форм", "chat": "чат", "live": "лайв", "laptop": "лаптоп", "tablet": "таблет", "home": "хоум", "office365": "офис",
    "hip-hop": "хип-хоп", "challenge": "чалъндж", "quiz": "куиз", "quizlet": "куизлет", "canva": "канва", "padlet": "падлет",
    "moodle": "мудъл", "discord": "дискорд", "telegram": "телеграм", "messenger.": "месинджър", "chatgpt": "чат джи пи ти",
    "ai": "ей ай", "hello": "хелоу", "happy": "хепи", "the": "дъ", "and": "енд", "of": "ъв", "for": "фор", "on": "он", "in": "ин",
    "new": "ню", "year": "йиър", "book": "бук", "games": "геймс", "game": "гейм", "party": "парти", "friday": "фрайдей",
    "black": "блек", "white": "уайт", "green": "грийн", "team": "тийм", "junior": "джуниър", "open": "оупън", "speak": "спийк",
    "up": "ъп", "code": "код", "coding": "кодинг", "hour": "ауър", "week": "уик", "weekend": "уикенд", "show": "шоу",
    "first": "фърст", "ielts": "айелтс", "toefl": "тоуфъл", "delf": "делф", "dalf": "далф", "dsd": "де ес де", "wc": "ве це",
    "windows11": "уиндоус", "bulgaria": "българия", "sofia": "софия", "space": "спейс", "wizz": "уиз", "minecraft": "майнкрафт",
    "roblox": "роблокс", "podcast": "подкаст", "blog": "блог", "vlog": "влог", "post": "пост", "story": "стори", "vs": "срещу",
    "max": "макс", "plus": "плюс", "pro": "про", "tech": "тек", "digital": "диджитъл", "smart": "смарт", "print": "принт",
    "email.": "имейл", "dance": "денс", "jazz": "джаз", "rock": "рок", "pop": "поп", "piano": "пиано", "volleyball": "волейбол",
    "football": "футбол", "basketball": "баскетбол", "tennis": "тенис", "fitness": "фитнес", "yoga": "йога", "zumba": "зумба",
    "mp": "ем пи", "hdmi": "ейч ди ем ай", "www": "ве ве ве", "iban": "айбан", "no": "номер", "abc": "ей би си", "ict": "ай си ти",
    "clil": "клил", "pet": "пет", "ket": "кет", "fce": "еф си и", "ibm": "ай би ем", "bts": "би ти ес", "cisco": "сиско",
    "academy": "академи", "hub": "хъб", "nintendo": "нинтендо", "playstation": "плейстейшън", "xbox": "екс бокс",
    "netflix": "нетфликс", "spotify": "спотифай", "linkedin": "линктин", "twitter": "туитър", "bluetooth": "блутут",
}  # fmt: skip
_LETTERS = {
    "a": "ей", "b": "би", "c": "си", "d": "ди", "e": "и", "f": "еф", "g": "джи", "h": "ейч", "i": "ай", "j": "джей",
    "k": "кей", "l": "ел", "m": "ем", "n": "ен", "o": "оу", "p": "пи", "q": "кю", "r": "ар", "s": "ес", "t": "ти",
    "u": "ю", "v": "ви", "w": "дабълю", "x": "екс", "y": "уай", "z": "зет",
}  # fmt: skip
_SOUNDS = {
    "sch": "ш", "tch": "ч", "sh": "ш", "ch": "ч", "zh": "ж", "ts": "ц", "tz": "ц", "ya": "я", "yu": "ю", "ph": "ф", "ck": "к",
    "oo": "у", "ee": "и", "ea": "и", "th": "т", "qu": "ку", "wh": "у", "ou": "у", "ai": "ей", "ay": "ей", "ow": "оу",
    "ce": "се", "ci": "си", "cy": "си", "gh": "г", "kh": "х", "ll": "л", "ss": "с", "tt": "т", "nn": "н", "mm": "м", "pp": "п", "ff": "ф",
    "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "j": "дж", "k": "к", "l": "л",
    "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "w": "у", "x": "кс",
    "y": "и", "z": "з",
}  # fmt: skip
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_ACCENTS = str.maketrans("äöüßéèêáàâóòôíìúùçñåøæŠšŽžČč", "aousseeaaaoooiiuucnaoaSsZzCc"[:28])
_TWIN_LETTERS = "aAbBcCeEgGkKoOpPxXyYmMTH"


def in_cyrillic(word: str) -> str:
    """„Zoom“ -> „зум“; a short word in capitals letter by letter; any other by the sounds of its letters."""
    small = word.lower()
    if small in _KNOWN:
        return _KNOWN[small]
    if word.isupper() and len(word) <= 4 or len(word) == 1 or not re.search("[aeiouy]", small):
        return " ".join(_LETTERS[letter] for letter in small)
    said = _SOUND.sub(lambda sound: _SOUNDS[sound[0]], small)
    return said[0].upper() + said[1:] if word[0].isupper() else said


def _mixed(found: Found) -> str | None:
    """Latin letters inside a Bulgarian word are slips of the keyboard when they look alike."""
    word = found[0]
    latin = [letter for letter in word if letter.isascii()]
    if all(letter in _TWIN_LETTERS for letter in latin):
        return word.translate(TWINS)
    return None


def _word(found: Found) -> str:
    left = found.string[found.start() - 1 : found.start()] if found.start() else ""
    right = found.string[found.end() : found.end() + 1]
    gap_left = " " if re.match(r"[А-Яа-я\d]", left) else ""
    gap_right = " " if re.match(r"[А-Яа-я\d]", right) and found[0][-1] != "-" else ""
    return gap_left + in_cyrillic(found[1]) + gap_right


TWIN_RULES = (
    rule(r"(?<![A-Za-zА-Яа-я])(?=[A-Za-z]{0,30}[А-Яа-я])(?=[А-Яа-я]{0,30}[A-Za-z])[A-Za-zА-Яа-я]{3,40}", _mixed),
)
RULES = (
    rule(r"(?<![A-Za-z])([Ww]i-?[Ff]i|[Ee]-mail|[Hh]ip-[Hh]op)(?![A-Za-z])", _word),
    rule(r"[äöüßéèêáàâóòôíìúùçñåøæŠšŽžČč]", lambda found: found[0].translate(_ACCENTS)),
    rule(r"([A-Za-z]+)(?:-(?=(?:и|ите|а|ът)\b))?", _word),
)
