"""Other formats than CloudEvents, for the oracle of law 1: what a record says, as CloudEvents that say the same. Written from docs/formats.md.

A record is {"format", "topic", "timestamp": milliseconds or null, "value": its text, "states": iGate's numbers, optional}. What is not acceptable is an error.
The `id` of a message is the text of all fields that are read, so that ties are broken as the documentation says.
"""
import json
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timezone

STATES = {0: 1, 1: 5, 2: 4, 3: 8, 4: 9, 5: 10, 6: 7}


def messages(record, zone):
    return {"dvcqg": dvcqg, "igate": igate, "edxml": edxml}[record["format"]](record, zone)


def utc(instant):
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local(text, pattern, zone):
    """A local time; of two the first (fold 0)."""
    return utc(datetime.strptime(text, pattern).replace(tzinfo=zone)) if text else None


def timestamp(record):
    return utc(datetime.fromtimestamp(record["timestamp"] // 1000, timezone.utc).replace(microsecond=record["timestamp"] % 1000 * 1000))


def event(type_, source, subject, time, fields, data):
    return {"specversion": "1.0", "id": "".join(f"{field or ''}\n" for field in fields), "source": source, "type": f"vn.par.{type_}.v1", "subject": subject,
            "time": time, "data": {k: v for k, v in data.items() if v is not None}}


def dvcqg(record, zone):
    value, time = json.loads(record["value"]), timestamp(record)
    source = f"urn:dvcqg:{value.get('madonvi') or record['topic']}"
    for part in value["data"]:
        read = lambda name: part.get(name) or None
        day = lambda name: local(read(name), "%Y%m%d%H%M%S", zone)
        if value["service"] == "CapNhatTienDoHoSoMC":
            fields = [read(n) for n in ("MaHoSo", "TrangThai", "ThoiDiemXuLy")]
            yield event("dossier.progress", source, fields[0], time, fields, {"state": int(fields[1]), "at": day("ThoiDiemXuLy")})
            continue
        names = ("MaHoSo", "MaTTHC", "MaLinhVuc", "DonViXuLy", "TrangThaiHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "KenhThucHien", "HinhThuc")
        supplements = min(2, len(read("DanhSachHoSoBoSung") or []))
        yield event("dossier", source, read("MaHoSo"), time, [read(n) for n in names] + [str(supplements) if supplements else ""], {
            "agency": read("DonViXuLy"), "procedure": read("MaTTHC"), "sector": read("MaLinhVuc"), "state": int(read("TrangThaiHoSo")), "received": day("NgayTiepNhan"),
            "due": day("NgayHenTra"), "finished": day("NgayKetThucXuLy"), "returned": day("NgayTra"), "supplements": supplements,
            "filing": {None: "counter", "1": "counter", "2": "online", "3": "post"}[read("KenhThucHien")],
            "return": {None: None, "0": "counter", "1": "post"}[read("HinhThuc")]})


def igate(record, zone):
    value, time = json.loads(record["value"]), timestamp(record)
    states = {**STATES, **{int(k): v for k, v in record.get("states", {}).items()}}
    status = value["dossierStatus"]
    number = status["id"] if isinstance(status, dict) else status
    agency, procedure = value["agency"], value["procedure"]
    code = agency.get("code") or agency["parent"]["code"]
    sector = (procedure.get("sector") or {}).get("code") or None
    iso = lambda name: value.get(name) and utc(datetime.fromisoformat(value[name][:-2] + ":" + value[name][-2:] if value[name][-5] in "+-" else value[name].replace("Z", "+00:00")))

    def channel(field, otherwise):
        name = (value.get(field) or {}).get("name")
        name = (name[0]["name"] if isinstance(name, list) else name or "").lower()
        return "online" if "trực tuyến" in name else "post" if "bưu" in name else "counter" if "trực tiếp" in name else otherwise

    filing, returning = channel("applyMethod", "counter"), channel("dossierReceivingKind", None)
    times = [value.get(n) for n in ("acceptedDate", "appliedDate", "appointmentDate", "dueDate", "completedDate", "returnedDate")]
    yield event("dossier", f"urn:igate:{record['topic']}", value["code"], time, [value["code"], str(number), procedure["code"], sector, code] + times + [filing, returning], {
        "agency": code, "procedure": procedure["code"], "sector": sector, "state": states[number], "received": iso("acceptedDate") or iso("appliedDate"),
        "due": iso("appointmentDate") or iso("dueDate"), "finished": iso("completedDate"), "returned": iso("returnedDate"), "filing": filing, "return": returning})


def edxml(record, zone):
    root = ElementTree.fromstring(record["value"])
    found = {}

    def walk(element, path):
        path = path + [element.tag.rsplit("}", 1)[-1]]
        for end in ("Status/StatusCode", "MessageHeader/StatusCode", "Status/Timestamp", "MessageHeader/Timestamp", "ResponseFor/DocumentId", "Status/From/OrganId",
                    "MessageHeader/From/OrganId", "MessageHeader/DocumentId", "MessageHeader/To/OrganId", "TraceHeader/Timestamp", "Bussiness/Paper", "SignatureValue"):
            if "/".join(path).endswith("/" + end):
                found.setdefault(end, (element.text or "").strip())
        for child in element:
            walk(child, path)

    walk(root, [""])
    read = lambda *ends: next((found[e] for e in ends if found.get(e)), None)
    sender = read("Status/From/OrganId", "MessageHeader/From/OrganId")
    source, pattern = f"urn:edxml:{sender}", "%Y/%m/%d %H:%M:%S"
    said = read("Status/StatusCode", "MessageHeader/StatusCode")
    if said:
        text, document = read("Status/Timestamp", "MessageHeader/Timestamp"), read("ResponseFor/DocumentId")
        yield event("document.word", source, document, local(text, pattern, zone), [document, said, text], {"state": int(said)})
        return
    document, text, paper = read("MessageHeader/DocumentId"), read("TraceHeader/Timestamp"), read("Bussiness/Paper")
    signature, receiver, sent = read("SignatureValue"), read("MessageHeader/To/OrganId"), local(read("TraceHeader/Timestamp"), pattern, zone)
    yield event("document", source, document, sent, [document, text, paper, signature, receiver], {
        "agency": sender, "to": receiver, "sent": sent, "electronic": True, "paper": paper == "1", "signed": signature is not None})
