"""All tables, in the order in which they refer to each other."""

from models.content import FaqItem, Holiday, Page
from models.documents import Document, Printout
from models.figures import AnswerFigure, LatePass, RequestFigure, StageFigure
from models.history import ChangeRecord, Event, StageRecord
from models.mandates import Mandate
from models.messages import (
    CallTask,
    ChannelState,
    IncomingMessage,
    Message,
    OwnWording,
    Remark,
    RemarkReading,
)
from models.people import LoginSession, RateBucket, Role, RoleHolding, User
from models.requests import (
    Assignment,
    Billing,
    FlowDraft,
    FlowVersion,
    NumberCounter,
    Pause,
    Request,
    RequestDraft,
)
from models.surveys import (
    ActionPlan,
    SurveyDraft,
    SurveyPeriod,
    SurveyReceipt,
    SurveyResponse,
    SurveyVersion,
)
from models.workplace import ExportJob, Presence, RecapLayout, SavedView

TABLES = [
    # Before what they count: who empties all tables from the last on leaves nothing in these.
    RequestFigure, AnswerFigure, StageFigure,
    Role, User, RoleHolding, LoginSession, RateBucket, FlowVersion, Request, Assignment, Pause,
    Mandate, Billing, FlowDraft,
    NumberCounter, Event, StageRecord, ChangeRecord, Document, Printout, CallTask, Message,
    ChannelState,
    SurveyReceipt, SurveyResponse, RequestDraft, Holiday, Page, FaqItem, OwnWording,
    Remark, RemarkReading, IncomingMessage,
    SavedView, RecapLayout, ExportJob, Presence,
    SurveyPeriod, ActionPlan, SurveyVersion, SurveyDraft,
    LatePass,
]  # fmt: skip
