#!/usr/bin/env python3
"""Tests of the oracles themselves, on small cases whose answers were worked out by hand: an oracle that never objects proves nothing.

usage: selftest.py
"""
import base64
import copy
import hashlib
import itertools
import json
import subprocess
import sys
import tempfile
import unittest
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import alerts
import duties
import rejections
import scores

HERE = Path(__file__).resolve().parent
AGENCIES = [("H21", "province", None), ("A", "department", "H21"), ("B", "district", "H21"), ("B1", "commune", "B"), ("B2", "commune", "B")]
RATIO = {"ratio": {"of": "dossier", "among": ["decided"], "counting": ["on_time"]}}
SOURCE = "urn:parwatch:selftest"


def criterion(code="c", measure=RATIO, **more):
    return {"code": code, "levels": ["department"], "measure": measure, **more}


def count(*among):
    return {"count": {"of": "dossier", "among": list(among)}}


def message(subject, time="2021-03-01T09:00:00+07:00", id="1", source="s", **data):
    whole = {"agency": "A", "procedure": "P", "state": 9, "received": "2021-03-01T08:00:00+07:00", "filing": "counter"}
    return {"specversion": "1.0", "id": id, "source": source, "type": "vn.par.dossier.v1", "subject": subject, "time": time,
            "data": data if data.get("deleted") else {**whole, **data}}


class CaseFolder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        self.made = itertools.count()

    def folder(self, messages, criteria, until=None, zone="Asia/Ho_Chi_Minh", period=None, name=None, lives=None, records=(), sources=None, **config):
        folder = self.root / (name or f"case{next(self.made)}")
        folder.mkdir()
        files = {
            "parwatch.yaml": {"source": SOURCE, "agencies": "agencies.yaml", "criteria": ["criteria.yaml"], **config},
            "agencies.yaml": {"timezone": zone, "agencies": [
                {"id": i, "level": level, **({"parent": p} if p else {}), **(lives or {}).get(i, {})} for i, level, p in AGENCIES]},
            "criteria.yaml": {"framework": "F", "period": period or {"year": 2021, "closes_after": "60d"}, "criteria": criteria},
        }
        if sources is not None:
            files["sources.yaml"], files["parwatch.yaml"]["sources"] = {"sources": sources}, "sources.yaml"
        for file, doc in files.items():
            (folder / file).write_text(json.dumps(doc))     # JSON is YAML
        (folder / "messages.ndjson").write_text("".join(json.dumps(m) + "\n" for m in messages))
        (folder / "records.ndjson").write_text("".join(json.dumps(r) + "\n" for r in records))
        if until:
            (folder / "until").write_text(until + "\n")
        return folder

    def scores(self, messages, criteria, **more):
        return scores.Case(self.folder(messages, criteria, **more)).scores()


class Scores(CaseFolder):
    def test_times_are_cut_at_the_microsecond(self):
        self.assertEqual(scores.micros("1970-01-01T07:00:00.1234569+07:00"), 123456)
        self.assertEqual(scores.micros("1969-12-31T23:59:59.9999999Z"), -1)
        self.assertRaises(ValueError, scores.micros, "2021-01-01 00:00:00Z")

    def test_values_round_half_to_even(self):
        self.assertEqual([scores.rounded(*x) for x in ((1, 3), (1, 20000), (3, 20000), (1, 1))],
                         [Decimal("0.3333"), Decimal("0.0000"), Decimal("0.0002"), 1])

    def test_points_are_earned_by_line_or_by_step(self):
        half = {"max": "1", "steps": [["80%", "1"], ["60%", "0.5"]]}
        for rule, values in (
                ({"max": "1", "full_at": "10%"}, {"0.06626": "0.6626", "0.1": "1", "0.99": "1", "0": "0", "-1": "0", "1/30": "0.3333"}),
                ({"max": "2", "full_at": "100%", "floor": "50%"}, {"0.5": "0", "0.75": "1", "0.4": "0", "1.25": "2"}),
                ({"max": "1", "full_at": "0", "floor": "5%"}, {"0": "1", "0.01": "0.8", "0.05": "0"}),
                ({"max": "0.5", "full_at": "80%", "by": "step"}, {"0.8": "0.5", "0.79": "0"}), ({"max": "1", "full_at": "0", "floor": "1", "by": "step"}, {"0": "1", "0.1": "0"}),
                (half, {"0.8": "1", "0.79": "0.5", "0.6": "0.5", "0.59": "0"}), ({"max": "1", "steps": [["0", "1"], ["3", "0.5"]]}, {"0": "1", "1": "0.5", "3": "0.5", "4": "0"})):
            for value, points in values.items():
                self.assertEqual(scores.earned(rule, Fraction(value)), Decimal(points), (rule, value))

    def test_a_framework_may_extend_another(self):
        base = {"framework": "A", "title": {"vi": "t", "en": "t"}, "period": {"year": "2021", "closes_after": "9d"}, "criteria": [
            {"code": "1", "levels": ["q"], "target": {"at_least": "1"}, "measure": {"count": {}}}, {"code": "2", "levels": ["q"], "measure": {}},
            {"code": "3", "levels": ["q", "c"], "measure": {"share": {"of": "1", "reaching": {"q": {"above": "1"}, "c": {"above": "2"}}}}}]}
        new = {"extends": "base", "framework": "B", "period": {"year": "2022"}, "levels": {"q": "c"}, "remove": ["2"],
               "criteria": [{"code": "4", "levels": ["q"], "measure": {}}, {"code": "1", "target": "~", "lead": "x"}]}
        got = scores.layered("dir/new", {"dir/new": new, "dir/base": base}.get)
        self.assertEqual([got["framework"], got["title"], got["period"]], ["B", base["title"], {"year": "2022", "closes_after": "9d"}])
        self.assertEqual(got["criteria"], [
            {"code": "1", "levels": ["c"], "measure": {"count": {}}, "lead": "x"}, {"code": "3", "levels": ["c"], "measure": {"share": {"of": "1", "reaching": {"c": {"above": "2"}}}}},
            {"code": "4", "levels": ["q"], "measure": {}}])

    def test_fnv_is_the_published_one(self):
        self.assertEqual([scores.fnv1a64(x) for x in (b"", b"a", b"foobar")], [0xCBF29CE484222325, 0xAF63DC4C8601EC8C, 0x85944171F73967E8])

    def test_later_time_then_state_then_unsigned_hash_wins(self):
        late, good = {"due": "2021-03-02T00:00:00Z", "finished": "2021-03-09T00:00:00Z"}, {"finished": "2021-03-01T00:00:00Z"}
        # hash → id, of three ids: as signed numbers the highest would lose, as hex without leading zeros the lowest would win
        hashes = {scores.fnv1a64(str(i).encode() + b"\0s"): str(i) for i in range(2000)}
        low, middle, high = (next(i for h, i in hashes.items() if lowest <= h < lowest + 2 ** 56) for lowest in (0x0F << 56, 0x70 << 56, 0xF0 << 56))
        pairs = [(message("D", "2021-03-04T02:00:00.000001Z", **good), message("D", "2021-03-04T09:00:00+07:00", state=10, **late)),
                 (message("D", state="returned", **good), message("D", state=9, **late)),
                 (message("D", id=high, **good), message("D", id=middle, **late)), (message("D", id=middle, **good), message("D", id=low, **late))]
        for winner, loser in pairs:
            for order in ([winner, loser], [loser, winner], [loser, winner, loser, winner]):
                self.assertEqual(self.scores(order, [criterion()]), {"F/c/A/2021": (1, 1)})

    def test_a_deleted_subject_counts_nowhere_until_a_newer_status(self):
        gone = message("D", "2021-03-02T00:00:00Z", deleted=True)
        self.assertEqual(self.scores([gone, message("D")], [criterion()]), {})
        self.assertEqual(self.scores([{**gone, "data": {**message("D")["data"], "deleted": True}}, message("D")], [criterion()]), {})
        self.assertEqual(self.scores([gone, message("D"), message("d ", "2021-03-03T00:00:00Z")], [criterion()]), {"F/c/A/2021": (1, 1)})

    def test_every_fact(self):
        due = "2021-03-05T17:00:00+07:00"
        messages = [
            message("0", state=1), message("1", state=2, due=due), message("2", state=3), message("3", state=4),
            message("4", state=5, due=due), message("5", state=6, due=due), message("6", state=7), message("7", state=8, due=due),
            message("8", state=9, due=due, finished="2021-03-05T23:59:59+07:00", filing="online", level=3, supplements=2),
            message("9", state=10, due=due, returned="2021-03-06T00:00:00+07:00", filing="post", level=4, supplements=1, apologised=True),
            message("10", "2021-03-07T00:00:00Z", due=due, **{"return": "post"}, sector=" land ")]
        want = {"accepted": 8, "open": 2, "finished": 3, "late": 3, "on_time": 1, "overdue": 1, "decided": 4, "filed_online": 1, "filed_by_post": 1,
                "returned_by_post": 1, "level_3": 1, "level_4": 1, "apologised": 1, "supplemented_twice": 1, "sector:LAND": 1, "not_accepted": 3,
                "not_sector:land": 10}
        got = self.scores(messages, [criterion(fact, count(fact)) for fact in want] + [criterion("all", count()), criterion("never", count("open", "finished")),
                          criterion("either", count(["open", "finished"], "not_late"))])
        self.assertEqual(got, {f"F/{fact}/A/2021": (n, None) for fact, n in {**want, "all": 11, "either": 2}.items()})

    def test_an_open_dossier_is_overdue_from_the_midnight_that_ends_its_due_date(self):
        one = [message("D", state=4, due="2021-03-05T16:59:59Z")]       # 5 March, 23:59:59 local
        for until, late_by, cells in (("2021-03-05T23:59:59.999999+07:00", "date", {}), ("2021-03-06T00:00:00+07:00", "date", {"F/c/A/2021": (0, 1)}),
                                      ("2021-03-05T16:59:59Z", "instant", {}), ("2021-03-05T16:59:59.000001Z", "instant", {"F/c/A/2021": (0, 1)})):
            self.assertEqual(self.scores(one, [criterion()], until=until, late_by=late_by), cells)

    def test_finished_after_due_is_late_by_date_or_by_instant(self):
        for finished, late_by, on_time in (("2021-03-05T23:59:59+07:00", "date", 1), ("2021-03-06T00:00:00+07:00", "date", 0),
                                           ("2021-03-05T10:00:00+07:00", "instant", 1), ("2021-03-05T10:00:00.000001+07:00", "instant", 0)):
            one = [message("D", due="2021-03-05T10:00:00+07:00", finished=finished)]
            self.assertEqual(self.scores(one, [criterion()], late_by=late_by), {"F/c/A/2021": (on_time, 1)})

    def test_roll_up_counts_subjects_of_the_levels_below_the_judged_agency(self):
        messages = [message(str(i), agency=a) for i, a in enumerate(["H21", "A", "B", "B1", "b1 ", "B2", "UNKNOWN"])]
        got = self.scores(messages, [criterion("x", count(), levels=["district", "commune"], judge_at=["self", "parent", "root"]),
                                     criterion("y", count(), levels=["commune"], judge_at=["parent"]), criterion("z", count(), levels=["province"], judge_at=["root", "parent"])])
        self.assertEqual(got, {"F/x/B/2021": (4, None), "F/x/B1/2021": (2, None), "F/x/B2/2021": (1, None), "F/x/H21/2021": (4, None),
                               "F/y/B/2021": (3, None), "F/z/H21/2021": (1, None)})

    def test_periods_are_local(self):
        messages = [message("0", received="2020-12-31T16:59:59Z"), message("1", received="2020-12-31T17:00:00Z"), message("2", received="2021-09-30T16:59:59Z"),
                    message("3", received="2021-09-30T17:00:00Z")]
        got = self.scores(messages, [criterion("c", count(), periods=["year", "quarter", "month"])])
        self.assertEqual(got, {f"F/c/A/{p}": (n, None) for p, n in
                               {"2021": 3, "2021-Q1": 1, "2021-01": 1, "2021-Q3": 1, "2021-09": 1, "2021-Q4": 1, "2021-10": 1}.items()})

    def test_a_window_takes_what_was_decided_in_the_last_days_today_included(self):
        decided = ["2021-03-26T23:59:59+01:00", "2021-03-27T00:00:00+01:00", "2021-03-28T03:00:00+02:00", "2021-03-29T00:00:00+02:00"]
        messages = [message(str(i), "2021-03-01T00:00:00Z", finished=t) for i, t in enumerate(decided)]
        messages += [message("old", "2021-03-01T00:00:00Z", received="2020-12-01T00:00:00Z", finished="2021-03-28T00:00:00Z"),
                     message("over", "2021-03-01T00:00:00Z", state=2, due="2021-03-26T12:00:00Z")]     # overdue on the 27th
        got = self.scores(messages, [criterion("c", count(), periods=["last-2d"])], until="2021-03-28T12:00:00Z", zone="Europe/Amsterdam")
        self.assertEqual(got, {"F/c/A/last-2d": (3, None)})

    def test_distinct_is_a_union_and_may_be_zero(self):
        measure = {"distinct": {"of": "dossier", "among": ["filed_online"], "by": "procedure", "out_of": 4}}
        messages = [message("1", agency="B1", procedure="p ", filing="online"), message("2", agency="B2", procedure="P", filing="online"),
                    message("3", agency="B1", procedure="Q"), message("4", agency="A")]
        got = self.scores(messages, [criterion("c", measure, levels=["commune", "department"], judge_at=["self", "parent"])])
        self.assertEqual(got, {"F/c/B1/2021": (1, 4), "F/c/B2/2021": (1, 4), "F/c/B/2021": (1, 4), "F/c/A/2021": (0, 4), "F/c/H21/2021": (1, 4)})

    def test_subjects_leave_after_keep_closed(self):
        period = {"year": 2021, "closes_after": "10d", "keep_closed": "1d"}     # 12 January, local midnight
        one, rule = [message("D")], [criterion()]
        self.assertEqual(self.scores(one, rule, period=period, until="2022-01-11T16:59:59Z"), {"F/c/A/2021": (1, 1)})
        self.assertEqual(self.scores(one, rule, period=period, until="2022-01-11T17:00:00Z"), {})

    def test_a_subject_counts_in_the_tree_of_its_own_day(self):
        # B ends with June; its commune B1 goes on under the province, B2 becomes part of B1
        lives = {"B": {"until": "2021-06-30", "merged_into": "H21"}, "B2": {"until": "2021-06-30", "merged_into": "B1"}}
        day = {"may": "2021-05-03T08:00:00+07:00", "last": "2021-06-30T23:59:59+07:00", "first": "2021-07-01T00:00:00+07:00"}
        messages = [message(f"{a}-{d}", agency=a, received=t) for d, t in day.items() for a in ("B", "B1", "B2")]
        got = self.scores(messages, [criterion("c", count(), levels=["commune"], judge_at=["self", "parent"]), criterion("d", count(), levels=["district", "province"])], lives=lives)
        self.assertEqual(got, {"F/c/B1/2021": (4, None), "F/c/B2/2021": (2, None), "F/c/B/2021": (4, None), "F/c/H21/2021": (6, None), "F/d/B/2021": (2, None), "F/d/H21/2021": (3, None)})

    def test_an_agency_is_itself_before_its_first_day_and_nobody_after_its_last_without_an_heir(self):
        messages = [message("0", agency="A", received="2021-02-01T00:00:00Z"), message("1", agency="A", received="2021-08-01T00:00:00Z")]
        for life, cells in (({"from": "2021-07-01"}, {"F/c/A/2021": (2, None)}), ({"until": "2021-06-30"}, {"F/c/A/2021": (1, None)}), ({"until": "2021-01-31"}, {})):
            self.assertEqual(self.scores(messages, [criterion("c", count())], lives={"A": life}), cells)

    def test_a_higher_rank_wins_however_old(self):
        late = {"due": "2021-03-02T00:00:00Z", "finished": "2021-03-09T00:00:00Z"}
        pair = [message("D", "2021-03-04T00:00:00Z", source="low", **late), message("D", "2021-03-01T02:00:00Z", source="high")]
        for order in (pair, pair[::-1]):
            self.assertEqual(self.scores(order, [criterion()], sources=[{"source": "low"}, {"source": "high", "rank": "3"}]), {"F/c/A/2021": (1, 1)})
            self.assertEqual(self.scores(order, [criterion()], sources=[{"source": "low"}, {"source": "high"}]), {"F/c/A/2021": (0, 1)})

    def test_records_of_other_formats_say_what_events_say(self):
        dossier = {"MaHoSo": "D", "MaTTHC": "P", "DonViXuLy": "A", "NgayTiepNhan": "20210301080000", "NgayHenTra": "20210305170000", "TrangThaiHoSo": "4", "KenhThucHien": "2"}
        step = {"MaHoSo": "D", "TrangThai": "9", "ThoiDiemXuLy": "20210305235959"}
        at = 1615000000000      # 6 March, after the due date: what counts is when the step was taken
        records = [{"format": "dvcqg", "topic": "t", "timestamp": at, "value": json.dumps({"service": "DongBoHoSoMC", "data": [dossier]})},
                   {"format": "dvcqg", "topic": "t", "timestamp": at + 1, "value": json.dumps({"service": "CapNhatTienDoHoSoMC", "data": [step]})},
                   {"format": "igate", "topic": "t", "timestamp": at, "value": json.dumps({"code": "E", "dossierStatus": {"id": 2}, "procedure": {"code": "P"},
                    "agency": {"parent": {"code": "A"}}, "appliedDate": "2021-03-01T01:00:00.000+0000", "dueDate": "2021-03-02T01:00:00.000+0000", "applyMethod": {"name": "Trực tuyến"}})}]
        got = self.scores([], [criterion("c"), criterion("online", count("filed_online"))], records=records, until="2021-04-01T00:00:00Z")
        self.assertEqual(got, {"F/c/A/2021": (1, 2), "F/online/A/2021": (2, None)})
        head = "<edXML xmlns='http://www.mic.gov.vn/TBT/QCVN_102_2016'>%s</edXML>"
        sent = head % "<MessageHeader><From><OrganId>A</OrganId></From><DocumentId>7</DocumentId></MessageHeader><TraceHeader><Timestamp>2021/03/01 08:00:00</Timestamp></TraceHeader>"
        word = head % "<Status><ResponseFor><DocumentId>7</DocumentId></ResponseFor><From><OrganId>B</OrganId></From><StatusCode>06</StatusCode><Timestamp>2021/02/01 08:00:00</Timestamp></Status>"
        document = {"ratio": {"of": "document", "among": ["electronic"], "counting": ["processed"]}}
        for texts, cells in (([sent, word], {"F/c/A/2021": (1, 1)}), ([sent], {"F/c/A/2021": (0, 1)}), ([word], {})):
            got = self.scores([], [criterion(measure=document)], records=[{"format": "edxml", "topic": "t", "timestamp": None, "value": t} for t in texts])
            self.assertEqual(got, cells)

    def test_what_is_not_known_is_refused(self):
        for bad in (dict(criteria=[criterion(measure=count("beautiful"))]), dict(criteria=[criterion(measure={"median": {}})]), dict(criteria=[criterion(periods=["week"])])):
            with self.assertRaises(scores.Unsupported):
                self.scores(bad.get("messages", [message("D")]), bad["criteria"])

    def test_compare_finds_every_kind_of_difference(self):
        right = ['{"key":"F/c/A/2021","numerator":1,"denominator":3,"value":0.3333}', '{"key":"F/n/A/2021","numerator":3,"denominator":null,"value":3}']
        late = {"due": "2021-03-01T00:00:00Z", "finished": "2021-03-09T00:00:00Z"}
        make = lambda lines: (self.folder([message("1"), message("2", **late), message("3", **late)], [criterion(), criterion("n", count())])
                              / "scores.ndjson").write_text("\n".join(lines))
        wrong = [[right[0].replace(":1,", ":2,"), right[1]], [right[0].replace(":3,", ":4,"), right[1]], right[:1], right + ['{"key":"G/c/A/2021","numerator":1,"denominator":1}'],
                 right[::-1], right + right[1:], [right[0].replace("0.3333", "0.3334"), right[1]], [right[0], right[1].replace("null", "3")], ["{"]]
        for lines in wrong:
            make(lines)
        make(right)
        result = subprocess.run([sys.executable, HERE / "scores.py", "--compare", self.root], capture_output=True, text=True)
        self.assertEqual(result.returncode, 1)
        told = result.stdout.splitlines()
        self.assertEqual(told[-1], f"1 passed, {len(wrong)} failed")
        self.assertEqual({line.split(":")[0] for line in told[:-1]}, {f"case{i}" for i in range(len(wrong))})

    def test_compare_of_nothing_fails(self):
        self.assertEqual(subprocess.run([sys.executable, HERE / "scores.py", "--compare", self.root], capture_output=True).returncode, 1)


class Clocks(CaseFolder):
    """The examples of docs/clocks.md."""

    WORKING = duties.WorkingDays([{"holidays": [{"day": "2019-02-04", "until": "2019-02-08"}, {"day": "2019-04-29"}, {"day": "2019-04-30"}, {"day": "2019-05-01"}],
                                   "swapped": [{"day": "2019-05-04", "for": "2019-04-29"}]}])

    def days(self, year=2021, **duty):
        return [day.isoformat() for day in duties.due_days(duty, year, self.WORKING)]

    def test_the_nth_working_day(self):
        for start, n, want in [("2019-02-01", 1, "2019-02-11"), ("2019-04-26", 3, "2019-05-04"), ("2019-03-04", 5, "2019-03-11"), ("2019-03-04", 0, "2019-03-04")]:
            self.assertEqual(self.WORKING.nth(date.fromisoformat(start), n).isoformat(), want)

    def test_due_days(self):
        self.assertEqual(len(self.days(every="week", due=["thursday"])), 52)
        self.assertEqual(self.days(every="week", due="thursday")[0], "2021-01-07")
        self.assertEqual(self.days(every="month", due="31")[1], "2021-02-28")
        self.assertEqual(self.days(2020, every="month")[1], "2020-02-29")
        self.assertEqual(self.days(every="month", due="5", of="next")[-1], "2022-01-05")
        self.assertEqual(self.days(every="quarter"), ["2021-03-31", "2021-06-30", "2021-09-30", "2021-12-31"])
        self.assertEqual(self.days(every="quarter", due="10", of="next"), ["2021-04-10", "2021-07-10", "2021-10-10", "2022-01-10"])
        self.assertEqual(self.days(every="year", due="01-31", of="next"), ["2022-01-31"])
        self.assertEqual(self.days(every="year", due="02-29"), ["2021-02-28"])
        self.assertEqual(self.days(every="quarter", **{"from": "2021-09-14", "until": "2021-09-30"}), ["2021-09-30"])
        self.assertEqual(self.days(2019, every="year", due="02-05", shift="next_working_day"), ["2019-02-11"])
        self.assertEqual(self.days(2019, every="year", due="02-05", shift="previous_working_day"), ["2019-02-01"])
        self.assertEqual(self.days(2019, every="week", due=["monday", "tuesday"], shift="next_working_day")[9:12], ["2019-02-11", "2019-02-12", "2019-02-18"])

    def owed(self, messages, until, late_by="date"):
        duty = {"every": "week", "due": ["thursday"], "at": "15:00", "from": "2021-09-14", "agencies": ["A"]}
        on_time = criterion("c", {"ratio": {"of": "obligation", "among": ["decided"], "counting": ["on_time"]}}, duty=duty)
        return self.scores(messages, [on_time], until=until, late_by=late_by).get("F/c/A/2021")

    def test_four_thursdays(self):
        def report(day, done=None, **more):
            data = {"framework": "F", "criterion": "c", "agency": "A", "due": "2021-12-31", **({"done": done} if done else {}), **more}
            return {"specversion": "1.0", "id": "1", "source": "s", "type": "vn.par.obligation.v1", "subject": f"f/c/a/{day}T15:00", "time": "2021-09-01T00:00:00Z", "data": data}
        came = [report("2021-09-16", "2021-09-16T14:00:00+07:00"), report("2021-09-23", "2021-09-23T15:30:00+07:00")]
        for late_by in ("date", "instant"):
            self.assertEqual(self.owed(came, "2021-09-30T15:00:00+07:00", late_by), (1, 2))
            self.assertEqual(self.owed(came, "2021-09-30T15:00:00.000001+07:00", late_by), (1, 3))
            self.assertEqual(self.owed(came + [report("2021-09-30", "2021-10-01")], "2021-10-01T08:00:00+07:00", late_by), (1, 3))
            self.assertEqual(self.owed(came + [report("2021-09-30", "2021-09-30")], "2021-10-01T08:00:00+07:00", late_by), (2, 3))
            self.assertEqual(self.owed(came + [report("2021-09-30", deleted=True)], "2021-10-01T08:00:00+07:00", late_by), (1, 2))

    def test_milestones(self):
        alert = {"milestones": [{"by": "09-30", "at_least": "60%"}, {"by": "01-31", "of": "next", "at_least": "1"}], "early_warning": "line"}
        for day, critical, warning in [("2021-09-30", None, None), ("2021-10-01", "0.6", "0.6"), ("2021-10-02", "0.6", "0.6033"), ("2021-11-11", "0.6", "0.7333"), ("2022-01-31", "0.6", "0.9967"),
                                       ("2022-02-01", "1", None)]:
            want = {name: ("below", Fraction(level), Fraction(level)) for name, level in (("critical", critical), ("warning", warning)) if level}
            self.assertEqual(duties.thresholds(alert, 2021, date.fromisoformat(day)), want)
        del alert["early_warning"]
        self.assertEqual(duties.thresholds(alert, 2021, date(2021, 11, 11)), {"critical": ("below", Fraction(3, 5), Fraction(3, 5))})

    def test_a_criterion_may_close_for_itself(self):
        framework = scores.Case(self.folder([message("0")], [criterion("a"), criterion("b", closes_after="90d")])).frameworks[0]
        midnight = framework.calendar.midnight
        self.assertEqual([framework.closing("2021", c) for c in framework.criteria], [midnight(date(2022, 3, 2)), midnight(date(2022, 4, 1))])
        self.assertEqual(framework.gone_at, midnight(date(2023, 4, 1)))


HOUR = 3_600_000_000
NOW = 10 * HOUR
RULE = alerts.Rule({"warning": {"below": "90%", "clear": "95%"}, "critical": {"below": "50%", "clear": "60%"}, "min_sample": "5", "for": "1h", "keep_firing_for": "2h"})
ABOVE = alerts.Rule({"warning": {"above": "0", "clear": "0"}, "critical": {"above": "2", "clear": "1"}})


class PresentState(unittest.TestCase):
    def wrong(self, cell, state=None, severity="warning", rule=RULE, clearing=None, since=0, closed=False, faults=False, **more):
        data = None
        if state:
            _, threshold, clear = rule.levels.get(severity, (None, 0, 0))
            data = {"state": state, "severity": severity, "since": alerts.utc(since), "clearing": None if clearing is None else alerts.utc(clearing),
                    "threshold": Decimal(str(float(threshold))), "clear": Decimal(str(float(clear))), **more}
        return list(alerts.judge(rule, cell, closed, data, NOW, faults))

    def allow(self, *a, **k):
        self.assertEqual(self.wrong(*a, **k), [])

    def refuse(self, says, *a, **k):
        self.assertIn(says, "\n".join(self.wrong(*a, **k)))

    def test_breach_of_critical(self):
        self.allow((4, 10), "firing", "critical")
        self.allow((4, 10), "pending", "critical", since=NOW - HOUR + 1)
        for state in (None, "resolved", "inactive"):
            self.refuse("want critical", (4, 10), state, "critical")
        self.refuse("want critical", (4, 10), "firing", "warning")
        self.refuse("want critical", (4, 10), "pending", "warning", since=NOW)
        self.refuse("`for` has passed", (4, 10), "pending", "critical", since=NOW - HOUR)
        self.refuse("before `for`", (4, 10), "firing", "critical", since=NOW - HOUR + 1)
        self.refuse("which is a breach", (4, 10), "firing", "critical", clearing=NOW)

    def test_what_began_by_a_clock_that_was_ahead(self):
        self.refuse("before `for`", (4, 10), "firing", "critical", since=NOW + 1)
        self.allow((4, 10), "firing", "critical", since=NOW + 1, faults=True)
        self.refuse("before `for`", (4, 10), "firing", "critical", since=NOW, faults=True)
        self.refuse("which is cleared", (10, 10), "firing", since=NOW + 1, faults=True)

    def test_breach_of_warning_only(self):
        self.allow((8, 10), "firing", "warning")
        self.allow((5, 10), "firing", "warning")
        self.allow((5, 10), "firing", "critical")               # inside critical's band: it may have been there
        self.refuse("want warning", (6, 10), "firing", "critical")
        self.refuse("want warning", (8, 10))
        self.refuse("want warning or critical", (5, 10), "resolved", "critical")

    def test_thresholds_are_strict_and_clear_is_inclusive(self):
        self.allow((90, 100))
        self.refuse("want warning", (8999, 10000))
        self.refuse("which is cleared", (95, 100), "firing")
        self.allow((94, 100), "firing")

    def test_cleared(self):
        for state in (None, "resolved", "inactive"):
            self.allow((10, 10), state)
        self.allow((10, 10), "firing", clearing=NOW - 2 * HOUR + 1)
        self.refuse("keep_firing_for", (10, 10), "firing", clearing=NOW - 2 * HOUR)
        self.refuse("which is cleared", (10, 10), "firing")
        self.refuse("which is cleared", (10, 10), "pending", since=NOW)

    def test_inside_the_band(self):
        for state in (None, "firing", "resolved", "inactive"):
            self.allow((92, 100), state)
        self.allow((92, 100), "pending", since=NOW)
        self.refuse("`for` has passed", (92, 100), "pending")
        self.refuse("where critical is cleared", (92, 100), "firing", "critical")

    def test_no_sample_and_small_sample(self):
        self.refuse("no sample", (0, 0), "firing")
        self.refuse("no sample", (0, 0), "pending", since=NOW)
        self.allow((0, 0), "resolved")
        self.allow((0, 4))
        self.allow((4, 4), "firing", "critical")
        self.refuse("want critical", (2, 5))                    # enough again

    def test_closed_period(self):
        self.refuse("period is closed", (0, 10), "firing", "critical", closed=True)
        self.refuse("period is closed", (0, 10), "pending", "critical", since=NOW, closed=True)
        self.allow((0, 10), closed=True)

    def test_lower_is_better(self):
        self.allow((0, None), rule=ABOVE)
        self.allow((3, None), "firing", "critical", rule=ABOVE)
        self.allow((2, None), "firing", "critical", rule=ABOVE)
        self.refuse("want warning", (1, None), "firing", "critical", rule=ABOVE)
        self.refuse("want warning", (1, None), rule=ABOVE)
        self.refuse("which is cleared", (0, None), "firing", rule=ABOVE)

    def test_rule_of_the_catalog(self):
        self.refuse("threshold 0.8 is not the catalog's 0.9", (8, 10), "firing", threshold=Decimal("0.8"))
        self.refuse("no such severity", (8, 10), "firing", "fatal")


KEY = "F/c/A/2021"


def record(state="firing", revision=1, minute=0, severity="critical", offset=0, key=KEY, value=Decimal("0.0"), cell=(0, 1), term=None, **more):
    since = f"2021-03-01T02:{minute:02}:00.000000Z"
    ended = state in ("resolved", "inactive")
    framework, code, agency, period = key.split("/")
    data = {"state": state, "severity": severity, "reason": "recovered" if ended else "below_threshold", "since": since, "revision": revision,
            "resolved": since if ended else None, "clearing": None, "initial": False,
            "agency": {"id": agency, "name": "A", "level": "department", "parent": "H21"},
            "criterion": {"framework": framework, "code": code, "name": "c", "lead": None}, "period": period,
            "value": value, "numerator": cell[0], "denominator": cell[1], "threshold": Decimal("0.5"), "clear": Decimal("0.6"), "target": None,
            "cause": None, "catalog": "sha256:" + "0" * 64, "text": {"vi": "x", "en": "x"}, **more}
    headers = {} if term is None else {"headers": f"content-type=application/cloudevents+json,term={term},writer=w{term}"}
    return {"key": key, "offset": offset, **headers, "value": {"specversion": "1.0", "id": f"{key}#{since}.{revision}", "source": SOURCE, "type": "vn.par.alert.v1",
                                                    "subject": key, "time": since, "data": data}}


class History(unittest.TestCase):
    def wrong(self, *records, compacted=False, faults=False):
        for i, r in enumerate(records):
            r["offset"] = r["offset"] or i
        return alerts.history(records, SOURCE, compacted, faults)[0]

    def refuse(self, says, *records):
        self.assertIn(says, "\n".join(self.wrong(*records)))

    def changed(self, change, **more):
        r = copy.deepcopy(record(**more))
        change(r["value"])
        return r

    def test_a_clean_life(self):
        self.assertEqual(self.wrong(record("pending"), record("inactive", 2), record("pending", 1, 5), record("firing", 2, 5), record("firing", 3, 5, "warning", clearing="2021-03-01T03:00:00Z"),
                                    record("resolved", 4, 5), record("firing", 1, 9), record("firing", 1, key="F/c/B/2021")), [])

    def test_one_id_has_one_content(self):
        self.refuse("two different contents", record(), record(initial=True))

    def test_ids_and_subjects(self):
        self.refuse("is not key#since.revision", self.changed(lambda v: v.update(id=v["id"][:-1] + "2")))
        self.refuse("is not key#since.revision", self.changed(lambda v: v["data"].update(since="2021-03-01T02:00:01Z")))
        self.refuse("subject F/c/B/2021 is not the key", self.changed(lambda v: v.update(subject="F/c/B/2021")))
        self.refuse("the data tell of F/c/B/2021", self.changed(lambda v: v["data"]["agency"].update(id="B")))

    def test_revisions_and_states(self):
        self.refuse("begins with revision 2", record(revision=2))
        self.assertEqual(self.wrong(record(revision=2), compacted=True), [])
        self.refuse("begins as resolved", record("resolved"))
        self.refuse("revision 2 after 3", record(), record(revision=3), record(revision=2))
        self.refuse("revision 1 after 1", record(), record())
        self.refuse("firing after resolved", record(), record("resolved", 2), self.changed(lambda v: v.update(time="2021-03-01T02:30:00Z"), state="firing", revision=3))
        # Fired, ended and fired again in one instant: the numbering goes on.
        self.assertEqual(self.wrong(record(), record("resolved", 2), record("firing", 3)), [])
        self.refuse("resolved after resolved", record(), record("resolved", 2), record("resolved", 3))
        self.refuse("pending after firing", record(), record("pending", 2))
        self.refuse("resolved after pending", record("pending"), record("resolved", 2))
        self.refuse("inactive after firing", record(), record("inactive", 2))
        self.refuse("while another one lives", record(), record(minute=5))
        self.refuse("before an earlier one", record(minute=5), record("resolved", 2, 5), record(minute=3))

    def test_with_faults_the_greatest_term_is_the_truth(self):
        stale = [record(term=4), record(term=6, revision=2, state="resolved"), record(term=4, revision=2)]
        self.assertIn("stands last, though the truth is term 6", "\n".join(self.wrong(*stale, faults=True)))
        self.assertEqual(self.wrong(*stale, record("resolved", 3, term=6), faults=True), [])
        _, last = alerts.history([{**r, "offset": i} for i, r in enumerate(stale)], SOURCE, False, True)
        self.assertEqual(last[KEY]["state"], "resolved")
        self.assertTrue(self.wrong(*stale, record("resolved", 3, term=6)), "without --faults it is one history")

    def test_with_faults_a_write_may_come_again_and_ids_differ_only_between_terms(self):
        self.assertEqual(self.wrong(record(term=4), record(term=4), faults=True), [])
        self.assertIn("stands last", "\n".join(self.wrong(record(term=4), record("resolved", 2, term=4), record(term=4), faults=True)))
        self.assertIn("two different contents", "\n".join(self.wrong(record(term=4), record(term=4, initial=True), faults=True)))
        self.assertEqual(self.wrong(record(term=4), record(term=5, initial=True), faults=True), [])

    def test_with_faults_a_term_is_judged_as_ever(self):
        wrong = self.wrong(record(term=4), record(minute=5, term=4), faults=True)
        self.assertIn("while another one lives", "\n".join(wrong))
        self.assertEqual(self.wrong(record(term=4), record(minute=5, term=5), faults=True), [], "its writer did not know of the other")

    def test_arithmetic(self):
        self.refuse("value 0.3334 does not stand for 1/3", record(value=Decimal("0.3334"), cell=(1, 3)))
        self.refuse("value 0.0 does not stand for 0/0", record("resolved", 2, cell=(0, 0)))
        self.refuse("which is not below threshold", record(value=Decimal("0.5"), cell=(1, 2)))
        self.refuse("which is not above threshold", record(reason="above_threshold"))
        self.assertEqual(self.wrong(record(value=Decimal("0.3333"), cell=(1, 3)), record(key="F/n/A/2021", value=1, cell=(1, None), reason="above_threshold")), [])

    def test_tombstones_order_and_garbage(self):
        self.refuse("tombstone", {"key": KEY, "value": None, "offset": 1})
        self.refuse("not in topic order", {**record(), "offset": 7}, {**record("resolved", 2), "offset": 6})
        self.assertTrue(self.wrong({"key": KEY, "value": {"source": SOURCE}, "offset": 1}))

    def test_other_daemons_are_left_alone(self):
        self.assertEqual(self.wrong(self.changed(lambda v: v.update(source="urn:other", id="?"))), [])

    @unittest.skipUnless(alerts.validator(), "no jsonschema")
    def test_schema(self):
        for change in (lambda v: v.update(extra=1), lambda v: v.pop("time"), lambda v: v["data"].update(state="asleep"), lambda v: v["data"].update(extra=1),
                       lambda v: v["data"]["agency"].update(extra=1), lambda v: v["data"]["agency"].pop("parent"), lambda v: v["data"]["criterion"].update(lead=3),
                       lambda v: v["data"].update(catalog="sha256:xyz"), lambda v: v.update(time="2021-03-01T02:00:00"), lambda v: v["data"].update(reason="recovered"),
                       lambda v: v["data"].update(resolved="2021-03-01T02:00:00Z"), lambda v: v["data"]["text"].pop("en"), lambda v: v["data"].update(cause={"topic": "t"})):
            self.refuse("$", self.changed(change))


class WholeTopic(CaseFolder):
    """Scores and topic together, through the command."""

    def run_on(self, records, *options):
        rule = {"warning": {"below": "90%", "clear": "95%"}, "critical": {"below": "50%", "clear": "60%"}}
        late = message("D", due="2021-03-01T00:00:00Z", finished="2021-03-09T00:00:00Z")
        case = self.folder([late, message("E", agency="B")], [criterion(alert=rule), criterion("d", alert=rule, levels=["district"])])
        dump = case / "dump.ndjson"
        dump.write_text("".join(json.dumps({**r, "value": alerts.plain(r["value"])}) + "\n" for r in records))
        result = subprocess.run([sys.executable, HERE / "alerts.py", case, dump, *options], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0 if result.stdout.endswith(" 0 violations\n") else 1, result.stderr)
        return result.stdout

    def test_the_right_topic_passes(self):
        self.assertEqual(self.run_on([record()]), "1 records, 0 violations\n")

    def test_what_should_be_alerting_must_be_there(self):
        self.assertIn(f"{KEY}: no record at 0/1, want critical", self.run_on([]))
        self.assertIn(f"{KEY}: resolved at 0/1, want critical", self.run_on([record(), record("resolved", 2, offset=1)]))

    def test_what_is_well_must_not_alert(self):
        self.assertIn("F/d/B/2021: critical firing at 1/1, which is cleared", self.run_on([record(), record(key="F/d/B/2021", offset=1)]))
        self.assertIn("F/d/H21/2021: firing, but nothing judges this key", self.run_on([record(), record(key="F/d/H21/2021", offset=1)]))

    def test_the_clock_closes_periods(self):
        self.assertEqual(self.run_on([record()], "--now", "2022-03-01T23:59:59+07:00"), "1 records, 0 violations\n")
        self.assertIn("period is closed", self.run_on([record()], "--now", "2022-03-02T00:00:00+07:00"))
        self.assertEqual(self.run_on([], "--now", "2022-03-02T00:00:00+07:00"), "0 records, 0 violations\n")

    def test_another_source_is_not_ours(self):
        self.assertIn("want critical", self.run_on([record(key="F/x/A/2021")], "--source", "urn:other"))


class Rejections(unittest.TestCase):
    # 0 good, 1 to 6 garbage, 7 good; 1 and 2 are told.
    SENT = [{"partition": 0, "offset": offset, "counts": offset in (0, 7)} for offset in range(8)]

    def told(self, offset, reason="not_json"):
        return {"key": f"t-0-{offset}.0", "value": {"reason": reason, "topic": "t", "partition": 0, "offset": offset, "index": 0}}

    def left_out(self, first, last, **reasons):
        return {"key": f"t-0-{first}..{last}", "value": {"reason": "left_out", "count": sum(reasons.values()), "reasons": reasons, "topic": "t", "partition": 0,
                                                         "first_offset": first, "last_offset": last}}

    def wrong(self, *records):
        return rejections.judge(self.SENT, [self.told(1), self.told(2), *records])[0]

    def test_told_or_left_out_is_well(self):
        self.assertEqual(self.wrong(*(self.told(offset) for offset in range(3, 7))), [])
        self.assertEqual(self.wrong(self.left_out(3, 6, not_json=3, tombstone=1)), [])
        # One process was killed after its first word, another read all of it.
        self.assertEqual(self.wrong(self.left_out(3, 4, not_json=2), self.left_out(2, 6, not_json=5)), [])
        self.assertEqual(self.wrong(self.left_out(3, 5, not_json=3), self.told(6)), [])
        # A status of an unknown agency counts, and is told all the same.
        self.assertEqual(self.wrong(self.left_out(0, 7, not_json=4, unknown_agency=2), self.told(7, "unknown_agency")), [])

    def test_silence_is_not(self):
        self.assertIn("4 of 6 messages that cannot be counted were dropped silently: [(0, 3)", self.wrong()[0])
        self.assertIn("1 of 6 messages that cannot be counted were dropped silently: [(0, 6)]", self.wrong(self.left_out(3, 5, not_json=3))[0])
        self.assertIn("says that 3 were left out, but of those between 4 are told nowhere", self.wrong(self.left_out(3, 6, not_json=3))[0])
        self.assertIn("says that 3 were left out, but of those between 4 are told nowhere", self.wrong(self.left_out(3, 6, not_json=3, unknown_agency=1))[0])

    def test_nothing_is_claimed_that_is_not_there(self):
        self.assertIn("says that 5 were left out, but between are only 4 that cannot be counted", self.wrong(self.left_out(3, 6, not_json=5))[0])
        self.assertIn("begins or ends at a message that can be counted", self.wrong(self.left_out(3, 7, not_json=4))[0])
        self.assertIn("told as not_json, but it can be counted", self.wrong(self.left_out(3, 6, not_json=4), self.told(7))[0])
        other = self.left_out(3, 6, not_json=4)
        self.assertIn("but the reasons are", self.wrong({**other, "value": {**other["value"], "count": 5}})[0])
        self.assertIn("speaks of", self.wrong({**other, "key": "t-0-3..5"})[0])
        self.assertIn("speaks of", self.wrong(other, {**self.told(3), "key": "t-0-4.0"})[0])

    def test_each_life_of_a_topic_has_offsets_of_its_own(self):
        def sent(life, offset, value, **more):
            return {"life": life, "partition": 0, "offset": offset, "value": base64.b64encode(value).decode(), **more}

        def told(offset, value):
            record = self.told(offset)
            return {**record, "value": {**record["value"], "sha256": hashlib.sha256(value).hexdigest()}}

        # Garbage lay where a good message lies now, and the other way round.
        lives = [sent(0, 0, b"old garbage", counts=False), sent(0, 1, b"old", counts=True), sent(1, 0, b"new", counts=True), sent(1, 1, b"new garbage", counts=False)]
        wrong = lambda *records: rejections.judge(lives, records)[0]
        self.assertEqual(wrong(told(0, b"old garbage"), told(1, b"new garbage")), [])
        self.assertIn("told as not_json, but it can be counted", wrong(told(0, b"new"), told(0, b"old garbage"), told(1, b"new garbage"))[0])
        self.assertIn("that never lay there", wrong(told(1, b"old garbage"), told(0, b"old garbage"), told(1, b"new garbage"))[0])
        self.assertIn("1 of 1 messages that cannot be counted were dropped silently: [(0, 1)]", wrong(told(0, b"old garbage"))[0])
        self.assertEqual(wrong(self.left_out(0, 0, not_json=1), self.left_out(1, 1, not_json=1)), [])
        self.assertIn("between are only 1 that cannot be counted", wrong(self.left_out(0, 1, not_json=2))[0])
        # What was lost with its topic nobody need tell.
        lives[0]["owed"] = False
        self.assertEqual(wrong(told(1, b"new garbage")), [])
        self.assertEqual(wrong(told(0, b"old garbage"), told(1, b"new garbage")), [])
        self.assertIn("dropped silently", wrong(told(0, b"old garbage"))[0])


class Schemas(unittest.TestCase):
    def check(self, name, line):
        import jsonschema
        schema = json.loads((HERE.parents[1] / "docs/schemas" / f"{name}.json").read_text(encoding="utf-8"))
        return [e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(line)]

    GOOD = {
        "score.v1": {"specversion": "1.0", "id": "i", "source": "s", "type": "vn.par.score.v1", "subject": KEY, "time": "2021-03-01T00:00:00+07:00",
                     "data": {"agency": "A", "framework": "F", "criterion": "c", "period": "2021", "numerator": 0, "denominator": 0, "value": None, "target": 1.0, "met": None,
                              "points": None, "applicable": True, "as_of": "2021-03-01T00:00:00+07:00"}},
        "rejected.v1": {"reason": "bad_value", "field": "time", "source": None, "topic": "t", "partition": 0, "offset": 7, "index": 0, "size": 3, "sha256": "0" * 64,
                        "time": "2021-03-01T00:00:00Z"},
        "dossier.v1": message("D", state="accepted", due=None),
        "replay-score.v1": {"key": KEY, "numerator": 1, "denominator": None, "value": 1},
        "replay-rejection.v1": {"line": 1, "reason": "not_json", "field": None},
    }

    @unittest.skipUnless(alerts.validator(), "no jsonschema")
    def test_good_lines_pass_and_broken_ones_do_not(self):
        for name, good in self.GOOD.items():
            self.assertEqual(self.check(name, good), [], name)
            for field in good:
                self.assertTrue(self.check(name, {k: v for k, v in good.items() if k != field}), f"{name} without {field}")
            self.assertEqual(bool(self.check(name, {**good, "extra": 1})), name != "dossier.v1", name)
        for change in ({"state": 11}, {"state": "2"}, {"state": 2.5}, {"state": True}, {"filing": "fax"}, {"received": "2021-03-01"}, {"due": 5}, {"level": 9}, {"supplements": -1},
                       {"agency": " "}, {"agency": None}, {"deleted": "yes"}, {"apologised": "yes"}):
            self.assertTrue(self.check("dossier.v1", message("D", **change) if "deleted" not in change else {**message("D"), "data": change}), change)
        self.assertEqual(self.check("dossier.v1", message("D", deleted=True)), [])

    @unittest.skipUnless(alerts.validator(), "no jsonschema")
    def test_validate_tells_the_line(self):
        schema = HERE.parents[1] / "docs/schemas/replay-rejection.v1.json"
        run = lambda text: subprocess.run([sys.executable, HERE / "validate.py", schema, "-"], input=text, capture_output=True)
        good = json.dumps(self.GOOD["replay-rejection.v1"]).encode() + b"\n"
        self.assertEqual((run(good).returncode, run(good).stdout), (0, b"1 lines, 0 wrong\n"))
        for bad in (b"{}\n", b"{\n", b"\xff\n", b'{"line":NaN,"reason":"not_json","field":null}\n'):
            result = run(good + bad)
            self.assertEqual(result.returncode, 1)
            self.assertIn(b"-:2: ", result.stdout)


if __name__ == "__main__":
    unittest.main()
