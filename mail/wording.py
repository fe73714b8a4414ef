"""The words around the content of a letter."""

from db.kinds import EventChange, EventKind
from school.wording.translation import Words, within

RECORDED, CORRECTED, DELETED = EventChange.RECORDED, EventChange.CORRECTED, EventChange.DELETED

ONE = {
    EventKind.GRADE: {
        RECORDED: Words("нова оценка"),
        CORRECTED: Words("поправена оценка"),
        DELETED: Words("отменена оценка"),
    },
    EventKind.ABSENCE: {
        RECORDED: within("subject", "отсъствие"),
        CORRECTED: Words("поправено отсъствие"),
        DELETED: Words("отменено отсъствие"),
    },
    EventKind.REMARK: {
        RECORDED: Words("бележка от учител"),
        CORRECTED: Words("поправена бележка"),
        DELETED: Words("отменена бележка"),
    },
    EventKind.HEALTH: {
        RECORDED: within("subject", "здравна бележка"),
        CORRECTED: Words("поправена здравна бележка"),
        DELETED: Words("отменена здравна бележка"),
    },
    EventKind.MEETING: {
        RECORDED: Words("родителска среща"),
        CORRECTED: Words("промяна в родителска среща"),
        DELETED: Words("отменена родителска среща"),
    },
    EventKind.EVENT: {
        RECORDED: Words("събитие"),
        CORRECTED: Words("промяна в събитие"),
        DELETED: Words("отменено събитие"),
    },
}
"""What a subject calls one piece of news. No grade stands in it: a telephone shows subjects to whoever is near."""

NO_SUBJECT = Words("Съобщение от InfoServ e-School")
PRODUCT = "InfoServ e-School"
SETTINGS = Words("Настройки на писмата")
STOP = Words("Спиране на писмата")
WHY = Words("Получавате това писмо, защото с този адрес следите новините от училище в InfoServ e-School.")
AUTOMATIC = Words("Писмото е изпратено автоматично от InfoServ e-School.")
INVITATION = Words("Прикаченият файл добавя събитието във Вашия календар.")
"""Said below the lines when there is a .ics."""
