"""The words around what a letter tells, in both languages."""

from db.kinds import EventChange, EventKind, Language

BG, EN = Language.BULGARIAN, Language.ENGLISH
RECORDED, CORRECTED, DELETED = EventChange.RECORDED, EventChange.CORRECTED, EventChange.DELETED

ONE = {
    BG: {
        EventKind.GRADE: {RECORDED: "нова оценка", CORRECTED: "поправена оценка", DELETED: "отменена оценка"},
        EventKind.ABSENCE: {RECORDED: "отсъствие", CORRECTED: "поправено отсъствие", DELETED: "отменено отсъствие"},
        EventKind.REMARK: {RECORDED: "бележка от учител", CORRECTED: "поправена бележка", DELETED: "отменена бележка"},
        EventKind.HEALTH: {
            RECORDED: "здравна бележка",
            CORRECTED: "поправена здравна бележка",
            DELETED: "отменена здравна бележка",
        },
        EventKind.MEETING: {
            RECORDED: "родителска среща",
            CORRECTED: "промяна в родителска среща",
            DELETED: "отменена родителска среща",
        },
        EventKind.EVENT: {RECORDED: "събитие", CORRECTED: "промяна в събитие", DELETED: "отменено събитие"},
    },
    EN: {
        EventKind.GRADE: {RECORDED: "a new grade", CORRECTED: "a corrected grade", DELETED: "a withdrawn grade"},
        EventKind.ABSENCE: {
            RECORDED: "an absence",
            CORRECTED: "a corrected absence",
            DELETED: "a withdrawn absence",
        },
        EventKind.REMARK: {
            RECORDED: "a teacher's note",
            CORRECTED: "a corrected note",
            DELETED: "a withdrawn note",
        },
        EventKind.HEALTH: {
            RECORDED: "a health note",
            CORRECTED: "a corrected health note",
            DELETED: "a withdrawn health note",
        },
        EventKind.MEETING: {
            RECORDED: "parents' meeting",
            CORRECTED: "parents' meeting changed",
            DELETED: "parents' meeting cancelled",
        },
        EventKind.EVENT: {RECORDED: "an event", CORRECTED: "an event changed", DELETED: "an event cancelled"},
    },
}
"""What a subject calls one piece of news. No grade stands in it: a telephone shows subjects to whoever is near."""

SEVERAL = {BG: "{} новини от училище", EN: "{} pieces of school news"}
NO_SUBJECT = {BG: "Съобщение от InfoServ e-School", EN: "A message from InfoServ e-School"}
PRODUCT = "InfoServ e-School"
SETTINGS = {BG: "Настройки на писмата", EN: "Settings of these letters"}
STOP = {BG: "Спиране на писмата", EN: "Stop these letters"}
WHY = {
    BG: "Получавате това писмо, защото с този адрес следите новините от училище в InfoServ e-School.",
    EN: "You get this letter because you follow school news at this address with InfoServ e-School.",
}
AUTOMATIC = {
    BG: "Писмото е изпратено автоматично от InfoServ e-School.",
    EN: "This letter was sent automatically by InfoServ e-School.",
}
INVITATION = {
    BG: "Прикаченият файл добавя събитието във Вашия календар.",
    EN: "The attached file adds it to your calendar.",
}
"""Said below the lines when there is a .ics."""
