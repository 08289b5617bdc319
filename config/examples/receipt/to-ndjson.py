#!/usr/bin/env python3
"""Turns the receipt log into status messages: one vn.par.dossier.v1 CloudEvent a line, in order of time.

usage: to-ndjson.py LOG.xes[.gz] > receipt.ndjson

The log is "Receipt phase of an environmental permit application process (WABO), CoSeLoG project",
doi:10.4121/uuid:a07386a5-7be3-4367-9535-70bc9e77dbe6. Field names follow the published log (XES):

  case   concept:name                subject
         responsible                 agency: the case handler's id in agencies.yaml
         startdate                   received
         deadline                    due
         enddate                     finished; a case without one is still open
         channel                     filing: Internet and e-mail are online, Post is post, all else is the counter
  event  time:timestamp              time of a message

A case's first event says state 2 (accepted), the later ones 4 (processing). A case with an end date says state 9 (finished) once more,
at its end date or its last event, whichever is later. The log knows one procedure, and letters as its answers ("Print and send
confirmation of receipt"): return is post. An event's own org:resource is not used: a case has one handler from beginning to end.
"""
import gzip, json, sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime

# The case handlers in the order of agencies.yaml: the first is 000.00.01.NL1.
HANDLERS = """
    Resource21 Resource04 Resource11 Resource06 admin3 Resource22 Resource13 Resource08 admin1 Resource20
    Resource01 Resource05 Resource02 Resource12 Resource03 Resource09 Resource23 Resource14 Resource26 test
    Resource35 Resource18 Resource28 Resource07 Resource40 Resource17 Resource34 Resource15 Resource25 Resource51
    Resource37 Resource52 Resource32 Resource53 Resource29 Resource24 Resource33 Resource50 Resource54
""".split()
AGENCY = {name: f"000.00.{number:02}.NL1" for number, name in enumerate(HANDLERS, 1)}
FILING = {"Internet": "online", "e-mail": "online", "Post": "post"}


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def tag(element):
    return element.tag.rpartition("}")[2]  # without the namespace


def attributes(element):
    """The attributes of a trace or an event itself, not those nested in them."""
    return {child.get("key"): child.get("value") for child in element if child.get("key") is not None}


def cases(file):
    """Every case of the log: its attributes and the times of its events, earliest first."""
    for _, element in ElementTree.iterparse(file):
        if tag(element) == "trace":
            events = [attributes(child) for child in element if tag(child) == "event"]
            yield attributes(element), sorted((event["time:timestamp"] for event in events), key=instant)
            element.clear()


def messages(case, times):
    name, handler = case["concept:name"], case.get("responsible")
    if handler not in AGENCY:
        raise ValueError(f"{name}: responsible is {handler!r}, which is not one of the 39 case handlers of agencies.yaml")
    data = {"agency": AGENCY[handler], "procedure": "omgevingsvergunning", "state": 2, "received": case["startdate"]}
    if case.get("deadline"):
        data["due"] = case["deadline"]
    data |= {"filing": FILING.get(case.get("channel"), "counter"), "return": "post"}

    steps = [(time, {"state": 2 if number == 0 else 4}) for number, time in enumerate(times)]
    end = case.get("enddate")
    if end:
        steps.append((max(times[-1:] + [end], key=instant), {"state": 9, "finished": end}))
    for number, (time, change) in enumerate(steps):
        yield {"specversion": "1.0", "id": f"{name}-{number}", "source": "urn:wabo:nl", "type": "vn.par.dossier.v1",
               "subject": name, "time": time, "datacontenttype": "application/json", "data": data | change}


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    path = sys.argv[1]
    try:
        with open(path, "rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if packed else raw as file:
                found = [message for case, times in cases(file) for message in messages(case, times)]
    except KeyError as error:
        sys.exit(f"{path}: a case or an event has no {error}")
    except (OSError, EOFError, ElementTree.ParseError, ValueError) as error:
        sys.exit(f"{path}: {error}")
    for message in sorted(found, key=lambda message: (instant(message["time"]), message["id"])):
        print(json.dumps(message, ensure_ascii=False, separators=(",", ":")))


main()
