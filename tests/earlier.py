"""What the office had written under an earlier release: rows by plain SQL, and no model of ours."""

import hashlib
import json
import tomllib
from datetime import UTC, datetime, timedelta

from playhouse.migrations import Runner

from config.settings import CONTENT
from storage.database import MIGRATIONS, database

STAGES = ("PENGAJUAN", "TERIMA_ADMIN", "DISPOSISI_KABALAI", "DISPOSISI_KASUBAG", "TUNJUK_PEMANGKU",
          "VERIFIKASI_DATA", "LAPORAN_KE_PETUGAS", "SURVEI", "SERAH_PELANGGAN")  # fmt: skip
POSTS = ("", "admin_layanan", "kepala_balai", "kasubag_tu", "ketua_tim", "ketua_tim",
         "pemangku_data", "", "petugas_layanan")  # fmt: skip
# One code each, as long as an ULID.
CODES = {name: f"01LAMA{name.upper():0>20}" for name in ("tua", "tolak", "telat", "baru", "jalan")}


def written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(sep=" ", timespec="microseconds")


class Earlier:
    """A database as the release left it whose newest migration is `step`."""

    def __init__(self, step: str, *, now: datetime, report: str, size: int):
        Runner(database.obj, str(MIGRATIONS)).up(step)
        self.now, self.report, self.size = now, report, size
        self.columns: dict[str, set[str]] = {}
        # When stages were completed.
        self.deeds: list[datetime] = []
        self.staff = {
            post: self.person(f"{post}@lama.test", f"Petugas {post}", post)
            for post in sorted({*POSTS, "auditor"} - {""})
        }
        self.customer = self.person("pelanggan@lama.test", "Siti Pelanggan", "")
        self.flow = self.service()
        self.put("number_counter", service_code="data", year=self.year, last=3)
        self.finished("tua", "1", now - timedelta(days=110))
        self.refused("tolak", now - timedelta(days=20))
        self.running("telat", "", now - timedelta(days=9), reached=1)
        self.running("baru", "", now - timedelta(minutes=5), reached=1)
        self.running("jalan", "3", now - timedelta(days=1), reached=3)
        # Its words have learnt to say until when it holds.
        self.message("undang", "undangan_petugas", {"sapaan": "Ibu", "nama": "Penguji Lama",
                     "tautan": "/lupa-sandi/lama"}, now - timedelta(days=2))  # fmt: skip

    @property
    def year(self) -> int:
        return self.now.year

    def put(self, table: str, **values: object) -> int:
        """Insert a row, leaving out the columns that came later; return its id."""
        if table not in self.columns:
            self.columns[table] = {column.name for column in database.get_columns(table)}
        row = {name: value for name, value in values.items() if name in self.columns[table]}
        names = ", ".join(f'"{name}"' for name in row)
        holes = ", ".join([database.obj.param] * len(row))
        sql = f'INSERT INTO "{table}" ({names}) VALUES ({holes}) RETURNING "id"'
        given = [instant(value) if isinstance(value, datetime) else value for value in row.values()]
        return database.execute_sql(sql, given).fetchone()[0]

    def person(self, email: str, name: str, post: str) -> int:
        at = self.now - timedelta(days=300)
        user = self.put(
            "user", public_id=f"01LAMAORANG{hashlib.md5(email.encode()).hexdigest()[:15]}",
            email=email, password="hash", fs_uniquifier=f"lama-{email}", active=True,
            confirmed_at=at, created_at=at, is_staff=bool(post), name=name,
            institution_category="" if post else "perguruan_tinggi",
            institution_name="" if post else "Universitas Lama", phone="" if post else
            "+6281298765432", gender="P", address="", privacy_version="2024-1", newsletter=False,
            notify_by="whatsapp", preferences="{}",
        )  # fmt: skip
        if post:
            role = self.put("role", name=post, title=post)
            self.put("role_holding", user_id=user, role_id=role)
        return user

    def service(self) -> int:
        """A version of the data service that no file holds any more."""
        raw = tomllib.loads((CONTENT / "services" / "data.toml").read_text()) | {
            "title": "Layanan Data Lama"
        }
        text, at = written(raw), self.now - timedelta(days=300)
        return self.put("flow_version", service_code="data", definition=text, note="",
                        digest=hashlib.sha256(text.encode()).hexdigest(), created_at=at,
                        published_at=at)  # fmt: skip

    def request(self, name: str, number: str, filed_at: datetime, **values: object) -> int:
        text = f"{number}/L.Data/1/I/{self.year % 100}" if number else None
        row = {
            "public_id": CODES[name], "version": 1, "idempotency_key": f"LAMA{name}",
            "customer_id": self.customer, "flow_id": self.flow, "service_code": "data",
            "subclass_code": "data_informasi", "subject": f"Gelombang perihal {name}",
            "description": "Untuk skripsi.", "statement_version": "2024-1", "number": text,
            "number_key": text and text.casefold(), "step": 0, "pending": "", "details": "{}",
            "channel": "portal", "is_free": False, "is_urgent": False, "revision": 0,
            "waiting_role": "", "submitted_at": filed_at, "submitted_month": f"{filed_at:%Y-%m}",
            "stage_entered_at": filed_at, "stage_due_at": filed_at + timedelta(days=1),
            "due_at": filed_at + timedelta(days=5),
        }  # fmt: skip
        key = self.put("request", **row | values)
        self.put("document", public_id=f"01LAMASURAT{name:0>15}", request_id=key, kind="pendukung",
                 title="Dokumen Pendukung", filename="surat.pdf", sha256=self.report,
                 size=self.size, header_offset=0, created_by_id=self.customer, created_at=filed_at,
                 is_internal=False, is_result=False, version=1,
                 code=f"surat{name:0>21}")  # fmt: skip
        about = {"sapaan": "Ibu", "nama": "Siti Pelanggan", "nomor": "-", "perihal": name,
                 "layanan": "Data", "waktu": "-", "batas": "-", "tahap": "",
                 "tautan": f"/layanan/{CODES[name]}"}  # fmt: skip
        self.message(name, "permintaan_diterima_sistem", about, filed_at, request_id=key)
        return key

    def message(
        self, key: str, template: str, variables: dict[str, str], at: datetime,
        *, request_id: int | None = None,
    ) -> None:  # fmt: skip
        self.put("message", public_id=f"01LAMAPESAN{key:0>15}", dedupe_key=f"lama:{key}",
                 template=template, request_id=request_id, recipient_id=self.customer,
                 channel="whatsapp", address="+6281298765432", variables=written(variables),
                 state="sent", attempts=1, created_at=at, next_attempt_at=at, claim="",
                 provider_id=f"lama-{key}", error="", sent_at=at, carrier="", report_id="",
                 queued_at=at, state_at=at)  # fmt: skip

    def history(self, request: int, name: str, deeds: list[tuple[str, int, datetime]]) -> None:
        """(kind, index of the stage, moment) as the chain of the request."""
        before = ""
        for seq, (kind, index, at) in enumerate(deeds, start=1):
            post = POSTS[index]
            actor = self.staff[post] if post else self.customer
            stream, data = f"request:{CODES[name]}", {"to": "", "langkah": seq}
            said = [stream, seq, kind, STAGES[index], actor, post, instant(at), data, before]
            digest = hashlib.sha256(written(said).encode()).hexdigest()
            event = self.put("event", stream=stream, seq=seq, kind=kind, request_id=request,
                             stage_code=STAGES[index], actor_id=actor, acted_for=post, at=at,
                             data=written(data), prev_hash=before, hash=digest)  # fmt: skip
            note = {"note": f"Catatan lama {name}."} if kind == "stage_completed" else {}
            self.put("stage_record", request_id=request, event_id=event, inputs=written(note),
                     stage_code=STAGES[index])  # fmt: skip
            before = digest
            self.deeds += [at] if kind == "stage_completed" else []

    def running(self, name: str, number: str, filed_at: datetime, *, reached: int) -> None:
        status = "in_process" if number else "waiting_verification"
        key = self.request(name, number, filed_at, stage_code=STAGES[reached], status=status,
                           waiting_role=POSTS[reached], version=reached)  # fmt: skip
        passed = [("stage_completed", index, filed_at + timedelta(hours=index))
                  for index in range(1, reached)]  # fmt: skip
        self.history(key, name, [("submitted", 0, filed_at), *passed])

    def refused(self, name: str, filed_at: datetime) -> None:
        closed_at = filed_at + timedelta(hours=2)
        key = self.request(name, "", filed_at, stage_code=STAGES[1], status="rejected",
                           closed_at=closed_at, version=2)  # fmt: skip
        self.history(key, name, [("submitted", 0, filed_at), ("rejected", 1, closed_at)])

    def finished(self, name: str, number: str, filed_at: datetime) -> None:
        """Through all stages, six hours each; the survey answered, the report handed over."""
        deeds = [("stage_completed", i, filed_at + timedelta(hours=6 * i)) for i in range(1, 9)]
        done_at, closed_at = deeds[5][2], deeds[-1][2]
        key = self.request(
            name, number, filed_at, stage_code=STAGES[-1], status="done", version=9,
            accepted_at=deeds[0][2], office_done_at=done_at, office_days=1.5,
            released_at=closed_at, closed_at=closed_at,
        )  # fmt: skip
        self.history(key, name, [("submitted", 0, filed_at), *deeds])
        self.put("document", public_id=f"01LAMAHASIL{name:0>15}", request_id=key, kind="laporan",
                 title="Laporan hasil layanan", filename="laporan.pdf", sha256=self.report,
                 size=self.size, header_offset=0, created_at=done_at, is_internal=False,
                 created_by_id=self.staff["pemangku_data"], is_result=True, version=1,
                 released_at=closed_at, code=f"hasil{name:0>21}")  # fmt: skip
        self.put("survey_receipt", request_id=key, answered_at=deeds[6][2])
        scores = {f"U{n}": 4 for n in range(1, 10)}
        self.put("survey_response", id=f"lama-{name}", questionnaire="skm-2024", extras="{}",
                 service_code="data", answered_on=f"{deeds[6][2]:%Y-%m-%d}",
                 scores=written(scores), demographics="{}")  # fmt: skip
