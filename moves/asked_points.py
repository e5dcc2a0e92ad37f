"""Points of a request for completion: each has its own slot and replaces only what it names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from models import Event, Request, StageRecord
from moves.movement import ATTACHMENT, Given, StoredFile
from rules import events
from rules.services import Flow, Input
from rules.text import fold, one_line

MOST_POINTS = 10
LETTER = "Dokumen Pendukung"
# How a line begins that is one of a list.
BULLET = re.compile(r"^(?:[-–•*·]\s*|\d{1,2}[.)]\s+)+")


@dataclass(frozen=True)
class Point:
    """One thing that was asked for. `kind` is the paper it replaces; empty for a new one."""

    number: int
    text: str
    kind: str = ""
    paper: str = ""

    @property
    def file(self) -> str:
        """The name of its input for files."""
        return f"file{self.number}" if self.number > 1 else "file"

    @property
    def answer(self) -> str:
        """The name of its input for words."""
        return f"answer{self.number}" if self.number > 1 else "answer"


def papers_of(flow: Flow) -> dict[str, str]:
    """Title -> kind of the papers that a point may be about: the letter and the attachments."""
    return {LETTER: ATTACHMENT} | {entry.label: entry.name for entry in flow.attachments}


def read_points(text: str, flow: Flow) -> list[Point]:
    """A point a line; one that begins with a paper's title and a colon is about that paper."""
    lines = [BULLET.sub("", one_line(line)).rstrip(" ;.") for line in text.splitlines()]
    lines = [line for line in lines if line]
    if len(lines) > MOST_POINTS:
        lines[MOST_POINTS - 1 :] = ["; ".join(lines[MOST_POINTS - 1 :])]
    papers = {fold(title): (kind, title) for title, kind in papers_of(flow).items()}
    return [
        Point(number, line, *papers.get(fold(line.partition(":")[0]), ("", "")))
        for number, line in enumerate(lines, start=1)
    ]


def points_of(request: Request, flow: Flow) -> list[Point]:
    """What the customer was asked for last. One query."""
    asked = _asked(request)
    return read_points(str(asked.inputs.get("items", "")), flow) if asked else []


def _asked(request: Request) -> StageRecord | None:
    return (
        StageRecord.select(StageRecord, Event)
        .join(Event)
        .where((StageRecord.request == request) & (Event.kind == events.COMPLETION_ASKED))
        .order_by(Event.seq.desc())
        .first()
    )


def hint_of(flow: Flow) -> str:
    """How to say which paper a point is about, for whoever asks."""
    return (
        "Satu butir per baris, masing-masing dengan tempat jawabnya sendiri. Dibaca pelanggan. "
        "Untuk mengganti berkas yang ada, awali baris dengan namanya dan titik dua, misalnya "
        f"“{next(reversed(papers_of(flow)))}: kurang jelas”. Nama berkasnya: "
        f"{', '.join(papers_of(flow))}. Butir lain menambah berkas baru."
    )


def inputs_for(points: Iterable[Point]) -> tuple[Input, ...]:
    """A slot for each point: files, or an answer in words."""
    found: list[Input] = []
    for point in points:
        found.append(
            Input(
                point.file,
                "file",
                f"{point.number}. {point.text}",
                many=True,
                required_unless=point.answer,
                hint=f"Menggantikan {point.paper}; yang lama tetap tersimpan."
                if point.kind
                else "Berkas baru; tidak menggantikan berkas lain.",
            )
        )
        found.append(
            Input(
                point.answer,
                "longtext",
                f"Jawaban tertulis untuk butir {point.number}",
                max_length=1000,
            )
        )
    return tuple(found)


def files_of(point: Point, given: Given) -> tuple[StoredFile, ...]:
    return next((its for one, its in given.files.items() if one.name == point.file), ())


def answered(points: Iterable[Point], given: Given) -> dict[str, object]:
    """What is kept of the answers: which point was answered with what, and the files' digests."""
    lines, digests = [], []
    for point in points:
        files = files_of(point, given)
        digests += [file.sha256 for file in files]
        said = [*(file.filename for file in files), given.text(point.answer)]
        lines.append(f"{point.number}. {point.text}: {'; '.join(filter(None, said))}")
    note = given.text("note")
    return {"points": "\n".join(lines), "files": digests, **({"note": note} if note else {})}


def kind_of(request: Request, point: Point) -> str:
    """The kind of the paper that answers a point; a new one has a kind of its own."""
    asked = _asked(request)
    return point.kind or f"kelengkapan-{asked.event.seq if asked else 0}-{point.number}"
