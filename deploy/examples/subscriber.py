#!/usr/bin/env python3
"""Prints what is alerting now, then every change, once. Needs python3-confluent-kafka.
usage: subscriber.py BROKERS TOPIC SOURCE     such as: subscriber.py kafka1:9092 par.alerts urn:parwatch:gia-lai"""
import json, sys
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

brokers, topic, source = sys.argv[1:4]
consumer = Consumer({"bootstrap.servers": brokers, "group.id": "none", "enable.auto.commit": False, "enable.partition.eof": True})
consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])   # no group: each start reads all, which is what is alerting now
truth, is_caught_up = {}, False                                 # key → (rank, alert)


def show(alert):
    data = alert["data"]
    print(alert["id"], data["state"], data["severity"], data["text"]["vi"], sep="\t", flush=True)


while True:
    message = consumer.poll(1)
    if message is None:
        continue
    if message.error():
        if message.error().code() == KafkaError._PARTITION_EOF and not is_caught_up:
            is_caught_up = True
            for _, alert in truth.values():
                if alert["data"]["state"] == "firing":
                    show(alert)
        continue
    try:
        alert = json.loads(message.value())
        if alert["source"] != source:
            continue   # another province on the same topic
        start, revision = alert["id"].split("#")[1].rsplit(".", 1)
        term = int(dict(message.headers() or []).get("term", -1))
        rank = (term, start, int(revision))   # the greatest is the truth: an overtaken leader may still write
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        continue   # not from parwatch
    held = truth.get(message.key())
    if held and rank <= held[0]:
        continue   # the same once more, or from who no longer leads
    truth[message.key()] = (rank, alert)
    if is_caught_up and not (held and held[1]["id"] == alert["id"]):
        show(alert)   # act here, once for each id
