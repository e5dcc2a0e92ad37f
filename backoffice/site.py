"""Put the backoffice into an application."""

from flask import Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme

from backoffice.home import HomeView
from backoffice.letters.letters_in import IncomingLetterView
from backoffice.letters.letters_out import OutgoingLetterView
from backoffice.letters.signatures import SignatureView
from backoffice.manage.changes import ChangeView
from backoffice.manage.closures import HolidayView
from backoffice.manage.flows import FlowView
from backoffice.manage.handbook import HandbookView
from backoffice.manage.phrases import PhraseView
from backoffice.manage.questionnaires import QuestionnaireView
from backoffice.manage.reference import FaqView, PageView
from backoffice.manage.system_status import SystemStatusView
from backoffice.messages.calls import CallsView
from backoffice.messages.incoming import IncomingView
from backoffice.messages.notices import NoticesView, news_of_page
from backoffice.messages.outbox import OutboxView
from backoffice.messages.unanswered import UnansweredView
from backoffice.messages.wordings import WordingView
from backoffice.palette import PaletteView
from backoffice.people.absences import AbsenceView
from backoffice.people.assignments import AssignmentView
from backoffice.people.customers import CustomerView
from backoffice.people.duplicates import DuplicatesView
from backoffice.people.mandates import MandateView
from backoffice.people.roster import RosterView
from backoffice.people.staff import StaffAccountView
from backoffice.reports.agenda import AgendaView
from backoffice.reports.bills import BillsView
from backoffice.reports.dashboard import DashboardView
from backoffice.reports.printouts import PrintoutView
from backoffice.reports.recap import RecapView
from backoffice.reports.recap_schedules import RecapScheduleView
from backoffice.reports.skm import SatisfactionView
from backoffice.requests.bulk import BulkView
from backoffice.requests.card import CardView
from backoffice.requests.counter import CounterView
from backoffice.requests.preferences import PreferencesView
from backoffice.requests.queue import QueueView
from backoffice.requests.searching import WordsView
from backoffice.requests.undo import UndoView, undo_notices
from config.settings import CONTENT
from web.access import may
from web.searched_words import are_words_forgotten, searched_words
from web.security import csp_nonce

# In the order of the menu.
VIEWS = (
    HomeView,
    CardView,
    CounterView,
    RecapView,
    RecapScheduleView,
    BillsView,
    DashboardView,
    PrintoutView,
    SatisfactionView,
    SignatureView,
    IncomingLetterView,
    OutgoingLetterView,
    BulkView,
    UndoView,
    PreferencesView,
    WordsView,
    PaletteView,
    UnansweredView,
    NoticesView,
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
    AgendaView,
    AbsenceView,
    FlowView,
    QuestionnaireView,
    HolidayView,
    PageView,
    FaqView,
    PhraseView,
    ChangeView,
    SystemStatusView,
    HandbookView,
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
        "delivery_trouble": lambda: news_of_page()[0].trouble,
        "undo_notices": undo_notices,
        "sees_messages": lambda: may("messages"),
        "news_of_page": news_of_page,
    }
