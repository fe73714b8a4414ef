"""The ground of an absence that a parent's words name. Pure."""

import re

from db.kinds import AbsenceReason
from smpp.texts.spelling import plain
from smpp.texts.vocabulary import Vocabulary

REASON = Vocabulary("причина причината причини повод", "reason")
_HEALTH = Vocabulary(
    "болен болна болни болничен болничния болест болестта болница болки боли заболяване заболя разболя грип настинка "
    "настинал настинала температура треска кашлица гърло вирус вируса инфекция ангина варицела шарка операция лекар "
    "лекарски лекаря доктор доктора зъболекар зъболекаря зъб стоматолог ортодонт преглед прегледи изследвания "
    "изследване контузия травма счупена счупен ваксина ковид здравословни здравословна здраве повръща стомах алергия "
    "рехабилитация санаториум",
    "sick ill illness flu fever cold doctor dentist hospital covid health medical surgery",
)
_FAMILY = Vocabulary(
    "семейни семейна семеен семейно семейство погребение сватба кръщене пътуване пътуваме екскурзия почивка роднина "
    "роднини баба дядо майка баща брат сестра помен смърт гости чужбина",
    "family wedding funeral trip travel travelling holiday",
)


def ground_of(reason: str) -> AbsenceReason | None:
    """The ground that a parent's words name; None: they give no reason."""
    words = [word for word in re.findall(r"[^\W\d_]+", plain(reason)) if word not in REASON]
    if not any(len(word) > 1 for word in words):
        return None
    if _HEALTH.any(words):
        return AbsenceReason.HEALTH
    return AbsenceReason.FAMILY if _FAMILY.any(words) else AbsenceReason.OTHER
