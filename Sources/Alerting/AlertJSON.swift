public import Catalog
public import JSON
import Scoreboard

extension AlertRecord {
    public static let type = "vn.par.alert.v1"
    /// No incident changes so often. What goes on from a forged number must stay far below 2^53, which every reader of JSON can tell from the next.
    static let endOfRevisions: Int64 = 1 << 40
    /// Of one text, in bytes; a catalog's names have a few hundred. Texts of a forged record may be carried on: what we make of them must be read back, even if
    /// every byte of it has to be escaped.
    static let longestText = 4_096
    /// What people read has names, codes and period in it.
    static let longestWording = 32_768

    /// A CloudEvent, structured, on one line. Times are local to `zone`.
    public func json(in zone: Zone) -> [UInt8] {
        var writer = JSONWriter()
        func time(_ instant: Instant?) -> String? { instant.map { Timestamp.text($0, in: zone) } }
        writer.object { event in
            event.string("specversion", "1.0")
            event.string("id", id)
            event.string("source", source)
            event.string("type", Self.type)
            event.string("subject", key)
            event.string("time", time(self.time))
            event.object("data") { data in
                data.string("state", incident.state.rawValue)
                data.string("severity", incident.severity.rawValue)
                data.string("reason", incident.reason.rawValue)
                data.string("since", time(incident.since))
                data.integer("revision", incident.revision)
                data.string("resolved", time(incident.resolved))
                data.string("clearing", time(incident.clearing))
                data.bool("initial", initial)
                data.object("agency") {
                    $0.string("id", agency.id)
                    $0.string("name", agency.name)
                    $0.string("level", agency.level)
                    $0.string("parent", agency.parent)
                }
                data.object("criterion") {
                    $0.string("framework", criterion.framework)
                    $0.string("code", criterion.code)
                    $0.string("name", criterion.name)
                    $0.string("lead", criterion.lead)
                }
                data.string("period", period)
                data.literal("value", score.value.map(\.description) ?? "null")
                data.literal("numerator", score.written.description)
                data.integer("denominator", score.denominator)
                data.literal("threshold", threshold.description)
                data.literal("clear", clear.description)
                data.literal("target", target.map(\.description) ?? "null")
                if let cause {
                    data.object("cause") {
                        $0.string("topic", cause.topic)
                        $0.integer("partition", cause.partition)
                        $0.integer("offset", cause.offset)
                    }
                } else {
                    data.literal("cause", "null")
                }
                data.string("catalog", catalog)
                data.object("text") {
                    $0.string("vi", text.vi)
                    $0.string("en", text.en)
                }
            }
        }
        return writer.bytes
    }

    /// Reads a record back; nil if it is not one of ours in form, or is beyond what ours can come to. The key of the Kafka record must be its subject.
    public init?(key: String, json bytes: UnsafeRawBufferPointer, reader: JSONReader) {
        func instant(_ value: JSONValue?) -> Instant? { value?.string.flatMap(Timestamp.parse) }
        guard let event = try? reader.parse(bytes), event["type"]?.text == Self.type, event["subject"]?.shortText == key, let source = event["source"]?.shortText,
              let time = instant(event["time"]), let data = event["data"],
              let state = data["state"]?.text.flatMap(AlertState.init(rawValue:)), let severity = data["severity"]?.text.flatMap(Severity.init(rawValue:)),
              let reason = data["reason"]?.text.flatMap(AlertReason.init(rawValue:)), let since = instant(data["since"]),
              let revision = data["revision"]?.integer, (1..<Self.endOfRevisions).contains(revision), let agency = Agency(data["agency"]), let criterion = Criterion(data["criterion"]),
              let period = data["period"]?.shortText, let score = Score(data["numerator"], data["denominator"]), data["denominator"]?.integer ?? 0 >= 0, let threshold = ExactDecimal(data["threshold"]), let clear = ExactDecimal(data["clear"])
        else { return nil }
        self.init(
            key: key, source: source, time: time,
            incident: Incident(since: since, revision: revision, state: state, severity: severity, reason: reason, clearing: instant(data["clearing"]), resolved: instant(data["resolved"]), told: time),
            initial: data["initial"]?.bool ?? false, agency: agency, criterion: criterion, period: period,
            score: score, threshold: threshold, clear: clear, target: ExactDecimal(data["target"]),
            cause: Cause(data["cause"]), catalog: data["catalog"]?.shortText ?? "",
            text: Bilingual(vi: data["text"]?["vi"]?.text(atMost: Self.longestWording) ?? "", en: data["text"]?["en"]?.text(atMost: Self.longestWording) ?? ""))
    }
}

extension JSONValue {
    fileprivate func text(atMost bytes: Int) -> String? { string.flatMap { $0.count <= bytes ? String(decoding: $0, as: UTF8.self) : nil } }
    fileprivate var shortText: String? { text(atMost: AlertRecord.longestText) }
}

extension AlertRecord.Agency {
    fileprivate init?(_ value: JSONValue?) {
        guard let id = value?["id"]?.shortText, let name = value?["name"]?.shortText, let level = value?["level"]?.shortText else { return nil }
        self.init(id: id, name: name, level: level, parent: value?["parent"]?.shortText)
    }
}

extension AlertRecord.Criterion {
    fileprivate init?(_ value: JSONValue?) {
        guard let framework = value?["framework"]?.shortText, let code = value?["code"]?.shortText, let name = value?["name"]?.shortText else { return nil }
        self.init(framework: framework, code: code, name: name, lead: value?["lead"]?.shortText)
    }
}

extension AlertRecord.Cause {
    fileprivate init?(_ value: JSONValue?) {
        guard let topic = value?["topic"]?.shortText, let partition = value?["partition"]?.integer, let offset = value?["offset"]?.integer else { return nil }
        self.init(topic: topic, partition: partition, offset: offset)
    }
}

extension Score {
    /// What was a count and what an amount is not told apart here: whoever reads a record back judges anew.
    fileprivate init?(_ numerator: JSONValue?, _ denominator: JSONValue?) {
        if let whole = numerator?.integer {
            self.init(numerator: whole, denominator: denominator?.integer)
        } else if let number = numerator?.number {
            // An amount with places beyond what a JSON number says exactly is near enough.
            self.init(amount: ExactDecimal(nearest: number) ?? ExactDecimal(mantissa: Int64(exactly: number.rounded()) ?? .max, scale: 0))
        } else {
            return nil
        }
    }
}

extension ExactDecimal {
    /// A threshold as we wrote it: at most nine places, so its nearest nine-place decimal is itself.
    fileprivate init?(_ value: JSONValue?) {
        guard let number = value?.number else { return nil }
        self.init(nearest: number)
    }
}
