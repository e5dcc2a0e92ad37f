"""Put the backoffice into an application."""

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme

from backoffice.letters.letters_in import IncomingLetterView
from backoffice.letters.letters_out import OutgoingLetterView
from backoffice.letters.signatures import SignatureView
from backoffice.manage.changes import ChangeView
from backoffice.manage.closures import HolidayView
from backoffice.manage.flows import FlowView
from backoffice.manage.questionnaires import QuestionnaireView
from backoffice.manage.reference import FaqView, PageView
from backoffice.messages.calls import CallsView
from backoffice.messages.incoming import IncomingView
from backoffice.messages.outbox import OutboxView
from backoffice.messages.wordings import WordingView
from backoffice.people.assignments import AssignmentView
from backoffice.people.customers import CustomerView
from backoffice.people.duplicates import DuplicatesView
from backoffice.people.mandates import MandateView
from backoffice.people.roster import RosterView
from backoffice.people.staff import StaffAccountView
from backoffice.reports.bills import BillsView
from backoffice.reports.dashboard import DashboardView
from backoffice.reports.printouts import PrintoutView
from backoffice.reports.recap import RecapView
from backoffice.reports.skm import SatisfactionView
from backoffice.requests.bulk import BulkView
from backoffice.requests.card import CardView
from backoffice.requests.counter import CounterView
from backoffice.requests.preferences import PreferencesView
from backoffice.requests.queue import QueueView
from backoffice.requests.searching import WordsView
from config.settings import CONTENT
from messages.banner import delivery_trouble
from web.access import may
from web.runtime import now
from web.searched_words import are_words_forgotten, searched_words
from web.security import csp_nonce

# In the order of the menu.
VIEWS = (
    CardView,
    CounterView,
    RecapView,
    BillsView,
    DashboardView,
    PrintoutView,
    SatisfactionView,
    SignatureView,
    IncomingLetterView,
    OutgoingLetterView,
    BulkView,
    PreferencesView,
    WordsView,
    IncomingView,
    CallsView,
    OutboxView,
    WordingView,
    CustomerView,
    DuplicatesView,
    StaffAccountView,
    RosterView,
    AssignmentView,
    MandateView,
    FlowView,
    QuestionnaireView,
    HolidayView,
    PageView,
    FaqView,
    ChangeView,
)


def install_backoffice(app: Flask) -> None:
    """Register Flask-Admin at /backoffice/ with our views."""
    app.context_processor(_for_layout)
    admin = Admin(
        app,
        name="MELASTI",
        index_view=QueueView(),
        theme=Bootstrap4Theme(base_template="backoffice/layout.html"),
        translations_path=str(CONTENT / "translations"),
        csp_nonce_generator=csp_nonce,
    )
    for view in VIEWS:
        admin.add_view(view())


def _for_layout() -> dict[str, object]:
    """What pages of the backoffice ask: whether messages get through, what is searched for."""
    return {
        "searched_words": searched_words,
        "are_words_forgotten": are_words_forgotten,
        "delivery_trouble": lambda: delivery_trouble(now()),
        "sees_messages": lambda: may("messages"),
    }
