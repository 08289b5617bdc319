"""Working days, duties and milestones, for the oracles. Shares nothing with the program: written from docs/clocks.md."""
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction

WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
ONE = timedelta(days=1)


class WorkingDays:
    """Monday to Friday but for the holidays, and the days that were swapped for some of them."""

    def __init__(self, documents):
        self.off, self.worked = set(), set()
        for document in documents:
            for holiday in document["holidays"]:
                day, last = date.fromisoformat(holiday["day"]), date.fromisoformat(holiday.get("until", holiday["day"]))
                while day <= last:
                    self.off.add(day)
                    day += ONE
            self.worked |= {date.fromisoformat(swap["day"]) for swap in document.get("swapped", [])}

    def holds(self, day):
        return day in self.worked if day.weekday() > 4 else day not in self.off

    def nth(self, day, n):
        while n:
            day += ONE
            n -= self.holds(day)
        return day

    def end(self, term, day):
        """The last day of a term; None without one."""
        if not term:
            return None
        day = date.fromisoformat(day)
        return (day + int(term["days"]) * ONE if "days" in term else self.nth(day, int(term["working_days"]))).isoformat()

    def shifted(self, day, shift):
        step = {"none": 0, "next_working_day": 1, "previous_working_day": -1}[shift]
        while step and not self.holds(day):
            day += step * ONE
        return day


def clamped(year, month, day):
    """The day of a month, or its last one."""
    year, month = (year + 1, month - 12) if month > 12 else (year, month)
    last = (date(year + month // 12, month % 12 + 1, 1) - ONE).day
    return date(year, month, min(int(day), last))


def day_of_year(text, of, year):
    month, day = text.split("-")
    return clamped(year + (of == "next"), int(month), day)


def due_days(duty, year, working):
    """The days on which a duty is due, as dates."""
    every, due, later = duty["every"], duty.get("due"), 1 if duty.get("of") == "next" else 0
    if every == "week":
        names = due if isinstance(due, list) else [due]
        days = [date(year, 1, 1) + n * ONE for n in range(366)]
        days = [d for d in days if d.year == year and WEEKDAYS[d.weekday()] in names]
    elif every == "year":
        days = [day_of_year(due, duty.get("of"), year)]
    else:
        months = {"month": range(1, 13), "quarter": range(3, 13, 3)}[every]
        days = [clamped(year, month + later, due or 31) for month in months]
    days = {working.shifted(d, duty.get("shift", "none")) for d in days}
    return sorted(d for d in days if duty.get("from", "0001-01-01") <= d.isoformat() <= duty.get("until", "9999-12-31"))


def slots(framework, criterion, duty, agencies, zone, working):
    """(subject, agency, due) of all that is owed. A due is a date, or `at:` and an instant in microseconds. `agencies`: (id, exists on a day?)."""
    for day in due_days(duty, framework.year, working):
        due, name = day.isoformat(), day.isoformat()
        if "at" in duty:
            local = datetime.combine(day, time.fromisoformat(duty["at"]), zone)     # fold 0: of two such times the first, of a skipped one as it would have been
            due, name = f"at:{(local.astimezone(timezone.utc) - EPOCH) // timedelta(microseconds=1)}", f"{name}T{duty['at']}"
        for agency, exists in agencies:
            if exists(name[:10]):
                yield f"{framework.name}/{criterion.code}/{agency}/{name}".strip().upper(), agency, due


def thresholds(alert, year, today):
    """The levels of a rule on a day: {severity: (direction, limit, clear)}, none of them before the first milestone has passed."""
    passed, coming = None, None
    for milestone in alert["milestones"]:
        by = day_of_year(milestone["by"], milestone.get("of"), year)
        name, = {"at_least", "at_most"} & milestone.keys()
        text = milestone[name].strip()
        level = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
        one = ({"at_least": "below", "at_most": "above"}[name], level, by)
        if by < today:
            passed = one
        elif coming is None:
            coming = one
    levels = {}
    if passed:
        direction, level, by = passed
        levels["critical"] = (direction, level, level)
        if coming and "early_warning" in alert:
            part = Fraction((today - by).days - 1, (coming[2] - by).days)
            line = Fraction(round((level + (coming[1] - level) * part) * 10_000), 10_000)      # half to even, as values are printed
            levels["warning"] = (direction, line, line)
    return levels
