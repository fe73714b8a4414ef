"""Error pages in plain words. A mistake in a form is shown beside the form; these pages are for everything else."""

from collections.abc import Callable
from typing import Any

from flask import Flask, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

import logs
from admin_web.api import problems
from admin_web.translations import _, _l, told
from errors import DiskError, EschoolError, ForbiddenError, InputError, MissingError, OperationError, as_disk_error

log = logs.get(__name__)

TITLES = {
    401: _l("Влезте отново"),
    403: _l("Тази страница не е за Вас"),
    404: _l("Няма такава страница"),
    405: _l("Няма такава страница"),
    409: _l("Данните са променени междувременно"),
    413: _l("Файлът е твърде голям"),
    429: _l("Твърде много заявки"),
}
WORDS = {
    401: _l("Сесията Ви е приключила. Влезте отново; въведеното, което не е записано, се пази в този браузър."),
    403: _l("Профилът Ви няма право да вижда това. Ако трябва да има, обърнете се към администратора на училището."),
    404: _l("Адресът е грешен или записът вече го няма. Върнете се към началото."),
    405: _l("Адресът е грешен или записът вече го няма. Върнете се към началото."),
    429: _l("Изчакайте минута и опитайте отново."),
}


def register(app: Flask) -> None:
    """Give the application its error pages."""
    for kind, page in (
        (HTTPException, _http_error),
        (CSRFError, _forged),
        (InputError, _input_error),
        (MissingError, _missing),
        (ForbiddenError, _forbidden),
        (OperationError, _operation_error),
        (DiskError, _disk_error),
        (OSError, _system_error),
        (Exception, _defect),
    ):
        app.register_error_handler(kind, _for_who_asks(page))


def _for_who_asks(page: Callable[[Any], ResponseReturnValue]) -> Callable[[Exception], ResponseReturnValue]:
    """People get a page, programs the API's answer."""

    def answer(error: Exception) -> ResponseReturnValue:
        return problems.answer(error) if problems.asks_api() else page(error)

    return answer


def _page(status: int, title: str, words: str) -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        return jsonify(error=words), status
    return render_template("error.html", title=title, words=words), status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:  # a redirect of Werkzeug's own
        return error
    if status == 413:
        return _page(status, str(TITLES[413]), _largest())
    title = TITLES.get(status, _("Заявката не може да се изпълни"))
    return _page(status, str(title), str(WORDS.get(status, _("Върнете се и опитайте отново."))))


def _largest() -> str:
    return _("Изберете файл до %(most)s мегабайта.", most=(request.max_content_length or 0) >> 20)


def _forged(error: CSRFError) -> ResponseReturnValue:
    """The page's script knows by the header that it only needs a fresh token."""
    page = make_response(_page(400, _("Формата е остаряла"), _("Презаредете страницата и опитайте отново.")))
    page.headers["X-Stale-Form"] = "1"
    return page


def _input_error(error: EschoolError) -> ResponseReturnValue:
    return _page(400, _("Данните не са приети"), told(error))


def _missing(error: EschoolError) -> ResponseReturnValue:
    return _page(404, str(TITLES[404]), told(error))


def _forbidden(error: EschoolError) -> ResponseReturnValue:
    return _page(403, str(TITLES[403]), told(error))


def _operation_error(error: EschoolError) -> ResponseReturnValue:
    log.error("request.failed", endpoint=request.endpoint, error=logs.where(error), **logs.outage(error))
    return _page(503, _("Временно не работи"), _("Опитайте отново след минута; нищо от записаното не е загубено."))


def _disk_error(error: DiskError) -> ResponseReturnValue:
    log.error("request.disk", endpoint=request.endpoint, is_full=error.is_full)
    if error.is_full:
        words = _(
            "Дискът на сървъра е пълен: въведеното сега не е записано. Опитайте отново, след като се освободи място."
        )
    else:
        words = _("Дискът на сървъра не може да се записва: въведеното сега не е записано. Опитайте отново по-късно.")
    return _page(503, _("Временно не може да се записва"), words)


def _system_error(error: OSError) -> ResponseReturnValue:
    """Of a file that a view, or what it uses, could not write; all others are defects."""
    of_disk = as_disk_error(error)
    return _defect(error) if of_disk is None else _disk_error(of_disk)


def _defect(error: Exception) -> ResponseReturnValue:
    log.error("request.defect", endpoint=request.endpoint, error=logs.where(error))
    return _page(500, _("Възникна грешка"), _("Записахме я и ще я отстраним. Опитайте отново."))
