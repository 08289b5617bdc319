#!/usr/bin/env python3
"""Whether docs/asyncapi.yaml names what there is: every schema and topic, and nothing else. Prints what is wrong; exit status 1 if anything is.
usage: asyncapi-check.py TOPIC:PARTITIONS:CLEANUP_POLICY …     the default topics, as `parwatch topics` prints them"""
import json, pathlib, sys, yaml

docs = pathlib.Path(__file__).resolve().parent.parent.parent / "docs"
page = yaml.safe_load((docs / "asyncapi.yaml").read_text())
wrong = []
schemas = set()   # files that are referred to


def walk(node, place):
    if isinstance(node, list):
        for index, item in enumerate(node):
            walk(item, f"{place}/{index}")
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key != "$ref":
            walk(value, f"{place}/{key}")
        elif value.startswith("#/"):
            target = page
            for step in value[2:].split("/"):
                target = target.get(step) if isinstance(target, dict) else None
            if target is None:
                wrong.append(f"{place}: nothing is at {value}")
        elif (docs / value).is_file():
            schemas.add(pathlib.Path(value).name)
        else:
            wrong.append(f"{place}: there is no file {value}")


walk(page, "")
if page["asyncapi"] != "3.0.0":
    wrong.append("it is not AsyncAPI 3.0.0")

# What replay prints is on no topic.
needed = {path.name for path in (docs / "schemas").iterdir() if not path.name.startswith("replay-")}
wrong += [f"schemas/{name} is not named" for name in sorted(needed - schemas)]
wrong += [f"schemas/{name} is on no topic" for name in sorted(schemas - needed)]

used = {message["$ref"].split("/")[-1] for channel in page["channels"].values() for message in channel["messages"].values()}
for name, message in page["components"]["messages"].items():
    if name not in used:
        wrong.append(f"message {name} is on no channel")
    file = message["payload"]["schema"]["$ref"]
    if not (docs / file).is_file():
        continue   # said above
    kind = json.loads((docs / file).read_text())["properties"].get("type", {}).get("const")
    if kind and kind != message["name"]:
        wrong.append(f"message {name} is called {message['name']}, its schema says {kind}")

topics = {}
for channel in page["channels"].values():
    kafka = channel["bindings"]["kafka"]
    if kafka["topic"] != channel["address"]:
        wrong.append(f"{channel['address']}: its binding says {kafka['topic']}")
    topics[channel["address"]] = f"{channel['address']}:{kafka['partitions']}:{','.join(kafka['topicConfiguration']['cleanup.policy'])}"
wrong += [f"topic {topic} is missing or told otherwise" for topic in sorted(set(sys.argv[1:]) - set(topics.values()))]
wrong += [f"topic {topic} is no default, or told otherwise" for topic in sorted(set(topics.values()) - set(sys.argv[1:]))]
acting = {operation["channel"]["$ref"].split("/")[-1] for operation in page["operations"].values()}
wrong += [f"nothing is done with channel {name}" for name in sorted(set(page["channels"]) - acting)]

print("\n".join(wrong))
sys.exit(1 if wrong else 0)
