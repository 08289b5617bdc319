#!/usr/bin/env python3
"""Law 2's oracle: does the alert topic hold what should be alerting? Shares nothing with the program.

usage: alerts.py CASE DUMP [--source URN] [--now TIME] [--compacted] [--faults]
       alerts.py --all ROOT [...]      every subfolder of ROOT is a case with its dump as alerts.ndjson

CASE is a case folder as for scores.py, with the messages the daemon accepted. DUMP holds the alert topic, one record a line in
topic order: {"key": …, "value": <the alert, or null>, "offset": …, "headers": "term=4,writer=…"}, the headers as kcat's %h prints
them, or none. --source: whose records are judged (default: that of parwatch.yaml). --now: the last judging clock (default: the
case's). --compacted: earlier records may be gone, so an incident need not be seen from revision 1. --faults: the broker does not
recognise a write that its producer sends again (the embedded one does not), and a write of a leader that was frozen or cut off may
reach the log after its successor has read it. Prints one line per violation; exit 1 if there is any.

With --faults: of the records of a key the greatest by (term, since, revision) is the truth, and must stand last on the topic. The
truths, in topic order, are the history that is judged; where a term follows another, or the truth is written again because another
record came behind it, what does not fit is only told of, on standard error. So is a record that repeats one before it. What fires may
have begun by a clock that was ahead.

Where the value is inside the band, or the sample too small, what is right depends on what was before: there both are allowed.
"""
import argparse
import json
import sys
from datetime import date, datetime, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duties
import scores
from scores import Case, micros, rounded

SCHEMA = Path(__file__).resolve().parents[2] / "docs/schemas/alert.v1.json"
ALIVE = ("pending", "firing")
# A second incident in the instant in which the first ended goes on with its revisions, because an id names one content.
NEXT = {None: ALIVE, "pending": ("pending", "firing", "inactive"), "firing": ("firing", "resolved"), "resolved": ALIVE, "inactive": ALIVE}


def fraction(text):
    text = text.strip()
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def utc(instant):
    return datetime.fromtimestamp(instant // 1_000_000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") + f".{instant % 1_000_000:06}Z"


class Rule:
    """The thresholds of a criterion, of one with milestones as they are on a day; severities from the worst down."""

    def __init__(self, doc, year=None, today=None):
        self.milestones = "milestones" in doc
        self.levels = duties.thresholds(doc, year, date.fromisoformat(today)) if self.milestones else {}
        for severity in ("critical", "warning"):
            if severity in doc:
                direction, = {"below", "above"} & doc[severity].keys()
                self.levels[severity] = (direction, fraction(doc[severity][direction]), fraction(doc[severity]["clear"]))
        self.min_sample = int(doc.get("min_sample", "0"))
        # `for` and `keep_firing_for` measure time that passes, so a day in them is 24 hours
        self.wait, self.keep = (us + days * 86_400_000_000 for us, days in (scores.duration(doc.get(k, "0s")) for k in ("for", "keep_firing_for")))

    def breached(self, severity, value):
        direction, limit, _ = self.levels[severity]
        return value < limit if direction == "below" else value > limit

    def cleared(self, severity, value):
        direction, _, clear = self.levels[severity]
        return value >= clear if direction == "below" else value <= clear


# (a) The present state.

def present(case, last, faults=False):
    """Violations of the last record of each key. `last`: key → data of its last record, or None."""
    cells, judged = case.scores(), set()
    for framework in case.frameworks:
        for criterion in framework.criteria:
            if criterion.alert is None:
                continue
            rule = Rule(criterion.alert, framework.year, case.today())
            for label in criterion.labels():
                for agency in case.judged(criterion):
                    key = f"{framework.name}/{criterion.code}/{agency}/{label}"
                    judged.add(key)
                    if key not in last or last[key] is not FOREIGN:
                        from_zero = criterion.counts_from_zero() and case.agencies.exists(agency, *criterion.days(label))
                        cell = cells.get(key, (0, None if from_zero else 0))
                        if cell[0] == 0 and case.today() < case.agencies.begins(agency) and key not in last:
                            continue                        # nothing is asked of an agency before its first day
                        closed = case.now >= framework.closing(label, criterion) or case.today() > case.agencies.ends(agency)
                        for wrong in judge(rule, cell, closed, last.get(key), case.now, faults):
                            yield f"{key}: {wrong}"
    for key, data in last.items():
        if key not in judged and data not in (None, FOREIGN) and data["state"] in ALIVE:
            yield f"{key}: {data['state']}, but nothing judges this key"


def judge(rule, cell, closed, data, now, faults=False):
    """What is wrong with a record, or with there being none, given the score of its cell."""
    numerator, denominator = cell
    alive = data is not None and data["state"] in ALIVE
    severity, is_state = (data["severity"], f"{data['severity']} {data['state']}") if alive else (None, data["state"] if data else "no record")
    if closed:
        if alive:
            yield f"{is_state}, but the period is closed, or the agency has ended"
        return
    if denominator == 0:
        if alive:
            yield f"{is_state}, but there is no sample"
        return
    if alive and severity not in rule.levels:
        yield f"{is_state}, but the criterion has no such severity"
        return
    if alive:
        _, limit, clear = rule.levels[severity]
        for name, want in (("threshold", limit), ("clear", clear)):
            if rule.milestones and severity == "warning":
                break                                       # that of the day on which it was written
            if Fraction(data[name]) not in (want, Fraction(rounded(want, 1))):
                yield f"{name} {data[name]} is not the catalog's {float(want)}"
    if denominator is not None and denominator < rule.min_sample:
        return                                              # nothing begins, what exists stays: anything may be there
    value = Fraction(numerator) / (1 if denominator is None else denominator)
    at = f"at {scores.show(cell)}"
    if alive:
        elapsed = now - micros(data["since"])
        if data["state"] == "pending" and elapsed >= rule.wait:
            yield f"still pending {at}, though `for` has passed"
        if data["state"] == "firing" and elapsed < rule.wait and not (faults and elapsed < 0):
            yield f"firing {at} before `for` has passed"

    breached = [s for s in rule.levels if rule.breached(s, value)]
    if breached:
        # The worst breached one, or a worse one that is inside its own band and was there before.
        allowed = [breached[0]] + [s for s in rule.levels if s not in breached and not rule.cleared(s, value) and worse(s, breached[0])]
        if severity not in allowed:
            yield f"{is_state} {at}, want {' or '.join(allowed)} pending or firing"
        elif data["clearing"] is not None:
            yield f"clearing {at}, which is a breach"
    elif all(rule.cleared(s, value) for s in rule.levels):
        if alive and data["clearing"] is None:
            yield f"{is_state} {at}, which is cleared"
        elif alive and now >= micros(data["clearing"]) + rule.keep:
            yield f"still firing {at}, though `keep_firing_for` has passed"
    elif alive and data["clearing"] is None and rule.cleared(severity, value):
        yield f"{is_state} {at}, where {severity} is cleared"


def worse(severity, other):
    return severity == "critical" and other == "warning"


# (b), (c), (d) The history.

FOREIGN = "foreign"                                         # the last record of the key belongs to another daemon


def history(records, source, compacted, faults=False, notes=None):
    """Violations over all records in topic order; also fills the last record of each key. → (violations, last)
    `notes`: takes what --faults lets pass."""
    wrong, last, contents, incidents, offset = [], {}, {}, {}, None
    truths, behind = {}, {}                                 # key → its greatest (term, since, revision); → what stands behind that
    notes = [] if notes is None else notes
    schema = validator()
    for record in records:
        key, alert, here = record["key"], record["value"], f"{record['key']} at offset {record['offset']}"
        say = lambda text: wrong.append(f"{here}: {text}")
        headers = dict(h.split("=", 1) for h in record.get("headers", "").split(",") if "=" in h)
        term, writer = int(headers.get("term", -1)), headers.get("writer", "")
        if offset is not None and record["offset"] <= offset:
            say("the dump is not in topic order")
        offset = record["offset"]
        if alert is None:
            say("a tombstone; they are not used")
            last[key] = None
            continue
        if alert.get("source") != source:
            last[key] = FOREIGN
            continue
        errors = [f"{e.json_path}: {e.message}" for e in schema.iter_errors(plain(alert))] if schema else []
        wrong += [f"{here}: {e}" for e in errors]
        try:
            data, id_ = alert["data"], alert["id"]
            since, revision, state = micros(data["since"]), data["revision"], data["state"]
            truth, was = (term, since, revision), truths.get(key)
            content = (alert, term, writer)
            if faults and content in contents.get(id_, []):
                notes.append(f"{here}: a write comes again")
                if truth < was:
                    behind[key] = here
                else:
                    behind.pop(key, None)
                continue
            for other in contents.setdefault(id_, []):
                if other[0] != alert:
                    (notes.append if faults and other[1] != term else wrong.append)(f"{here}: id {id_} stands for two different contents")
            contents[id_].append(content)
            if id_ != f"{key}#{utc(since)}.{revision}":
                say(f"id {id_} is not key#since.revision")
            if alert["subject"] != key:
                say(f"subject {alert['subject']} is not the key")
            told = "/".join([data["criterion"]["framework"], data["criterion"]["code"], data["agency"]["id"], data["period"]])
            if told != key:
                say(f"the data tell of {told}")
            for text in arithmetic(data):
                say(text)
            if faults and was is not None and truth < was:
                notes.append(f"{here}: {show(truth)} comes after {show(was)}")
                behind[key] = here
                continue
            # The truth is written again after a record that was none, even if it has ended.
            is_handover = faults and was is not None and (was[0] != term or key in behind)
            for text in life(incidents.setdefault(key, {}), since, revision, state, micros(alert["time"]), compacted):
                (notes.append if is_handover else wrong.append)(f"{here}: {text}")
            truths[key], last[key] = truth, data
            behind.pop(key, None)
        except (KeyError, TypeError, ValueError, AttributeError) as e:
            if not errors:                                  # else the schema has said it better
                say(f"cannot be read: {type(e).__name__}: {e}")
            last.pop(key, None)
    wrong += [f"{here}: stands last, though the truth is {show(truths[key])}" for key, here in behind.items()]
    return wrong, last


def show(truth):
    term, since, revision = truth
    return f"term {term}, since {utc(since)}, revision {revision}"


def life(incidents, since, revision, state, time, compacted):
    """An incident goes from pending or firing to resolved or inactive, with rising revisions; a key has one at a time.
    `incidents`: those of this key, since → (revision, state)."""
    known, was = incidents.get(since, (0, None))
    if was is None:
        if not compacted and revision != 1:
            yield f"an incident begins with revision {revision}"
        if not compacted and state not in NEXT[None]:
            yield f"an incident begins as {state}"
        if not compacted and any(s in ALIVE for _, s in incidents.values()):
            yield "an incident begins while another one lives"
        if since < max(incidents, default=since):
            yield "an incident begins before an earlier one of this key"
    else:
        if revision <= known:
            yield f"revision {revision} after {known}"
        if state not in NEXT[was] or was not in ALIVE and time > since:
            yield f"{state} after {was}"
    incidents[since] = (max(revision, known), state)


def arithmetic(data):
    numerator, denominator, value, threshold = (data[k] for k in ("numerator", "denominator", "value", "threshold"))
    want = None if denominator == 0 else rounded(numerator, 1 if denominator is None else denominator)
    if value != want:
        yield f"value {value} does not stand for {scores.show((numerator, denominator))}"
    # An incident begins only with a breach, which the first record must show.
    if data["revision"] == 1 and data["reason"] in ("below_threshold", "above_threshold"):
        exact = Fraction(numerator) / (denominator or 1)
        if denominator == 0 or not (exact < Fraction(threshold) if data["reason"] == "below_threshold" else exact > Fraction(threshold)):
            yield f"begins with {scores.show((numerator, denominator))}, which is not {data['reason'].replace('_', ' ')} {threshold}"


def validator():
    try:
        import jsonschema
    except ImportError:
        print("note: no jsonschema here, so the schema was not checked", file=sys.stderr)
        return None
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def plain(value):
    """Decimals as floats: the records are read exactly, the schema wants JSON numbers."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return float(value) if isinstance(value, Decimal) else value


def violations(case, records, source=None, compacted=False, faults=False, notes=None):
    wrong, last = history(records, source or case.config["source"], compacted, faults, notes)
    return wrong + list(present(case, last, faults))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", help="a case; with --all a folder of cases, each with its dump as alerts.ndjson")
    parser.add_argument("dump", nargs="?")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--source")
    parser.add_argument("--now", type=micros)
    parser.add_argument("--compacted", action="store_true")
    parser.add_argument("--faults", action="store_true")
    options = parser.parse_args()
    if not options.all:
        notes = []
        wrong, count = check(options.case, options.dump, options, notes)
        for note in notes:
            print(f"note: {note}", file=sys.stderr)
        print("\n".join(wrong + [f"{count} records, {len(wrong)} violations"]))
        return 1 if wrong else 0
    cases = sorted(f for f in Path(options.case).iterdir() if f.is_dir())
    failed = 0
    for case in cases:
        wrong, _ = check(case, case / "alerts.ndjson", options)
        failed += bool(wrong)
        print("".join(f"{case.name}: {line}\n" for line in wrong), end="")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed or not cases else 0          # no case at all proves nothing


def check(case, dump, options, notes=None):
    with open(dump, encoding="utf-8") as f:
        records = [json.loads(line, parse_float=Decimal) for line in f if line.strip()]
    return violations(Case(case, options.now), records, options.source, options.compacted, options.faults, notes), len(records)


if __name__ == "__main__":
    sys.exit(main())
