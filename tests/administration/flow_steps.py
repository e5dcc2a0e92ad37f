"""Versions of a service, published by hand or by a draft."""

from config.settings import CONTENT
from models import FlowVersion

SERVICES = CONTENT / "services"


def newest(code: str) -> FlowVersion:
    published = FlowVersion.published_at.is_null(False) & (FlowVersion.service_code == code)
    return FlowVersion.select().where(published).order_by(FlowVersion.id.desc()).first()
