#!/usr/bin/env python3
"""Law 1's oracle: the scores of a case, counted in SQL over the latest row of each subject. Shares nothing with the program.

usage: scores.py CASE              prints {"key", "numerator", "denominator"}, one a line, sorted by key
       scores.py --compare ROOT    every subfolder of ROOT is a case with the program's scores.ndjson; exit 1 if any differs

A case is a folder: parwatch.yaml and the files it names, messages.ndjson (acceptable messages only, in any order, duplicates
welcome), and optionally `until`, a time that the clock reaches at the end. Only dossiers are known here; anything else is an
error rather than a wrong count.
"""
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

STATES = ["registered", "accepted", "declined", "processing", "supplement", "payment", "withdrawn", "stopped", "finished", "returned"]
FACTS = ["accepted", "open", "finished", "late", "on_time", "overdue", "decided", "filed_online", "filed_by_post", "returned_by_post",
         "level_3", "level_4", "apologised", "supplemented_twice"]


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
    return Decimal(round(Fraction(numerator, denominator) * 10_000)).scaleb(-4)


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
        self.frameworks = [Framework(read(path), self.calendar) for path in self.config["criteria"]]

        db = self.db = sqlite3.connect(":memory:")
        for name, arity, function in (("micros", 1, micros), ("day", 1, self.calendar.day), ("day_end", 1, self.calendar.day_end),
                                      ("code", 1, code), ("tie", 2, tie)):
            db.create_function(name, arity, function, deterministic=True)
        db.executescript(TABLES)
        db.executemany("INSERT INTO state VALUES (?, ?)", [(name, i + 1) for i, name in enumerate(STATES)])
        for a in agencies["agencies"]:
            if {"from", "until", "merged_into"} & a.keys():
                raise Unsupported(f"agency {a['id']}: from, until, merged_into")
            db.execute("INSERT INTO agency VALUES (?, ?, ?)", (code(a["id"]), a["level"], code(a.get("parent"))))
        db.executescript(TREE)
        lines = (folder / "messages.ndjson").read_text(encoding="utf-8").split("\n")
        payloads = [line if line.lstrip().startswith("{") else line.partition("|")[2] for line in lines if line.strip()]
        db.executemany("INSERT INTO message (raw) VALUES (?)", [(p,) for p in payloads])
        other = db.execute("SELECT json_extract(raw, '$.type') FROM message WHERE json_extract(raw, '$.type') <> 'vn.par.dossier.v1'").fetchone()
        if other:
            raise Unsupported(f"message type {other[0]}")

        until = folder / "until"
        ends = [db.execute("SELECT max(micros(json_extract(raw, '$.time'))) FROM message").fetchone()[0]]
        if until.exists():
            ends.append(micros(until.read_text().strip()))
        self.now = now if now is not None else max((t for t in ends if t is not None), default=0)
        db.executescript(LATEST)
        db.execute(DOSSIERS, {"late_by": self.late_by})
        db.execute(FACTS_OF_DOSSIERS, {"late_by": self.late_by, "now": self.now})

    def scores(self):
        """{key: (numerator, denominator)} of every cell in which anything counts: no denominator is 0, and where it is None, which
        is for counts, no numerator is. GROUP BY makes no row out of nothing."""
        cells = {}
        for framework in self.frameworks:
            if self.now >= framework.gone_at:       # its subjects have left the register
                continue
            for criterion in framework.criteria:
                for period in criterion.periods:
                    for agency, label, numerator, denominator in self.db.execute(*criterion.query(period, self)):
                        cells[f"{framework.name}/{criterion.code}/{agency}/{label}"] = (numerator, denominator)
        return cells

    def judged(self, criterion):
        return [row[0] for row in self.db.execute(JUDGED, criterion.places)]

    def rows(self):
        return [{"key": k, "numerator": n, "denominator": d} for k, (n, d) in sorted(self.scores().items(), key=lambda x: x[0].encode())]


class Framework:
    def __init__(self, doc, calendar):
        self.name, self.calendar, period = doc["framework"], calendar, doc["period"]
        self.year = int(period["year"])
        self.closes_after = duration(period.get("closes_after", "60d"))
        self.gone_at = calendar.after_midnight(date(self.year + 1, 1, 1), self.closes_after, duration(period.get("keep_closed", "365d")))
        self.criteria = [Criterion(c, self) for c in doc["criteria"]]

    def closing(self, label):
        """The instant a period closes. A window closes with its framework's year."""
        last = 12
        if "-Q" in label:
            last = 3 * int(label[-1])
        elif re.fullmatch(r"\d{4}-\d\d", label):
            last = int(label[-2:])
        end = date(self.year + 1, 1, 1) if last == 12 else date(self.year, last + 1, 1)
        return self.calendar.after_midnight(end, self.closes_after)


class Criterion:
    def __init__(self, doc, framework):
        self.framework, self.code, self.alert = framework, doc["code"], doc.get("alert")
        self.periods = doc.get("periods", ["year"])
        self.judge_at = doc.get("judge_at", ["self"])
        self.places = {"levels": json.dumps(doc["levels"]), **{at: at in self.judge_at for at in ("self", "parent", "root")}}
        (self.measure, self.of), = doc["measure"].items()
        if self.measure not in ("ratio", "count", "distinct") or self.of.get("of") != "dossier" or self.of.get("by", "procedure") != "procedure":
            raise Unsupported(f"{self.code}: measure {doc['measure']}")

    def labels(self):
        """Every period this criterion is judged in, whether or not a subject is there."""
        y = self.framework.year
        known = {"year": [f"{y}"], "quarter": [f"{y}-Q{q}" for q in range(1, 5)], "month": [f"{y}-{m:02}" for m in range(1, 13)]}
        return [label for period in self.periods for label in known.get(period, [period])]

    def query(self, period, case):
        among, counting = everything(self.of.get("among", [])), everything(self.of.get("counting", []))
        label, within = {
            "year": ("substr(received_day, 1, 4)", "1"),
            "quarter": ("substr(received_day, 1, 4) || '-Q' || ((CAST(substr(received_day, 6, 2) AS INTEGER) + 2) / 3)", "1"),
            "month": ("substr(received_day, 1, 7)", "1"),
        }.get(period, (":period", "decided AND decided_day > date(:today, :back) AND decided_day <= :today"))
        window = re.fullmatch(r"last-(\d+)d", period)
        if within != "1" and not window:
            raise Unsupported(f"period {period!r}")
        numerator, denominator, where = {
            "ratio": (f"sum({counting})", "count(*)", among),
            "count": ("count(*)", "NULL", among),
            "distinct": (f"count(DISTINCT CASE WHEN {among} THEN procedure END)", "CAST(:out_of AS INTEGER)", "1"),
        }[self.measure]
        sql = f"""
            SELECT judged.id, {label} AS label, {numerator}, {denominator}
            FROM ({JUDGED}) AS judged
            JOIN tree ON tree.ancestor = judged.id
            JOIN agency ON agency.id = tree.id AND agency.level IN (SELECT value FROM json_each(:levels))
            JOIN fact ON fact.agency = agency.id
            WHERE substr(received_day, 1, 4) = :year AND {within} AND {where}
            GROUP BY judged.id, label"""
        return sql, {**self.places, "year": f"{self.framework.year:04}", "period": period, "out_of": self.of.get("out_of"),
                     "today": case.calendar.day(case.now), "back": f"-{window[1] if window else 0} days"}


def everything(items):
    """Facts → an SQL condition: all of them; a list among them means at least one of it."""
    return "(" + " AND ".join(["1"] + [anything(i) if isinstance(i, list) else holds(i) for i in items]) + ")"


def anything(items):
    return "(" + " OR ".join(["0"] + [holds(i) for i in items]) + ")"


def holds(name):
    if name.startswith("not_"):
        return f"NOT {holds(name[4:])}"
    if name.startswith("sector:"):
        return "coalesce(sector = '" + code(name[7:]).replace("'", "''") + "', 0)"
    if name not in FACTS:
        raise Unsupported(f"fact {name!r}")
    return f'"{name}"'


# The SQL.

TABLES = """
    CREATE TABLE message (line INTEGER PRIMARY KEY, raw TEXT NOT NULL);
    CREATE TABLE agency (id TEXT PRIMARY KEY, level TEXT NOT NULL, parent TEXT);
    CREATE TABLE state (name TEXT PRIMARY KEY, number INTEGER NOT NULL);
"""
TREE = """
    CREATE TABLE tree AS
    WITH RECURSIVE up (id, ancestor, height) AS (
        SELECT id, id, 0 FROM agency
        UNION ALL
        SELECT up.id, agency.parent, height + 1 FROM up JOIN agency ON agency.id = up.ancestor WHERE agency.parent IS NOT NULL)
    SELECT * FROM up;
    CREATE INDEX tree_up ON tree (ancestor);
"""
# Where a criterion is judged: at, above or at the top of each agency of its levels.
JUDGED = """
    SELECT DISTINCT tree.ancestor AS id FROM tree
    JOIN agency AS own ON own.id = tree.id AND own.level IN (SELECT value FROM json_each(:levels))
    JOIN agency AS place ON place.id = tree.ancestor
    WHERE (:self AND height = 0) OR (:parent AND height = 1) OR (:root AND place.parent IS NULL)
"""
# Equal versions are duplicates: the first stays. A deletion without a state has state 0.
LATEST = """
    CREATE TABLE latest AS SELECT * FROM (
        SELECT *, row_number() OVER (PARTITION BY subject ORDER BY at DESC, state DESC, tie DESC, line) AS place FROM (
            SELECT line, code(json_extract(raw, '$.subject')) AS subject, micros(json_extract(raw, '$.time')) AS at,
                   CASE json_type(raw, '$.data.state')
                       WHEN 'text' THEN (SELECT number FROM state WHERE name = json_extract(raw, '$.data.state'))
                       ELSE coalesce(json_extract(raw, '$.data.state'), 0) END AS state,
                   tie(json_extract(raw, '$.id'), json_extract(raw, '$.source')) AS tie,
                   json_extract(raw, '$.data') AS data
            FROM message))
    WHERE place = 1;
"""
# Deleted ones fall out only here, after the choice: a deletion is a status like any other.
DOSSIERS = """
    CREATE TABLE dossier AS
    SELECT *, CASE WHEN state IN (2, 4) THEN CASE :late_by WHEN 'date' THEN day_end(day(due)) ELSE due + 1 END END AS overdue_at FROM (
        SELECT subject, state, code(json_extract(data, '$.agency')) AS agency, code(json_extract(data, '$.procedure')) AS procedure,
               code(json_extract(data, '$.sector')) AS sector, micros(json_extract(data, '$.due')) AS due,
               day(micros(json_extract(data, '$.received'))) AS received_day,
               CASE WHEN state IN (9, 10) THEN
                   coalesce(micros(json_extract(data, '$.finished')), micros(json_extract(data, '$.returned')), at) END AS finished_at,
               json_extract(data, '$.filing') AS filing, json_extract(data, '$.return') AS return,
               json_extract(data, '$.level') AS level, json_extract(data, '$.supplements') AS supplements,
               json_extract(data, '$.apologised') AS apologised_
        FROM latest WHERE NOT coalesce(json_extract(data, '$.deleted'), 0))
"""
FACTS_OF_DOSSIERS = """
    CREATE TABLE fact AS
    SELECT *, finished AND NOT late AS on_time, finished OR overdue AS decided,
           day(CASE WHEN finished THEN finished_at WHEN overdue THEN overdue_at END) AS decided_day FROM (
        SELECT *, CASE WHEN finished AND due IS NOT NULL
                       THEN CASE :late_by WHEN 'date' THEN day(finished_at) > day(due) ELSE finished_at > due END
                       ELSE overdue END AS late FROM (
            SELECT subject, agency, procedure, sector, received_day, due, finished_at, overdue_at,
                   state IN (2, 4, 5, 6, 8, 9, 10) AS accepted, state IN (2, 4) AS open, state IN (9, 10) AS finished,
                   coalesce(overdue_at <= :now, 0) AS overdue,
                   filing = 'online' AS filed_online, filing = 'post' AS filed_by_post, coalesce(return = 'post', 0) AS returned_by_post,
                   coalesce(level = 3, 0) AS level_3, coalesce(level = 4, 0) AS level_4,
                   coalesce(apologised_, 0) AS apologised, coalesce(supplements, 0) > 1 AS supplemented_twice
            FROM dossier))
"""


# The command.

def differences(folder):
    """What the program's scores.ndjson says otherwise than the oracle, one line each."""
    want = Case(folder).scores()
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
