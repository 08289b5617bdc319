#!/usr/bin/env python3
"""The reference of `parwatch replay`: every alert change of a case, by recomputing everything at every step. Shares nothing with the program.

usage: replay.py CASE              prints the alert records that are right, one a line, as conformance's expected-alerts.ndjson
       replay.py --compare ROOT    every subfolder of ROOT is a case with the program's replay.ndjson; exit 1 if any differs

A case is a folder: parwatch.yaml and the files it names, messages.ndjson (or the file that `messages` names), and optionally
`until`, the last clock. A step: take the latest status of each subject, count every cell, judge every key. The clock goes through
every local midnight and every other instant at which anything can change, whether or not it does. For small cases only. Only
dossiers are known; another type of the design is an error rather than a wrong answer.
"""
import json
import re
import sys
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import yaml

from alerts import ALIVE, Rule, utc
from scores import STATES, Calendar, Framework, Unsupported, code, micros, tie

FIELDS = ("subject", "time", "state", "severity", "reason", "since", "revision", "clearing", "numerator", "denominator", "threshold")
OTHER_TYPES = ["dossier.progress", "document", "procedure", "feedback", "obligation", "event", "rating", "figure", "heartbeat"]


# Messages: a line → a status, or Rejected.

class Rejected(Exception):
    pass


class Object(dict):
    """A JSON object that knows which names were given twice."""

    def __init__(self, pairs):
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.twice = {name for name in names if names.count(name) > 1}


def require(holds):
    if not holds:
        raise Rejected


def text(value):
    require(isinstance(value, str) and value.strip())
    return value


def time(value):
    try:
        return micros(text(value))
    except ValueError:
        raise Rejected from None


def integer(least, most):
    def read(value):
        require(type(value) is int and least <= value <= most)
        return value
    return read


def boolean(value):
    require(type(value) is bool)
    return value


def one_of(*names):
    def read(value):
        require(isinstance(value, str) and value in names)
        return value
    return read


def state(value):
    return STATES.index(value) + 1 if isinstance(value, str) and value in STATES else integer(1, 10)(value)


ways = one_of("counter", "online", "post")
REQUIRED = {"agency": text, "procedure": text, "state": state, "received": time, "filing": ways}
OPTIONAL = {"due": time, "finished": time, "returned": time, "return": ways, "level": integer(2, 4), "supplements": integer(0, 2**31 - 1),
            "apologised": boolean, "sector": text, "deleted": boolean}


class Status:
    """One dossier as one message says it is."""

    def __init__(self, line):
        try:
            line = line.decode()
            line = line if line.lstrip().startswith("{") else line.partition("|")[2]
            event = json.loads(line, object_pairs_hook=Object, parse_constant=lambda name: require(False))
        except ValueError:
            raise Rejected from None
        attributes = {"specversion", "id", "source", "type", "subject", "time"}
        require(isinstance(event, Object) and not event.twice & (attributes | {"data"}))
        require(event.get("specversion") == "1.0")
        for name in attributes:
            text(event.get(name))
        if event["type"] in [f"vn.par.{t}.v1" for t in OTHER_TYPES]:
            raise Unsupported(f"message type {event['type']}")
        require(event["type"] == "vn.par.dossier.v1")
        data = event.get("data")
        require(isinstance(data, Object) and not data.twice & (REQUIRED.keys() | OPTIONAL.keys()))
        f = {name: read(data[name]) for name, read in {**REQUIRED, **OPTIONAL}.items() if data.get(name) is not None}
        self.deleted = f.get("deleted", False)
        require(self.deleted or REQUIRED.keys() <= f.keys())

        self.subject, self.time, self.state = code(event["subject"]), time(event["time"]), f.get("state", 0)
        self.version = (self.time, self.state, tie(event["id"], event["source"]))
        self.agency, self.procedure, self.sector = code(f.get("agency")), code(f.get("procedure")), code(f.get("sector"))
        self.received, self.due = f.get("received"), f.get("due")
        self.finished = f.get("finished", f.get("returned", self.time)) if self.state in (9, 10) else None
        self.filing, self.back, self.level = f.get("filing"), f.get("return"), f.get("level")
        self.apologised, self.supplements = f.get("apologised", False), f.get("supplements", 0)


# Scores.

class Dossier:
    """The latest status of a subject, in a calendar."""

    def __init__(self, status, calendar, late_by):
        self.status, s, day = status, status, calendar.day
        self.received_day = day(s.received)
        self.finished_day = day(s.finished)
        self.overdue_at = None                      # the clock is suspended in 5 and 6, 8 has ended
        if s.state in (2, 4) and s.due is not None:
            self.overdue_at = calendar.day_end(day(s.due)) if late_by == "date" else s.due + 1
        self.overdue_day = day(self.overdue_at)
        after_due = s.state in (9, 10) and s.due is not None and (day(s.finished) > day(s.due) if late_by == "date" else s.finished > s.due)
        self.facts = {False: self.facts_if(after_due, False), True: self.facts_if(after_due, True)}

    def facts_if(self, after_due, overdue):
        s = self.status
        finished = s.state in (9, 10)
        late = after_due or overdue
        facts = {"accepted": s.state in (2, 4, 5, 6, 8, 9, 10), "open": s.state in (2, 4), "finished": finished, "late": late, "on_time": finished and not late,
                 "overdue": overdue, "decided": finished or overdue, "filed_online": s.filing == "online", "filed_by_post": s.filing == "post",
                 "returned_by_post": s.back == "post", "level_3": s.level == 3, "level_4": s.level == 4, "apologised": s.apologised,
                 "supplemented_twice": s.supplements > 1}
        if s.sector:
            facts["sector:" + s.sector] = True
        return facts

    def at(self, now, today, windows):
        """Everything about it that the clock changes: is it overdue, and in which windows of local days?"""
        overdue = self.overdue_at is not None and self.overdue_at <= now
        decided = self.finished_day or (self.overdue_day if overdue else None)
        return overdue, tuple(label for label, first in windows if decided is not None and first <= decided <= today)


def holds(facts, item):
    if isinstance(item, list):
        return any(holds(facts, i) for i in item)
    if item.startswith("not_"):
        return not holds(facts, item[4:])
    return facts.get("sector:" + code(item[7:]), False) if item.startswith("sector:") else facts[item]


class Judged:
    """A criterion with a rule: where it is judged, and the rule."""

    def __init__(self, criterion, agencies):
        self.criterion, self.framework, self.rules = criterion, criterion.framework, {}
        self.levels = json.loads(criterion.places["levels"])
        self.places = set()
        for own in (a for a, (level, _) in agencies.items() if level in self.levels):
            up = upwards(agencies, own)
            self.places |= {up[0]} if "self" in criterion.judge_at else set()
            self.places |= {up[1]} if "parent" in criterion.judge_at and len(up) > 1 else set()
            self.places |= {up[-1]} if "root" in criterion.judge_at else set()

    def rule(self, today):
        """As it is on a day."""
        if "milestones" not in self.criterion.alert:
            today = self.framework.year
        if today not in self.rules:
            self.rules[today] = Rule(self.criterion.alert, self.framework.year, today)
        return self.rules[today]

    def key(self, agency, label):
        return f"{self.framework.name}/{self.criterion.code}/{agency}/{label}"

    def begin(self, label):
        """The first day of a period, of a window that of its year."""
        month = 3 * int(label[-1]) - 2 if "-Q" in label else int(label[-2:]) if re.fullmatch(r"\d{4}-\d\d", label) else 1
        return self.framework.calendar.midnight(date(self.framework.year, month, 1))

    def labels_of(self, day, windows):
        year, month = day[:4], int(day[5:7])
        if int(year) != self.framework.year:
            return []
        label = {"year": year, "quarter": f"{year}-Q{(month + 2) // 3}", "month": day[:7]}
        return [label.get(period, period) for period in self.criterion.periods if period in label or period in windows]


def upwards(agencies, agency):
    """An agency and all above it, the root last."""
    way = [agency]
    while agencies[way[-1]][1] is not None:
        way.append(agencies[way[-1]][1])
    return way


class Key:
    """One key of the alert topic, and what is known of it."""

    def __init__(self, judged, agency, label):
        self.judged, self.name = judged, judged.key(agency, label)
        self.begin, self.closing = judged.begin(label), judged.framework.closing(label, judged.criterion)
        self.record, self.cell = None, None

    def empty(self, now):
        """Its cell when no subject is there: a count is 0, but before the first day that is no news."""
        return Cell(0, None, now >= self.begin) if self.judged.criterion.measure == "count" else Cell(0, 0)


class Cell(NamedTuple):
    numerator: int
    denominator: int | None
    begun: bool = True                              # may an incident begin?


# The life of an incident.

def next_record(key, rule, cell, now):
    """The record that stands after this step, given the one that stood before; the same one if nothing is to be written."""
    old = key.record
    alive = old is not None and old["state"] in ALIVE
    numerator, denominator, begun = cell

    def record(state, severity, reason, since, revision, clearing=None):
        return {"subject": key.name, "time": now, "state": state, "severity": severity, "reason": reason, "since": since, "revision": revision,
                "clearing": clearing, "numerator": numerator, "denominator": denominator, "threshold": rule.levels[severity][1] if severity in rule.levels else old["threshold"]}

    def end(reason):
        return record("resolved" if old["state"] == "firing" else "inactive", old["severity"], reason, old["since"], old["revision"] + 1)

    def reason(severity):
        return f"{rule.levels[severity][0]}_threshold" if severity in rule.levels else old["reason"]

    def live(state, severity, clearing):
        is_moved = rule.milestones and severity == "critical" and severity in rule.levels and rule.levels[severity][1] != old["threshold"]
        if (state, severity, clearing) == (old["state"], old["severity"], old["clearing"]) and not is_moved:
            return old
        return record(state, severity, reason(severity), old["since"], old["revision"] + 1, clearing)

    if now >= key.closing:
        return end("period_closed") if alive else old
    if denominator == 0:
        return end("no_sample") if alive else old
    if denominator is not None and denominator < rule.min_sample:
        return live(old["state"], old["severity"], old["clearing"]) if alive else old
    value = Fraction(numerator) / (1 if denominator is None else denominator)

    severity = None
    for name in ("warning", "critical"):            # the worst that applies stays
        if name in rule.levels:
            if rule.breached(name, value):
                severity = name
            elif alive and not rule.cleared(name, value) and (name == "warning" or old["severity"] == "critical"):
                severity = name

    if not alive:
        if severity is None or not begun:
            return old
        again = old is not None and old["since"] == now
        return record("pending" if rule.wait else "firing", severity, reason(severity), now, old["revision"] + 1 if again else 1)
    if old["state"] == "pending":
        if severity is None:
            return end("recovered")
        return live("firing" if now >= old["since"] + rule.wait else "pending", severity, None)
    if severity is not None:
        return live("firing", severity, None)       # of a clearing one, this is the relapse
    if now >= (now if old["clearing"] is None else old["clearing"]) + rule.keep:
        return end("recovered")
    return live("firing", old["severity"], now if old["clearing"] is None else old["clearing"])


# The replay.

class Replay:
    def __init__(self, folder):
        folder = Path(folder)
        # BaseLoader: every scalar stays text, whatever it looks like (1.10 is not 1.1)
        read = lambda path: yaml.load((folder / path).read_text(encoding="utf-8"), getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        config = read("parwatch.yaml")
        agencies = read(config["agencies"])
        if any({"from", "until", "merged_into"} & a.keys() for a in agencies["agencies"]):
            raise Unsupported("from, until, merged_into of an agency")
        self.calendar, self.late_by = Calendar(agencies["timezone"]), config.get("late_by", "date")
        self.agencies = {code(a["id"]): (a["level"], code(a.get("parent"))) for a in agencies["agencies"]}
        self.frameworks = [Framework(read(path), self.calendar) for path in config["criteria"]]
        self.judged = [Judged(c, self.agencies) for f in self.frameworks for c in f.criteria if c.alert is not None]
        self.keys = [Key(j, agency, label) for j in self.judged for agency in j.places for label in j.criterion.labels()]
        self.keys.sort(key=lambda k: k.name.encode())
        self.windows = sorted({period for j in self.judged for period in j.criterion.periods if period.startswith("last-")})
        self.gone_at = {year: max(f.gone_at for f in self.frameworks if f.year == year) for year in {f.year for f in self.frameworks}}
        # Instants that the catalog alone knows
        self.fixed = sorted({k.closing for k in self.keys} | {k.begin for k in self.keys} | set(self.gone_at.values()))

        messages = folder / "messages"
        messages = folder / (messages.read_text().strip() if messages.exists() else "messages.ndjson")
        self.lines = [line for line in messages.read_bytes().split(b"\n") if line.strip()]
        until = folder / "until"
        self.until = micros(until.read_text().strip()) if until.exists() else None
        self.latest, self.clock, self.records, self.world, self.counted = {}, None, [], None, {}

    def run(self):
        for line in self.lines:
            try:
                status = Status(line)
            except Rejected:
                continue
            self.go_to(status.time)
            old, departed = self.latest.get(status.subject), not status.deleted and self.clock >= self.gone(status)
            if not departed and (old is None or status.version > old.status.version):
                self.latest[status.subject] = Dossier(status, self.calendar, self.late_by)
            self.step()
        if self.until is not None:
            self.go_to(self.until)
            self.step()
        return self.records

    def gone(self, status):
        return self.gone_at.get(int(self.calendar.day(status.received)[:4]), float("inf"))

    def go_to(self, time):
        """The clock goes to `time`, if that is later, and stops on the way at every instant that matters."""
        if self.clock is None:
            self.clock = time
        while self.clock < time:
            self.clock = min(time, self.next_instant())
            self.step()

    def next_instant(self):
        today = self.calendar.day(self.clock)
        instants = [self.calendar.day_end(today)]
        instants += self.fixed
        instants += [d.overdue_at for d in self.latest.values() if d.overdue_at is not None]
        for key in self.keys:
            if key.record is not None and key.record["state"] == "pending":
                instants.append(key.record["since"] + key.judged.rule(today).wait)
            elif key.record is not None and key.record["clearing"] is not None:
                instants.append(key.record["clearing"] + key.judged.rule(today).keep)
        return min(i for i in instants if i > self.clock)

    def step(self):
        for subject in [s for s, d in self.latest.items() if not d.status.deleted and self.clock >= self.gone(d.status)]:
            del self.latest[subject]
        cells, today = self.cells(), self.calendar.day(self.clock)
        for key in self.keys:
            cell, rule = cells.get(key.name, key.empty(self.clock)), key.judged.rule(today)
            if cell == key.cell and not rule.milestones and (key.record is None or key.record["state"] not in ALIVE):
                continue                            # only to be quick: where nothing lives, nothing begins without a change of the score
            key.cell = cell
            record = next_record(key, rule, cell, self.clock)
            if record is not key.record:
                key.record = record
                self.records.append(record)

    def cells(self):
        """{key: cell} wherever a subject is there."""
        today = self.calendar.day(self.clock)
        windows = [(label, (date.fromisoformat(today) - timedelta(days=int(label[5:-1]) - 1)).isoformat()) for label in self.windows]
        world = [(d, d.at(self.clock, today, windows)) for d in self.latest.values()]
        if world == self.world:                     # only to be quick: the same dossiers with the same facts in the same windows
            return self.counted
        found = {}
        for dossier, (overdue, within) in world:
            if dossier.status.deleted or dossier.status.agency not in self.agencies:
                continue
            facts, way = dossier.facts[overdue], upwards(self.agencies, dossier.status.agency)
            for judged in self.judged:
                if self.agencies[way[0]][0] in judged.levels:
                    among = all(holds(facts, i) for i in judged.criterion.of.get("among", []))
                    counting = all(holds(facts, i) for i in judged.criterion.of.get("counting", []))
                    for label in judged.labels_of(dossier.received_day, within):
                        for agency in judged.places.intersection(way):
                            found.setdefault(judged.key(agency, label), (judged, []))[1].append((dossier, among, counting))
        self.world, self.counted = world, {key: count(judged.criterion, there) for key, (judged, there) in found.items()}
        return self.counted


def count(criterion, there):
    """A cell from its subjects: (dossier, has all of `among`?, all of `counting`?)."""
    denominator = [dossier for dossier, among, _ in there if among]
    if criterion.measure == "count":
        return Cell(len(denominator), None)
    if criterion.measure == "distinct":
        return Cell(len({dossier.status.procedure for dossier in denominator}), int(criterion.of["out_of"]))
    return Cell(sum(among and counting for _, among, counting in there), len(denominator))


# The command.

def printed(record):
    """As conformance prints it."""
    instant = lambda t: None if t is None else re.sub(r"(\.000000)?Z", "+00:00", utc(t))
    return {**record, **{f: instant(record[f]) for f in ("time", "since", "clearing")}, "threshold": float(record["threshold"])}


def told(alert):
    """A record of the program, in our terms."""
    whole = {**alert, **alert["data"]}
    record = {f: whole[f] for f in FIELDS}
    return {**record, **{f: micros(record[f]) for f in ("time", "since", "clearing")}, "threshold": Fraction(record["threshold"])}


def difference(folder):
    """The first difference between the program's replay.ndjson and the reference, or None."""
    lines = (folder / "replay.ndjson").read_text(encoding="utf-8").split("\n")
    got = [told(json.loads(line, parse_float=Decimal)) for line in lines if line.strip()]
    want = Replay(folder).run()
    for i in range(max(len(want), len(got))):
        w, g = (x[i] if i < len(x) else None for x in (want, got))
        if w != g:
            show = lambda r: "nothing" if r is None else json.dumps(printed(r), ensure_ascii=False)
            return f"record {i + 1} of {len(want)} (got {len(got)}):\n  want {show(w)}\n  got  {show(g)}"
    return None


def compare(root):
    folders = sorted(f for f in Path(root).iterdir() if f.is_dir())
    failed = 0
    for folder in folders:
        try:
            found = difference(folder)
        except Exception as e:                      # one unreadable case must not hide the others
            found = f"{type(e).__name__}: {e}"
        failed += found is not None
        if found is not None:
            print(f"{folder.name}: {found}")
    print(f"{len(folders) - failed} passed, {failed} failed")
    return 1 if failed or not folders else 0        # no case at all proves nothing


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--compare":
        return compare(arguments[1])
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    for record in Replay(arguments[0]).run():
        print(json.dumps(printed(record), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
