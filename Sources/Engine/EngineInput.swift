import Catalog
import Intake
import Register
import Scoreboard

/// Records on their way in: each counts or is rejected.
extension Engine {
    /// Takes in `count` input records in their order; `record` hands them out by number. The clock must stand where they should be judged.
    public mutating func receive(_ count: Int, _ record: (Int) -> Record) {
        for first in stride(from: 0, to: count, by: Group.size) {
            read(first..<min(count, first + Group.size), record)
            for place in group.records.indices { receive(place, isReplay: false) }
        }
    }

    /// Takes in input records by event time, each as a step of its own: the clock is the greatest `time` so far. Judging must be on.
    public mutating func replay(_ count: Int, _ record: (Int) -> Record) {
        for first in stride(from: 0, to: count, by: Group.size) {
            read(first..<min(count, first + Group.size), record)
            for place in group.records.indices { receive(place, isReplay: true) }
        }
    }

    mutating func read(_ numbers: Range<Int>, _ record: (Int) -> Record) {
        group.read(numbers, record, by: intake, for: register, of: &sourceBook, bundles: bundles)
        counts.received += numbers.count
        // A topic that was made anew has other records at the same positions.
        digest = nil
    }

    /// Takes in the record at a place of the group.
    @inline(__always)
    mutating func receive(_ place: Int, isReplay: Bool) {
        let part = Part(source: group.source(at: place))
        do throws(Rejection) {
            switch group.other(at: place) {
            case nil: try receive(try group.status(at: place), group.records[place], part, isReplay)
            case .status(let status)?: try receive(status, group.records[place], part, isReplay)
            case .bundle?: receiveBundle(group.records[place], isReplay)
            }
        } catch {
            reject(error, group.records[place], part)
        }
    }

    @inline(__always)
    mutating func receive(_ status: DossierStatus, _ record: Record, _ part: Part, _ isReplay: Bool) throws(Rejection) {
        var status = status
        try sourceBook.check(part.source, .dossier, agency: status.content?.agency, topic: record.position.topic)
        let rank = sourceBook.rank(of: part.source)
        if rank > 0 { status.version.rank = rank }
        if isReplay {
            advance(to: status.version.time)
            // A status that comes too late for its period still moves the clock: the step is judged with it or without.
            defer { judge() }
            try accept(status, record, part)
        } else {
            try checkTime(status.version.time, part)
            try accept(status, record, part)
        }
    }

    mutating func receive(_ status: OtherStatus, _ record: Record, _ part: Part, _ isReplay: Bool) throws(Rejection) {
        var status = status
        try sourceBook.check(part.source, status.type, agency: status.agency, topic: record.position.topic)
        status.setRank(sourceBook.rank(of: part.source))
        if isReplay {
            try checkCriterion(status)
            advance(to: status.time)
            defer { judge() }
            try accept(status, record, part)
        } else {
            try checkTime(status.time, part)
            try checkCriterion(status)
            try accept(status, record, part)
        }
    }

    /// Takes in a record of another format than CloudEvents: each of its statuses counts or is rejected on its own.
    mutating func receiveBundle(_ record: Record, _ isReplay: Bool) {
        let topic = Int(record.position.topic), format = formats[topic]
        do throws(Rejection) {
            let bundle = try intake.statuses(in: record.message, format, zone: catalog.zone, topic: inputs[topic]), source = sourceBook.number(of: bundle.source)
            for (index, status) in bundle.parts.enumerated() {
                let part = Part(index: index, source: source, timeField: format.timeField)
                do throws(Rejection) {
                    switch try status.get() {
                    case .dossier(let status): try receive(status, record, part, isReplay)
                    case .other(let status): try receive(status, record, part, isReplay)
                    }
                } catch {
                    reject(Rejection(error.reason, field: error.field, source: bundle.source), record, part)
                }
            }
        } catch {
            reject(error, record, Part(source: SourceBook.nameless))
        }
    }

    /// Of a rejection, in characters.
    private static let longestSource = 256

    /// What is needed of where a status stood and who said it.
    struct Part {
        var index = 0
        var source: SourceBook.Number
        /// Where its time stood.
        var timeField = "time"
    }

    @inline(__always)
    func checkTime(_ time: Instant, _ part: Part) throws(Rejection) {
        guard time <= max(clock, wall).advanced(by: catalog.maxAhead) else { throw Rejection(.futureTime, field: part.timeField) }
    }

    func checkCriterion(_ status: OtherStatus) throws(Rejection) {
        guard case .item(let item) = status, let criterion = item.criterion, !register.knows(criterion: criterion) else { return }
        throw Rejection(.unknownCriterion, field: "criterion")
    }

    @inline(__always)
    mutating func accept(_ status: DossierStatus, _ record: Record, _ part: Part) throws(Rejection) {
        try accepted(register.accept(status, now: clock), status.version.time, record, part)
    }

    @inline(__always)
    mutating func accepted(_ change: Register.Change, _ time: Instant, _ record: Record, _ part: Part) throws(Rejection) {
        switch change {
        case .superseded: sourceBook.count(part.source, at: time, isAccepted: false)
        case .departed: throw Rejection(.closedPeriod, field: "received")
        case .replaced(let old, let new, let unknownAgency):
            counts.accepted += 1
            sourceBook.count(part.source, at: time, isAccepted: true)
            scoreboard.replace(old, by: new, cause: record.position)
            report(unknownAgency, record, part)
        }
    }

    mutating func accept(_ status: OtherStatus, _ record: Record, _ part: Part) throws(Rejection) {
        switch status {
        case .heartbeat(let time): sourceBook.count(part.source, at: time, isAccepted: true)
        case .progress(let progress): try accepted(register.accept(progress, now: clock), status.time, record, part)
        case .item(let item): try accepted(register.accept(item, now: clock), dateField: item.kind.dateField, status.time, record, part)
        case .acknowledgement(let word): try accepted(register.accept(word, now: clock), dateField: part.timeField, status.time, record, part)
        }
    }

    mutating func accepted(_ outcome: Register.ItemOutcome, dateField: String, _ time: Instant, _ record: Record, _ part: Part) throws(Rejection) {
        switch outcome {
        case .superseded: sourceBook.count(part.source, at: time, isAccepted: false)
        case .departed: throw Rejection(.closedPeriod, field: dateField)
        case .replaced(let change, let unknownAgency):
            counts.accepted += 1
            sourceBook.count(part.source, at: time, isAccepted: true)
            scoreboard.replace(change, cause: record.position)
            report(unknownAgency, record, part)
        }
    }

    @inline(__always)
    mutating func report(_ unknownAgency: UInt32?, _ record: Record, _ part: Part) {
        // One that was left out is told with the agency's next status.
        guard let unknownAgency, !reportedAgencies.contains(unknownAgency), reject(Rejection(.unknownAgency, field: "agency"), record, part) else { return }
        reportedAgencies.insert(unknownAgency)
    }

    /// False: left out. Only what is told is worth a second look at the message and its SHA-256.
    @discardableResult
    mutating func reject(_ rejection: Rejection, _ record: Record, _ part: Part) -> Bool {
        counts.rejected += 1
        // What has a fault was not asked whose it is.
        if rejection.reason != .unknownAgency { sourceBook.countRejected(rejection.source.map { sourceBook.number(of: $0) } ?? part.source) }
        guard rejectionLimit?.admits(rejection.reason, at: record.position) ?? true else {
            counts.leftOut += 1
            return false
        }
        var rejection = rejection
        // A source of any length must fit into a record.
        rejection.source = (rejection.source ?? sourceBook.name(of: part.source) ?? intake.source(of: record.message)).map { String($0.prefix(Self.longestSource)) }
        let payload = record.message.value ?? UnsafeRawBufferPointer(start: nil, count: 0)
        if digest?.position != record.position { digest = (record.position, Digest.sha256(payload)) }
        effects.append(.reject(RejectedRecord(
            rejection: rejection, position: record.position, index: part.index, size: payload.count, sha256: digest?.sha256 ?? "", time: max(clock, wall))))
        return true
    }

    /// What the limit of rejections left out since it was last told: once a second at most, and at the end with `now` infinite. To be called with every turn,
    /// because it also says how much time has passed. `now`: seconds of a clock that only runs forward.
    public mutating func takeLeftOut(now: Double) -> [LeftOutRecord] {
        rejectionLimit?.take(now: now).map { LeftOutRecord($0, time: max(clock, wall)) } ?? []
    }
}
