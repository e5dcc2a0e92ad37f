"""Where the search forms of the backoffice are sent: words out of the address, then the list."""

import re

from flask import abort, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from backoffice.base import ANY_POST, StaffView
from web.maintenance import only_looks
from web.searched_words import address_of, sent_form

# A list of this backoffice, nothing that a browser could take for another site.
PLACE = re.compile(r"/backoffice/(?:[a-z-]+/)*")


class WordsView(StaffView):
    """Takes what was typed; there is nothing to look at here."""

    name = "Cari"
    url = "/backoffice/cari"
    endpoint = "words"
    in_menu = False
    reads = ANY_POST

    @expose("/", methods=("POST",))
    @only_looks
    def index(self) -> ResponseReturnValue:
        place = request.form.get("di", "")
        if not PLACE.fullmatch(place):
            abort(404)
        return redirect(request.script_root + address_of(place, sent_form()), 303)
