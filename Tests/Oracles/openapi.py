#!/usr/bin/env python3
"""Walks every path of docs/openapi.yaml on a running daemon: each answer must have a status, a type and a body that the document knows, every filter must do what it says, and what the
document does not know must be refused. Needs the packages PyYAML and jsonschema.

usage: openapi.py BASE_URL [TOKEN]      exit 1 if anything is wrong
"""
import json
import pathlib
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

import jsonschema
import yaml

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
wrong = []
checked = 0


def resolved(node, document, folder):
    """With every $ref replaced by what it names; the schemas hold no circles."""
    if isinstance(node, list):
        return [resolved(item, document, folder) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        file, _, pointer = node["$ref"].partition("#")
        if file:
            document = json.loads((folder / file).read_text(encoding="utf-8"))
        target = document
        for part in filter(None, pointer.split("/")):
            target = target[part]
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return {**resolved(target, document, folder), **resolved(rest, document, folder)}
    return {key: resolved(value, document, folder) for key, value in node.items() if key != "$defs"}


class Daemon:
    def __init__(self, base, token):
        self.base, self.token = base, token

    def ask(self, target, method="GET", token=True):
        request = urllib.request.Request(self.base + target, method=method)
        if self.token and token:
            request.add_header("Authorization", "Bearer " + self.token)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read()


def expect(condition, text):
    global checked
    checked += 1
    if not condition:
        wrong.append(text)


def check(what, operation, answer, status):
    """The answer has this status, and is what the document says of it; returns its JSON."""
    found, headers, body = answer
    expect(found == status, f"{what}: {found} instead of {status}: {body[:200]!r}")
    known = operation["responses"].get(str(found))
    if known is None:
        expect(False, f"{what}: the document knows no {found}")
        return None
    kind, content = next(iter(known["content"].items()))
    expect(headers.get_content_type() == kind, f"{what}: {headers.get_content_type()} instead of {kind}")
    if kind != "application/json":
        return None
    value = json.loads(body)
    for error in jsonschema.Draft202012Validator(content["schema"]).iter_errors(value):
        expect(False, f"{what}: {error.json_path}: {error.message}")
    return value


# What an item says of a filter.
FIELDS = {
    "alerts": {"agency": ("data", "agency", "id"), "framework": ("data", "criterion", "framework"), "criterion": ("data", "criterion", "code"), "period": ("data", "period"),
               "state": ("data", "state"), "severity": ("data", "severity")},
    "scores": {name: ("data", name) for name in ("agency", "framework", "criterion", "period")},
    "points": {name: (name,) for name in ("agency", "framework", "period")},
    "agencies": {"agency": ("id",), "level": ("level",), "parent": ("parent",)},
    "criteria": {"framework": ("framework",), "criterion": ("code",)},
    "frameworks": {"framework": ("id",)},
    "sources": {"source": ("source",)},
    "partitions": {"topic": ("topic",)},
}


def said(item, path):
    for part in path:
        item = item[part]
    return item


def items(daemon, path, query):
    """All of a list, by pages of three."""
    found, total = [], None
    while total is None or len(found) < total:
        status, _, body = daemon.ask(f"{path}?{urllib.parse.urlencode({**query, 'limit': 3, 'offset': len(found)})}")
        page = json.loads(body)
        expect(status == 200 and len(page["items"]) <= 3 and (page["limit"], page["offset"]) == (3, len(found)), f"{path} {query}: a page of {len(page['items'])} from {page['offset']}")
        expect(total in (None, page["total"]), f"{path} {query}: {total} in all, then {page['total']}")
        total = page["total"]
        if not page["items"]:
            break
        found += page["items"]
    expect(len(found) == total, f"{path} {query}: {len(found)} items on all pages, but {total} in all")
    return found


def stable(item):
    """Without what the clock changes between two questions."""
    return {key: stable(value) if isinstance(value, dict) else value for key, value in item.items() if key not in ("as_of", "time", "id", "lag", "lag_seconds", "next_offset")} | (
        {"id": item["id"]} if "subject" not in item and "id" in item else {})


def walk_list(daemon, path, operation, kept):
    kind = path.rsplit("/", 1)[1]
    everything = items(daemon, path, {})
    kept[kind] = len(everything)
    for parameter in operation["parameters"]:
        name, schema = parameter["name"], parameter["schema"]
        check(f"{path}?{name}=(nothing)", operation, daemon.ask(f"{path}?{name}="), 400)
        check(f"{path}?{name} twice", operation, daemon.ask(f"{path}?{name}=1&{name}=1"), 400)
        if schema.get("type") == "integer":
            for value in (schema["minimum"] - 1, schema["maximum"] + 1, "x", "1.5", "99999999999999999999"):
                check(f"{path}?{name}={value}", operation, daemon.ask(f"{path}?{name}={value}"), 400)
            for value in (schema["minimum"], schema["maximum"]):
                check(f"{path}?{name}={value}", operation, daemon.ask(f"{path}?{name}={value}"), 200)
            continue
        field = FIELDS[kind][name]
        if "enum" in schema:
            check(f"{path}?{name}=nonsense", operation, daemon.ask(f"{path}?{name}=nonsense"), 400)
        for value in schema.get("enum", []) + sorted({said(item, field) for item in everything if said(item, field) is not None}) + ["Sở Tư pháp & 100%"] * ("enum" not in schema):
            found = items(daemon, path, {name: value})
            expected = [item for item in everything if said(item, field) == value]
            expect([stable(item) for item in found] == [stable(item) for item in expected], f"{path}?{name}={value}: {len(found)} items instead of {len(expected)}")
            if name in ("agency", "parent"):   # codes are trimmed and upper-cased
                found = items(daemon, path, {name: f" {value.lower()} "})
                expect([stable(item) for item in found] == [stable(item) for item in expected], f"{path}?{name}= {value.lower()} : {len(found)} items instead of {len(expected)}")
    known = {parameter["name"] for parameter in operation["parameters"]}
    expect(known == set(FIELDS[kind]) | {"limit", "offset"}, f"{path}: the document's filters are {sorted(known)}")
    error = check(f"{path}?nonsense=1", operation, daemon.ask(f"{path}?nonsense=1"), 400)
    expect(error and all(name in error["error"]["message"] for name in known), f"{path}: the refusal of an unknown filter names {error}")
    error = check(f"{path}?limt=1", operation, daemon.ask(f"{path}?limt=1"), 400)
    expect(error and "did you mean 'limit'" in error["error"]["message"], f"{path}?limt: {error}")
    check(f"{path}?limit=%ff", operation, daemon.ask(f"{path}?limit=%ff"), 400)
    check(f"{path}?limit=%4", operation, daemon.ask(f"{path}?limit=%4"), 400)


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    raw = yaml.safe_load((DOCS / "openapi.yaml").read_text(encoding="utf-8"))
    document = resolved(raw, raw, DOCS)
    daemon = Daemon(arguments[0].rstrip("/"), arguments[1] if len(arguments) == 2 else None)
    kept = {}
    for path, operations in document["paths"].items():
        operation = operations["get"]
        whole = check(path, operation, daemon.ask(path), 200)
        status, headers, body = daemon.ask(path, "HEAD")
        expect(status == 200 and body == b"" and int(headers["content-length"]) > 0, f"HEAD {path}: {status}, {len(body)} bytes")
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            status, headers, body = daemon.ask(path, method)
            expect(status == 405 and headers["allow"] == "GET, HEAD" and json.loads(body)["error"]["status"] == 405, f"{method} {path}: {status}")
        if daemon.token:
            status, headers, body = daemon.ask(path, token=False)
            expected = 200 if {} in operation.get("security", []) else 401
            expect(status == expected and (status == 200 or headers["www-authenticate"].startswith("Bearer")), f"{path} without a token: {status} instead of {expected}")
        if operation.get("parameters"):
            expect(whole is not None and whole["limit"] == 100 and whole["offset"] == 0, f"{path}: limit and offset are {whole and (whole['limit'], whole['offset'])}")
            walk_list(daemon, path, operation, kept)
    status, _, body = daemon.ask("/no/such/thing/at/all")
    message = json.loads(body)["error"]["message"]
    expect(status == 404 and set(re.findall(r"/[a-z0-9/]+", message.partition("there are ")[2])) == set(document["paths"]), f"/no/such/thing: {status} {message}")
    status, _, body = daemon.ask("/api/v1/alert")
    expect(status == 404 and "'/api/v1/alerts'" in json.loads(body)["error"]["message"], f"/api/v1/alert: {status} {body!r}")
    for text in wrong:
        print(text)
    print(f"{len(document['paths'])} paths, {checked} checks, {len(wrong)} wrong; items: {', '.join(f'{count} {kind}' for kind, count in sorted(kept.items()))}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
