#!/usr/bin/env python3
"""Law 1's oracle: the scores of a case, counted in SQL over the latest row of each subject. Shares nothing with the program.

usage: scores.py CASE              prints {"key", "numerator", "denominator"}, one a line, sorted by key
       scores.py --compare ROOT    every subfolder of ROOT is a case with the program's scores.ndjson; exit 1 if any differs

A case is a folder: parwatch.yaml and the files it names, messages.ndjson (acceptable messages only, in any order, duplicates
welcome), optionally records.ndjson (records of other formats than CloudEvents: formats.py), and optionally `until`, a time that
the clock reaches at the end. What is not known here is an error rather than a wrong count.
"""
import copy
import json
import re
import sqlite3
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

import duties
import formats

STATES = ["registered", "accepted", "declined", "processing", "supplement", "payment", "withdrawn", "stopped", "finished", "returned"]
DEADLINE = ["open", "overdue", "late", "on_time", "decided"]
CATALOGUE = ["level_2", "level_3", "level_4", "announced", "published", "announced_in_time", "published_in_time", "national_portal", "one_stop",
             "internal_process", "linked_same_level", "linked_between_levels", "shortened"]
FACTS = {
    "dossier": ["accepted", "open", "finished", "late", "on_time", "overdue", "decided", "filed_online", "filed_by_post", "returned_by_post",
                "level_3", "level_4", "apologised", "supplemented_twice", "tracked"],
    "document": ["electronic", "paper", "signed", "addressed", "acknowledged", "refused", "received", "processed", "recalled"],
    "procedure": CATALOGUE, "announcement": CATALOGUE,
    "feedback": ["answered", "disclosed"] + DEADLINE,
    "rating": ["scored", "excellent", "good", "fair", "average", "weak", "good_or_better", "satisfied", "dissatisfied"],
    "obligation": ["done", "listed"] + DEADLINE,
    "event": ["listed"],
}
TYPES = ["dossier", "dossier.progress", "document", "document.word", "procedure", "feedback", "obligation", "event", "rating", "figure", "heartbeat"]
NAMING = ("obligation", "event")            # of these a criterion counts what names it


class Unsupported(Exception):
    """The case needs a rule that this oracle does not know."""


# Time. Instants are whole microseconds since 1970, so that SQL compares integers.

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


@lru_cache(maxsize=65536)
def micros(text):
    """RFC 3339 → microseconds; digits beyond the microsecond are dropped, not rounded."""
    if text is None:
        return None
    m = RFC3339.fullmatch(text)
    if not m:
        raise ValueError(f"not an RFC 3339 time with an offset: {text!r}")
    day, clock, digits, offset = m.groups()
    whole = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if offset in 'Zz' else offset}")
    return (whole - EPOCH) // timedelta(microseconds=1) + int(((digits or "") + "000000")[:6])


class Calendar:
    """Local days of one time zone; a day begins at its first instant, also where midnight is skipped or comes twice."""

    def __init__(self, zone):
        self.zone = ZoneInfo(zone)

    def day(self, instant):
        if instant is None:
            return None
        return (EPOCH + timedelta(microseconds=instant)).astimezone(self.zone).date().isoformat()

    def midnight(self, day):
        start = datetime.combine(day, datetime.min.time(), self.zone)     # fold 0: of two midnights the first
        return (start.astimezone(timezone.utc) - EPOCH) // timedelta(microseconds=1)

    def day_end(self, day):
        return None if day is None else self.midnight(date.fromisoformat(day) + timedelta(days=1))

    def after_midnight(self, day, *durations):
        """The local midnight that begins `day`, plus durations. Days are local days, so 60d ends at a midnight too."""
        days = sum(d[1] for d in durations)
        return self.midnight(day + timedelta(days=days)) + sum(d[0] for d in durations)


def duration(text):
    """'90s', '1h', '60d' → (microseconds, days): days stay apart because not every local day has 24 hours."""
    m = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", text.strip())
    if not m:
        raise Unsupported(f"duration {text!r}")
    if m[2] == "d":
        return 0, int(m[1])
    return int(Fraction(m[1]) * {"s": 1, "m": 60, "h": 3600}[m[2]] * 1_000_000), 0


class Deadlines:
    """Moments: a time, or a date, which is the whole day; and of what is owed `at:` and an instant, which is kept whatever `late_by`."""

    def __init__(self, calendar, late_by, working):
        self.calendar, self.late_by, self.working = calendar, late_by, working

    def moment_day(self, text):
        if text is not None and text.startswith("at:"):
            return self.calendar.day(int(text[3:]))
        return None if text is None else text if is_date(text) else self.calendar.day(micros(text))

    def moment_start(self, text):
        return None if text is None else self.calendar.midnight(date.fromisoformat(text)) if is_date(text) else micros(text)

    def overdue_at(self, due):
        if due is None:
            return None
        if due.startswith("at:"):
            return int(due[3:]) + 1
        return self.calendar.day_end(self.moment_day(due)) if is_date(due) or self.late_by == "date" else micros(due) + 1

    def is_late(self, settled, due):
        if settled is None or due is None:
            return 0
        if due.startswith("at:") and not is_date(settled):
            return int(micros(settled) > int(due[3:]))
        if is_date(settled) or is_date(due) or self.late_by == "date":
            return int(self.moment_day(settled) > self.moment_day(due))
        return int(micros(settled) > micros(due))

    def working_day(self, text, n):
        """The n-th working day after a moment."""
        return None if text is None else self.working.nth(date.fromisoformat(self.moment_day(text)), n).isoformat()


def is_date(text):
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is not None


# Small things.

def code(text):
    return None if text is None else text.strip().upper()


def fnv1a64(data):
    h = 0xCBF29CE484222325
    for b in data:
        h = (h ^ b) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def tie(id_, source):
    """The last part of a version. As hex text of fixed width, because SQLite's integers are signed and the hash is not."""
    return format(fnv1a64(id_.encode() + b"\0" + source.encode()), "016x")


def rounded(numerator, denominator):
    """The printed value, to 4 places; round() of a Fraction is exact and half to even."""
    return Decimal(round(Fraction(numerator) / denominator * 10_000)).scaleb(-4)


# The case.

class Case:
    """Catalog and messages of a folder. `now` is the last clock; without it the greatest time of the messages, or `until`."""

    def __init__(self, folder, now=None):
        folder = Path(folder)
        # BaseLoader: every scalar stays text, whatever it looks like (1.10 is not 1.1)
        read = lambda path: yaml.load((folder / path).read_text(encoding="utf-8"), getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        self.config = read("parwatch.yaml")
        agencies = read(self.config["agencies"])
        self.calendar = Calendar(agencies["timezone"])
        self.late_by = self.config.get("late_by", "date")
        if self.late_by not in ("date", "instant"):
            raise Unsupported(f"late_by {self.late_by!r}")
        self.frameworks = [Framework(layered(path, read), self.calendar) for path in self.config["criteria"]]

        db = self.db = sqlite3.connect(":memory:")
        for name, arity, function in (("micros", 1, micros), ("day", 1, self.calendar.day), ("day_end", 1, self.calendar.day_end),
                                      ("code", 1, code), ("tie", 2, tie)):
            db.create_function(name, arity, function, deterministic=True)
        db.executescript(TABLES)
        db.executemany("INSERT INTO state VALUES (?, ?)", [(name, i + 1) for i, name in enumerate(STATES)])
        self.agencies = Agencies(agencies["agencies"])
        db.executemany("INSERT INTO agency VALUES (?, ?)", [(id_, a["level"]) for id_, a in self.agencies.by_id.items()])
        db.executemany("INSERT INTO tree VALUES (?, ?, ?, ?, ?, ?, ?)", self.agencies.rows())
        if "sources" in self.config:
            ranks = [(s["source"], int(s.get("rank", 0))) for s in read(self.config["sources"])["sources"]]
            db.executemany("INSERT INTO rank VALUES (?, ?)", ranks)
        lines = (folder / "messages.ndjson").read_text(encoding="utf-8").split("\n")
        payloads = [line if line.lstrip().startswith("{") else line.partition("|")[2] for line in lines if line.strip()]
        if (folder / "records.ndjson").exists():
            records = [json.loads(line) for line in (folder / "records.ndjson").read_text(encoding="utf-8").splitlines() if line.strip()]
            payloads += [json.dumps(message) for record in records for message in formats.messages(record, self.calendar.zone)]
        db.executemany("INSERT INTO message (raw) VALUES (?)", [(p,) for p in payloads])
        for (name,) in db.execute("SELECT DISTINCT json_extract(raw, '$.type') FROM message").fetchall():
            if name not in [f"vn.par.{t}.v1" for t in TYPES]:
                raise Unsupported(f"message type {name}")
        self.working = duties.WorkingDays([read(path) for path in self.config.get("calendar", [])])
        db.create_function("term", 1, lambda day: self.working.end(self.config.get("terms", {}).get("feedback"), day), deterministic=True)
        deadlines = Deadlines(self.calendar, self.late_by, self.working)
        for name, arity in (("moment_day", 1), ("moment_start", 1), ("overdue_at", 1), ("is_late", 2), ("working_day", 2)):
            db.create_function(name, arity, getattr(deadlines, name), deterministic=True)

        until = folder / "until"
        ends = [db.execute("SELECT max(micros(json_extract(raw, '$.time'))) FROM message").fetchone()[0]]
        if until.exists():
            ends.append(micros(until.read_text().strip()))
        self.now = now if now is not None else max((t for t in ends if t is not None), default=0)
        db.executescript(LATEST)
        self.owe()
        for sql in (DOSSIERS, FACTS_OF_DOSSIERS, DOCUMENTS, PROCEDURES, ANNOUNCEMENTS, FEEDBACK, OBLIGATIONS, EVENTS, RATINGS):
            db.execute(sql, {k: v for k, v in {"late_by": self.late_by, "now": self.now}.items() if ":" + k in sql})
        self.figures = [dict(zip(("framework", "criterion", "agency", "period", "data"), row)) for row in db.execute(FIGURES)]

    def owe(self):
        """Of what a duty makes due the catalog says when. Without a status it is open, as if an obligation said so."""
        for framework in self.frameworks:
            for criterion in framework.criteria:
                for subject, agency, due in self.owed(criterion):
                    data = json.dumps({"framework": framework.name, "criterion": criterion.code, "agency": agency, "due": due})
                    self.db.execute("""UPDATE latest SET data = json_set(data, '$.due', :due) WHERE type = 'obligation.v1' AND subject = :subject
                                       AND json_extract(data, '$.framework') = :framework AND json_extract(data, '$.criterion') = :criterion""",
                                    {"due": due, "subject": subject, "framework": framework.name, "criterion": criterion.code})
                    self.db.execute("""INSERT INTO latest (type, subject, data) SELECT 'obligation.v1', :subject, :data
                                       WHERE NOT EXISTS (SELECT 1 FROM latest WHERE type = 'obligation.v1' AND subject = :subject)""", {"subject": subject, "data": data})

    def owed(self, criterion):
        if criterion.duty is None:
            return []
        levels, named = json.loads(criterion.places["levels"]), criterion.duty.get("agencies")
        own = [a for a in self.agencies.by_id if self.agencies.by_id[a]["level"] in levels and (named is None or a in map(code, named))]
        existing = [(a, lambda day, a=a: self.agencies.exists(a, day, day)) for a in own]
        return duties.slots(criterion.framework, criterion, criterion.duty, existing, self.calendar.zone, self.working)

    def scores(self):
        """{key: (numerator, denominator)} of every cell that has something to show: no denominator is 0, and where it is None, no numerator of a
        count is. An amount is a Decimal without a denominator."""
        cells = {}
        for framework in self.frameworks:
            for criterion in framework.criteria:
                for (agency, label), cell in self.cells(criterion).items():
                    if cell[1] != 0 and (cell[1] is not None or cell[0] != 0 or isinstance(cell[0], Decimal)):
                        cells[f"{framework.name}/{criterion.code}/{agency}/{label}"] = cell
        return cells

    def cells(self, criterion):
        """{(agency, period): (numerator, denominator)} of a criterion; where a cell is missing nothing is known of it."""
        if criterion.measure == "share":
            return self.shares(criterion)
        if criterion.measure in ("figure", "growth"):
            return self.declared(criterion)
        cells = {}
        if criterion.measure == "checklist":
            cells = {(a, label): (0, len(criterion.of["items"])) for a in self.judged(criterion) for label in criterion.labels()
                     if self.has_begun(criterion, label) and self.agencies.exists(a, *criterion.days(label))}
        # After `keep_closed` the subjects of a year have left the register; procedures are of no year.
        if self.now < criterion.framework.gone_at or criterion.kind in ("procedure", "announcement"):
            for period in criterion.periods:
                for agency, label, numerator, denominator in self.db.execute(*criterion.query(period, self)):
                    if criterion.measure != "checklist" or self.has_begun(criterion, label):
                        cells[agency, label] = (numerator, denominator)
        offered = criterion.of.get("out_of")
        if isinstance(offered, dict):           # as many as a count of procedures says
            catalogue = criterion.counting_procedures(offered["procedure"])
            n = {agency: n for agency, label, n, _ in self.db.execute(*catalogue.query("year", self))}
            label = f"{criterion.framework.year}"
            cells = {(agency, label): (cells.get((agency, label), (0, 0))[0], n[agency]) for agency in n if n[agency]}
        return cells

    def today(self):
        return self.calendar.day(self.now)

    def has_begun(self, criterion, label):
        return criterion.first_day(label) <= self.today()

    def above(self, agency, day):
        """The agency that counts for this one on a day, and all above it."""
        return self.agencies.line(agency, day) if agency in self.agencies.by_id else []

    def shares(self, criterion):
        units = next(c for c in criterion.framework.criteria if c.code == criterion.of["of"])
        if units.measure == "share":
            raise Unsupported(f"{criterion.code}: a share of a share")
        values, cells, judged = self.cells(units), {}, set(self.judged(criterion))
        agencies = self.db.execute("SELECT id, level FROM agency WHERE level IN (SELECT value FROM json_each(?))", (criterion.places["levels"],)).fetchall()
        for label in criterion.labels():
            for unit, level in agencies if self.has_begun(criterion, label) else []:
                from_zero = units.counts_from_zero() and self.agencies.exists(unit, *criterion.days(label))
                cell = values.get((unit, label), (0, None) if from_zero else (0, 0))
                if cell[1] == 0:
                    continue
                reached = reaches(criterion.of["reaching"], level, Fraction(cell[0]) / (1 if cell[1] is None else cell[1]))
                for place in judged.intersection(self.above(unit, self.agencies.within(unit, criterion.first_day(label)))):
                    n, d = cells.get((place, label), (0, 0))
                    cells[place, label] = (n + reached, d + 1)
        return cells

    def declared(self, criterion):
        """What figures say, added up the tree."""
        if self.now >= criterion.framework.gone_at:
            return {}
        form, by, cells, judged = criterion.of["as"], criterion.of.get("by", "points"), {}, set(self.judged(criterion))
        levels = json.loads(criterion.places["levels"])
        own = [f for f in self.figures if f["framework"] == criterion.framework.name and f["criterion"] == criterion.code]

        def sums(label):
            """{agency: (numerator, denominator)} of the figures for one period; those that say "not applicable" add nothing."""
            total = {}
            for f in (f for f in own if f["period"] == label):
                data = json.loads(f["data"], parse_float=Decimal)
                n, d = (data["value"], None) if data.get("value") is not None else (data["numerator"], data["denominator"])
                if d is not None and (d == 0 or form == "value"):
                    continue
                line = self.above(f["agency"], first_day(label))
                for place in judged.intersection(line if line and self.agencies.by_id[line[0]]["level"] in levels else []):
                    a, b = total.get(place, (0, 0))
                    total[place] = (a + Fraction(n), b + (1 if d is None else Fraction(d)))
            return total

        since = criterion.of.get("from")
        before = sums(since["year"]) if isinstance(since, dict) else None
        for label in criterion.labels():
            for agency, (n, d) in sums(label).items():
                if criterion.measure == "figure":
                    cells[agency, label] = amount(n) if form == "value" else whole(n, d)
                    continue
                if before is not None and agency not in before:
                    continue
                b, e = before[agency] if before is not None else (percent(since), Fraction(1))
                if form == "value" and by == "points":
                    cells[agency, label] = amount(n - b)
                elif form == "value":
                    if b > 0:
                        cells[agency, label] = reduced(Fraction(n - b) / b)
                else:
                    (n, d), (b, e) = whole(n, d), whole(b, e)
                    base = d * e if by == "points" else b * d
                    if base > 0:
                        cells[agency, label] = reduced(Fraction(n * e - b * d, base))
        return cells

    def judged(self, criterion):
        return [row[0] for row in self.db.execute(JUDGED, criterion.places)]

    def points(self, key, numerator, denominator):
        """What a score earns; None where the catalog has no rule."""
        framework, code_, _, _ = key.split("/")
        rule = next((c.points for f in self.frameworks for c in f.criteria if (f.name, c.code) == (framework, code_)), None)
        return None if rule is None or denominator == 0 else earned(rule, Fraction(numerator) / (1 if denominator is None else denominator))

    def rows(self):
        return [{"key": k, "numerator": n, "denominator": d} for k, (n, d) in sorted(self.scores().items(), key=lambda x: x[0].encode())]


def layered(path, read):
    """A criteria file with all that it takes from those that it extends."""
    doc = read(path)
    if "extends" not in doc:
        return doc
    base, levels = layered(str(Path(path).parent / doc["extends"]), read), doc.get("levels", {})
    criteria = {c["code"]: with_levels(c, levels) for c in base["criteria"] if c["code"] not in doc.get("remove", [])}
    for changed in doc.get("criteria", []):
        whole = {**criteria.get(changed["code"], {}), **changed}
        criteria[changed["code"]] = {key: value for key, value in whole.items() if value != "~"}
    return {**base, **doc, "period": {**base["period"], **doc.get("period", {})}, "criteria": list(criteria.values())}


def with_levels(criterion, names):
    """The criterion with other names of levels; what is said of a level goes before what another brings along."""
    criterion = copy.deepcopy(criterion)
    criterion["levels"] = list(dict.fromkeys(names.get(level, level) for level in criterion["levels"]))
    reaching = criterion["measure"].get("share", {}).get("reaching", {})
    for old in [level for level in reaching if level in names]:
        target = reaching.pop(old)
        reaching.setdefault(names[old], target)
    return criterion


class Framework:
    def __init__(self, doc, calendar):
        self.name, self.calendar, period = doc["framework"], calendar, doc["period"]
        self.year = int(period["year"])
        self.closes_after, keep_closed = duration(period.get("closes_after", "60d")), duration(period.get("keep_closed", "365d"))
        self.criteria = [Criterion(c, self) for c in doc["criteria"]]
        new_year, spans = date(self.year + 1, 1, 1), [self.closes_after] + [c.closes_after for c in self.criteria]
        # `keep_closed` counts from when the year has closed for the last criterion.
        last = max(spans, key=lambda span: calendar.after_midnight(new_year, span))
        self.gone_at = calendar.after_midnight(new_year, last, keep_closed)

    def closing(self, label, criterion):
        """The instant a period closes. A window closes with its framework's year."""
        last = 12
        if "-Q" in label:
            last = 3 * int(label[-1])
        elif re.fullmatch(r"\d{4}-\d\d", label):
            last = int(label[-2:])
        end = date(self.year + 1, 1, 1) if last == 12 else date(self.year, last + 1, 1)
        return self.calendar.after_midnight(end, criterion.closes_after)


class Criterion:
    def __init__(self, doc, framework):
        self.framework, self.code, self.alert, self.points = framework, doc["code"], doc.get("alert"), doc.get("points")
        self.periods, self.duty = doc.get("periods", ["year"]), doc.get("duty")
        self.closes_after = duration(doc["closes_after"]) if "closes_after" in doc else framework.closes_after
        self.judge_at = doc.get("judge_at", ["self"])
        self.places = {"levels": json.dumps(doc["levels"]), **{at: at in self.judge_at for at in ("self", "parent", "root")}}
        (self.measure, self.of), = doc["measure"].items()
        self.kind = self.of.get("of")
        if self.measure not in ("ratio", "count", "mean", "distinct", "checklist", "figure", "growth", "share"):
            raise Unsupported(f"{self.code}: measure {doc['measure']}")
        if self.measure in ("figure", "growth") and self.of.get("as") not in ("ratio", "value"):
            raise Unsupported(f"{self.code}: as {self.of.get('as')!r}")
        if self.measure not in ("figure", "growth", "share") and self.kind not in FACTS:
            raise Unsupported(f"{self.code}: of {self.kind!r}")

    def counts_from_zero(self):
        return self.measure == "count" or self.measure == "distinct" and "out_of" not in self.of

    def first_day(self, label):
        return self.days(label)[0]

    def days(self, label):
        """The first and the last day of a period; a window has those of the year."""
        if not label.startswith("last-"):
            return first_day(label), last_day(label)
        return f"{self.framework.year}-01-01", f"{self.framework.year}-12-31"

    def counting_procedures(self, facts):
        other = copy.copy(self)
        other.measure, other.kind, other.of = "count", "procedure", {"of": "procedure", "among": facts}
        return other

    def labels(self):
        """Every period this criterion is judged in, whether or not a subject is there."""
        y = self.framework.year
        known = {"year": [f"{y}"], "quarter": [f"{y}-Q{q}" for q in range(1, 5)], "month": [f"{y}-{m:02}" for m in range(1, 13)]}
        return [label for period in self.periods for label in known.get(period, [period])]

    def query(self, period, case):
        among, counting = everything(self.of.get("among", []), self.kind), everything(self.of.get("counting", []), self.kind)
        label, within = {
            "year": (":year", "1"),
            "quarter": ("substr(day, 1, 4) || '-Q' || ((CAST(substr(day, 6, 2) AS INTEGER) + 2) / 3)", "1"),
            "month": ("substr(day, 1, 7)", "1"),
        }.get(period, (":period", "decided_day > date(:today, :back) AND decided_day <= :today"))
        window = re.fullmatch(r"last-(\d+)d", period)
        if within != "1" and not window:
            raise Unsupported(f"period {period!r}")
        # Procedures have no day and stand in every year; an obligation is of the year that it names, only for quarters and months its day must be in it.
        of_year = "substr(day, 1, 4) = :year"
        if self.kind == "procedure" or self.kind == "obligation" and period not in ("quarter", "month"):
            of_year = "1"
        named = "framework = :framework AND criterion = :criterion" if self.kind in NAMING else "1"
        unit = {"procedure": "unit", "item": "item", "agency": "tree.own"}[self.of.get("by", "procedure")]
        slot = "(SELECT key FROM json_each(:items) AS entry WHERE item IN (SELECT value FROM json_each(entry.value)))"
        numerator, denominator, where = {
            "ratio": (f"sum({counting})", "count(*)", among),
            "mean": ("sum(score)", "count(*)", f"scored AND {among}"),
            "count": ("count(*)", "NULL", among),
            "distinct": (f"count(DISTINCT CASE WHEN {among} THEN {unit} END)", "CAST(:out_of AS INTEGER)", "1"),
            "checklist": (f"count(DISTINCT CASE WHEN {among} THEN {slot} END)", "json_array_length(:items)", "1"),
        }[self.measure]
        out_of = self.of.get("out_of")
        items = json.dumps([[code(i) for i in (entry if isinstance(entry, list) else [entry])] for entry in self.of.get("items", [])])
        listed = f"{slot} IS NOT NULL" if self.measure == "checklist" else "0"
        sql = f"""
            SELECT judged.id, {label} AS label, {numerator}, {denominator}
            FROM ({JUDGED}) AS judged
            JOIN tree ON tree.ancestor = judged.id
            JOIN agency ON agency.id = tree.own AND agency.level IN (SELECT value FROM json_each(:levels))
            JOIN (SELECT *, {listed} AS listed FROM fact_{self.kind}) AS fact
                ON fact.agency = tree.id AND coalesce(fact.day, :year || '-12-31') BETWEEN tree.first AND tree.last
            WHERE {of_year} AND {named} AND {within} AND {where}
            GROUP BY judged.id, label"""
        return sql, {**self.places, "year": f"{self.framework.year:04}", "period": period, "out_of": 0 if isinstance(out_of, dict) else out_of, "items": items,
                     "framework": self.framework.name, "criterion": self.code, "today": case.calendar.day(case.now), "back": f"-{window[1] if window else 0} days"}


def first_day(label):
    month = 3 * int(label[-1]) - 2 if "-Q" in label else int(label[-2:]) if re.fullmatch(r"\d{4}-\d\d", label) else 1
    return date(int(label[:4]), month, 1).isoformat()


def last_day(label):
    month = 3 * int(label[-1]) if "-Q" in label else int(label[-2:]) if re.fullmatch(r"\d{4}-\d\d", label) else 12
    year = int(label[:4])
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).isoformat()


class Agencies:
    """The tree as it stood on each day. Days are texts, which sort as they pass."""

    FIRST, LAST = "0000-01-01", "9999-12-31"

    def __init__(self, docs):
        self.by_id = {code(a["id"]): a for a in docs}

    def begins(self, id_):
        return self.by_id[id_].get("from", self.FIRST)

    def ends(self, id_):
        return self.by_id[id_].get("until", self.LAST)

    def exists(self, id_, first, last):
        return self.begins(id_) <= last and self.ends(id_) >= first

    def within(self, id_, day):
        """The day, or the nearest one on which the agency exists."""
        return min(max(day, self.begins(id_)), self.ends(id_))

    def heir(self, id_, day):
        """Who stands in an agency's place, and as of which day: before its first day itself, after its last the one it was merged into."""
        day = max(day, self.begins(id_))
        while day > self.ends(id_):
            id_ = code(self.by_id[id_].get("merged_into"))
            if id_ is None:
                return None, day
            day = max(day, self.begins(id_))
        return id_, day

    def line(self, id_, day):
        """Who counts for an agency on a day, and all above; nobody where nothing stands in its place."""
        first, day = self.heir(id_, day)
        if first is None:
            return []
        line, above = [first], code(self.by_id[first].get("parent"))
        while above is not None:
            heir, _ = self.heir(above, day)
            if heir is None or heir in line:        # nothing, or itself: then what was above the one that went
                above = code(self.by_id[above].get("parent"))
            else:
                line.append(heir)
                above = code(self.by_id[heir].get("parent"))
        return line

    def rows(self):
        """(id, who counts, ancestor, height, is it the root, first day, last day) of all agencies and spans of days."""
        days = {self.FIRST} | {a["from"] for a in self.by_id.values() if "from" in a}
        days |= {(date.fromisoformat(a["until"]) + timedelta(days=1)).isoformat() for a in self.by_id.values() if "until" in a}
        days = sorted(days)
        for first, following in zip(days, days[1:] + [None]):
            last = self.LAST if following is None else (date.fromisoformat(following) - timedelta(days=1)).isoformat()
            for id_ in self.by_id:
                line = self.line(id_, first)
                for height, ancestor in enumerate(line):
                    yield id_, line[0], ancestor, height, height == len(line) - 1, first, last


def reaches(reaching, level, value):
    if not {"at_least", "above", "at_most", "below", "equal"} & reaching.keys():
        reaching = reaching[level]
    (name, limit), = reaching.items()
    limit = percent(limit)
    return int({"at_least": value >= limit, "above": value > limit, "at_most": value <= limit, "below": value < limit, "equal": value == limit}[name])


def percent(text):
    text = text.strip()
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def earned(rule, value):
    """Points for a value: of steps the first that is reached, else in proportion between `floor` and `full_at`, or all from `full_at` on."""
    best, first = Fraction(rule["max"]), [percent(limit) for limit, _ in rule.get("steps", [])]
    if first:
        is_lower = first[0] < first[-1]
        return next((Decimal(p) for (_, p), limit in zip(rule["steps"], first) if (value <= limit if is_lower else value >= limit)), Decimal(0))
    full, floor = percent(rule["full_at"]), percent(rule.get("floor", "0"))
    way = (value - floor) / (full - floor)
    if rule.get("by", "linear") == "step":
        way = 1 if way >= 1 else 0
    return rounded(best * min(max(way, 0), 1), 1)


def amount(number):
    """An exact decimal without a denominator."""
    return Decimal(number.numerator) / Decimal(number.denominator), None


def whole(numerator, denominator):
    """Both multiplied by the smallest power of ten that makes them whole."""
    power = 1
    while (numerator * power).denominator != 1 or (denominator * power).denominator != 1:
        power *= 10
    return int(numerator * power), int(denominator * power)


def reduced(fraction):
    return fraction.numerator, fraction.denominator


def everything(items, kind):
    """Facts → an SQL condition: all of them; a list among them means at least one of it."""
    return "(" + " AND ".join(["1"] + [anything(i, kind) if isinstance(i, list) else holds(i, kind) for i in items]) + ")"


def anything(items, kind):
    return "(" + " OR ".join(["0"] + [holds(i, kind) for i in items]) + ")"


def holds(name, kind):
    if name.startswith("not_"):
        return f"NOT {holds(name[4:], kind)}"
    if name.startswith("sector:") and kind == "dossier":
        return "coalesce(sector = '" + code(name[7:]).replace("'", "''") + "', 0)"
    if name not in FACTS[kind]:
        raise Unsupported(f"fact {name!r}")
    return f'"{name}"'


# The SQL.

TABLES = """
    CREATE TABLE message (line INTEGER PRIMARY KEY, raw TEXT NOT NULL);
    CREATE TABLE agency (id TEXT PRIMARY KEY, level TEXT NOT NULL);
    CREATE TABLE state (name TEXT PRIMARY KEY, number INTEGER NOT NULL);
    CREATE TABLE tree (id TEXT, own TEXT, ancestor TEXT, height INTEGER, root INTEGER, first TEXT, last TEXT);
    CREATE TABLE rank (source TEXT PRIMARY KEY, rank INTEGER NOT NULL);
    CREATE INDEX tree_up ON tree (ancestor);
"""
# Where a criterion is judged: at, above or at the top of each agency of its levels.
JUDGED = """
    SELECT DISTINCT tree.ancestor AS id FROM tree
    JOIN agency AS own ON own.id = tree.own AND own.level IN (SELECT value FROM json_each(:levels))
    WHERE (:self AND height = 0) OR (:parent AND height = 1) OR (:root AND root)
"""
# Equal versions are duplicates: the first stays. A deletion without a state has state 0. A subject is a type and a code.
LATEST = """
    CREATE TABLE latest AS SELECT * FROM (
        SELECT *, row_number() OVER (PARTITION BY type, subject ORDER BY rank DESC, at DESC, state DESC, tie DESC, line) AS place FROM (
            SELECT line, substr(json_extract(raw, '$.type'), 8) AS type, code(json_extract(raw, '$.subject')) AS subject, micros(json_extract(raw, '$.time')) AS at,
                   CASE json_type(raw, '$.data.state')
                       WHEN 'text' THEN coalesce((SELECT number FROM state WHERE name = json_extract(raw, '$.data.state')), CAST(json_extract(raw, '$.data.state') AS INTEGER))
                       ELSE coalesce(json_extract(raw, '$.data.state'), 0) END AS state,
                   tie(json_extract(raw, '$.id'), json_extract(raw, '$.source')) AS tie,
                   coalesce((SELECT rank FROM rank WHERE source = json_extract(raw, '$.source')), 0) AS rank,
                   json_extract(raw, '$.data') AS data
            FROM message))
    WHERE place = 1;
    CREATE INDEX latest_type ON latest (type, subject);
"""
# Deleted ones fall out only here, after the choice: a deletion is a status like any other. The state is that of the newer of dossier and progress.
DOSSIERS = """
    CREATE TABLE dossier AS
    SELECT *, CASE WHEN state IN (2, 4) THEN CASE :late_by WHEN 'date' THEN day_end(day(due)) ELSE due + 1 END END AS overdue_at FROM (
        SELECT *, CASE WHEN state IN (9, 10) THEN coalesce(own_finished, CASE WHEN own_state IN (9, 10) THEN own_at END, step_at) END AS finished_at FROM (
            SELECT own.subject, own.state AS own_state, CASE WHEN step.at IS NULL THEN own.state ELSE step.state END AS state,
                   coalesce(micros(json_extract(step.data, '$.at')), step.at) AS step_at,
                   progress.subject IS NOT NULL AS tracked,
                   code(json_extract(own.data, '$.agency')) AS agency, code(json_extract(own.data, '$.procedure')) AS procedure,
                   code(json_extract(own.data, '$.sector')) AS sector, micros(json_extract(own.data, '$.due')) AS due,
                   day(micros(json_extract(own.data, '$.received'))) AS received_day,
                   coalesce(micros(json_extract(own.data, '$.finished')), micros(json_extract(own.data, '$.returned'))) AS own_finished, own.at AS own_at,
                   json_extract(own.data, '$.filing') AS filing, json_extract(own.data, '$.return') AS return,
                   json_extract(own.data, '$.level') AS level, json_extract(own.data, '$.supplements') AS supplements,
                   json_extract(own.data, '$.apologised') AS apologised_
            FROM latest AS own
            LEFT JOIN latest AS progress ON progress.type = 'dossier.progress.v1' AND progress.subject = own.subject
                AND NOT coalesce(json_extract(progress.data, '$.deleted'), 0)
            LEFT JOIN latest AS step ON step.line = progress.line AND (step.rank, step.at, step.state, step.tie) > (own.rank, own.at, own.state, own.tie)
            WHERE own.type = 'dossier.v1' AND NOT coalesce(json_extract(own.data, '$.deleted'), 0)))
"""
FACTS_OF_DOSSIERS = """
    CREATE TABLE fact_dossier AS
    SELECT *, finished AND NOT late AS on_time, finished OR overdue AS decided, received_day AS day, procedure AS unit, NULL AS item,
           day(CASE WHEN finished THEN finished_at WHEN overdue THEN overdue_at END) AS decided_day FROM (
        SELECT *, CASE WHEN finished AND due IS NOT NULL
                       THEN CASE :late_by WHEN 'date' THEN day(finished_at) > day(due) ELSE finished_at > due END
                       ELSE overdue END AS late FROM (
            SELECT subject, agency, procedure, sector, received_day, due, finished_at, overdue_at, tracked,
                   state IN (2, 4, 5, 6, 8, 9, 10) AS accepted, state IN (2, 4) AS open, state IN (9, 10) AS finished,
                   coalesce(overdue_at <= :now, 0) AS overdue,
                   filing = 'online' AS filed_online, filing = 'post' AS filed_by_post, coalesce(return = 'post', 0) AS returned_by_post,
                   coalesce(level = 3, 0) AS level_3, coalesce(level = 4, 0) AS level_4,
                   coalesce(apologised_, 0) AS apologised, coalesce(supplements, 0) > 1 AS supplemented_twice
            FROM dossier))
"""


def of(type_, columns):
    """The latest statuses of a type that are not deleted: agency, item and other columns of the data."""
    return f"""SELECT code(json_extract(data, '$.agency')) AS agency, NULL AS unit, code(json_extract(data, '$.item')) AS item, {columns}
               FROM latest WHERE type = '{type_}.v1' AND NOT coalesce(json_extract(data, '$.deleted'), 0)"""


def flag(name):
    return f"json_extract(data, '$.{name}') AS {name}"


# A document's state is that of the newer of its own status and its receiver's last word; one that says none has no say.
DOCUMENTS = f"""CREATE TABLE fact_document AS
    SELECT *, day AS decided_day, said > 0 AS acknowledged, said = 2 AS refused, said IN (3, 4, 5, 6) AS received, said = 6 AS processed, said = 15 AS recalled FROM (
        SELECT own.*, CASE WHEN word.at IS NULL THEN own.state WHEN own.state = 0 OR (word.rank, word.at, word.state, word.tie) > (own.rank, own.at, own.state, own.tie)
                           THEN word.state ELSE own.state END AS said FROM (""" + of("document", f"""
        subject, rank, at, state, tie, day(micros(json_extract(data, '$.sent'))) AS day, {flag("electronic")}, {flag("paper")}, {flag("signed")},
        json_extract(data, '$.to') IS NOT NULL AS addressed""") + """) AS own
        LEFT JOIN latest AS word ON word.type = 'document.word.v1' AND word.subject = own.subject)"""
PROCEDURES = """
    CREATE TABLE fact_procedure AS
    SELECT *, NULL AS day, NULL AS decided_day, on_ IS NOT NULL AS announced, out IS NOT NULL AS published,
           coalesce(CASE WHEN shortened THEN moment_day(on_) <= date(moment_day(effective), '+3 days') ELSE working_day(on_, 5) <= moment_day(effective) END, 0) AS announced_in_time,
           coalesce(moment_day(out) <= working_day(on_, CASE WHEN shortened THEN 2 ELSE 5 END), 0) AS published_in_time FROM (""" + of(
    "procedure", f"""
        json_extract(data, '$.announced') AS on_, json_extract(data, '$.effective') AS effective, json_extract(data, '$.published') AS out,
        json_extract(data, '$.level') = 2 AS level_2, json_extract(data, '$.level') = 3 AS level_3, json_extract(data, '$.level') = 4 AS level_4,
        {flag("national_portal")}, {flag("one_stop")}, {flag("internal_process")}, coalesce(json_extract(data, '$.shortened'), 0) AS shortened,
        json_extract(data, '$.linked') = 'same_level' AS linked_same_level, json_extract(data, '$.linked') = 'between_levels' AS linked_between_levels""") + ")"
ANNOUNCEMENTS = """
    CREATE TABLE fact_announcement AS
    SELECT agency, unit, item, moment_day(coalesce(effective, on_)) AS day, moment_day(coalesce(effective, on_)) AS decided_day, announced, published, announced_in_time,
           published_in_time, level_2, level_3, level_4, national_portal, one_stop, internal_process, linked_same_level, linked_between_levels, shortened
    FROM fact_procedure WHERE coalesce(effective, on_) IS NOT NULL
"""


def with_deadline(type_, settled, day, columns, due="json_extract(data, '$.due')"):
    """What is answered or done, in time or not."""
    return f"""
        CREATE TABLE fact_{type_} AS
        SELECT *, {settled} AND NOT late AS on_time, {settled} OR overdue AS decided,
               CASE WHEN {settled} THEN moment_day(at_) WHEN overdue THEN day(overdue_at(due_)) END AS decided_day FROM (
            SELECT *, is_late(at_, due_) OR overdue AS late FROM (
                SELECT *, at_ IS NOT NULL AS {settled}, at_ IS NULL AS open, at_ IS NULL AND coalesce(overdue_at(due_) <= :now, 0) AS overdue FROM (""" + of(
        type_, f"""{due} AS due_, json_extract(data, '$.{settled}') AS at_, moment_day(json_extract(data, '$.{day}')) AS day, {columns}""") + ")))"


FEEDBACK = with_deadline("feedback", "answered", "received", "coalesce(json_extract(data, '$.disclosed'), 0) NOT IN (0) AS disclosed",
                         "coalesce(json_extract(data, '$.due'), term(moment_day(json_extract(data, '$.received'))))")
OBLIGATIONS = with_deadline("obligation", "done", "due", f'{flag("framework")}, {flag("criterion")}')
EVENTS = "CREATE TABLE fact_event AS SELECT *, day AS decided_day FROM (" + of(
    "event", f"moment_day(json_extract(data, '$.occurred')) AS day, {flag('framework')}, {flag('criterion')}") + ")"
RATINGS = """
    CREATE TABLE fact_rating AS
    SELECT *, day AS decided_day, score IS NOT NULL AS scored, coalesce(score >= 15, 0) AS excellent, coalesce(score BETWEEN 12 AND 14, 0) AS good,
           coalesce(score BETWEEN 9 AND 11, 0) AS fair, coalesce(score BETWEEN 6 AND 8, 0) AS average, coalesce(score < 6, 0) AS weak,
           coalesce(score >= 12, 0) AS good_or_better FROM (""" + of("rating", """
        day(micros(json_extract(data, '$.given'))) AS day, (SELECT sum(value) FROM json_each(data, '$.scores')) AS score,
        coalesce(json_extract(data, '$.satisfied'), 0) AS satisfied, coalesce(json_extract(data, '$.satisfied') = 0, 0) AS dissatisfied""") + ")"
# Of several figures for one criterion, agency and period the one with the latest `as_of` counts.
FIGURES = """
    SELECT framework, criterion, agency, period, data FROM (
        SELECT *, row_number() OVER (PARTITION BY framework, criterion, agency, period ORDER BY as_of DESC, rank DESC, at DESC, tie DESC) AS place FROM (
            SELECT rank, at, tie, data, json_extract(data, '$.framework') AS framework, json_extract(data, '$.criterion') AS criterion, code(json_extract(data, '$.agency')) AS agency,
                   json_extract(data, '$.period') AS period, moment_start(json_extract(data, '$.as_of')) AS as_of
            FROM latest WHERE type = 'figure.v1' AND NOT coalesce(json_extract(data, '$.deleted'), 0)))
    WHERE place = 1
"""


# The command.

def differences(folder):
    """What the program's scores.ndjson says otherwise than the oracle, one line each."""
    case = Case(folder)
    want = case.scores()
    rows = [json.loads(line, parse_float=Decimal) for line in (folder / "scores.ndjson").read_text(encoding="utf-8").splitlines() if line.strip()]
    keys = [row["key"] for row in rows]
    if keys != sorted(set(keys), key=str.encode):
        yield "keys are not sorted by bytes, or one comes twice"
    got = {row["key"]: (row["numerator"], row["denominator"]) for row in rows}
    for key in sorted(want.keys() | got.keys(), key=str.encode):
        if want.get(key) != got.get(key):
            yield f"{key}: want {show(want.get(key))}, got {show(got.get(key))}"
    for row in rows:
        numerator, denominator = got[row["key"]]
        earned = case.points(row["key"], numerator, denominator)
        if "points" in row and row["points"] != earned:
            yield f"{row['key']}: points {row['points']} instead of {earned}"
        if "value" in row and denominator != 0 and row["value"] != rounded(numerator, 1 if denominator is None else denominator):
            yield f"{row['key']}: value {row['value']} does not stand for {show((numerator, denominator))}"


def show(cell):
    return "nothing" if cell is None else str(cell[0]) if cell[1] is None else f"{cell[0]}/{cell[1]}"


def compare(root):
    folders = sorted(f for f in Path(root).iterdir() if f.is_dir())
    failed = 0
    for folder in folders:
        try:
            found = list(differences(folder))
        except Exception as e:                      # one unreadable case must not hide the others
            found = [f"{type(e).__name__}: {e}"]
        failed += bool(found)
        for line in found:
            print(f"{folder.name}: {line}")
    print(f"{len(folders) - failed} passed, {failed} failed")
    return 1 if failed or not folders else 0        # no case at all proves nothing


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--compare":
        return compare(arguments[1])
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    for row in Case(arguments[0]).rows():
        print(json.dumps(row, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
