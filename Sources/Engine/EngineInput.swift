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
            for place in group.places { receive(place, isReplay: false) }
        }
    }

    /// Takes in input records by event time, each as a step of its own: the clock is the greatest `time` so far. Judging must be on.
    public mutating func replay(_ count: Int, _ record: (Int) -> Record) {
        for first in stride(from: 0, to: count, by: Group.size) {
            read(first..<min(count, first + Group.size), record)
            for place in group.places { receive(place, isReplay: true) }
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
        let part = Part(place: place, source: group.source(at: place))
        do throws(Rejection) {
            switch group.other(at: place) {
            case nil: try receive(try group.status(at: place), part, isReplay)
            case .status(let status)?: try receive(status, part, isReplay)
            case .bundle?: receiveBundle(place, isReplay)
            }
        } catch {
            reject(error, part)
        }
    }

    @inline(__always)
    mutating func receive(_ status: DossierStatus, _ part: Part, _ isReplay: Bool) throws(Rejection) {
        var status = status
        try sourceBook.check(part.source, .dossier, agency: status.content?.agency, topic: group.position(at: part.place).topic)
        let rank = sourceBook.rank(of: part.source)
        if rank > 0 { status.version.rank = rank }
        if isReplay {
            advance(to: status.version.time)
            // A status that comes too late for its period still moves the clock: the step is judged with it or without.
            defer { judge() }
            try accept(status, part)
        } else {
            try checkTime(status.version.time, part)
            try accept(status, part)
        }
    }

    mutating func receive(_ status: OtherStatus, _ part: Part, _ isReplay: Bool) throws(Rejection) {
        var status = status
        try sourceBook.check(part.source, status.type, agency: status.agency, topic: group.position(at: part.place).topic)
        status.setRank(sourceBook.rank(of: part.source))
        if isReplay {
            try checkCriterion(status)
            advance(to: status.time)
            defer { judge() }
            try accept(status, part)
        } else {
            try checkTime(status.time, part)
            try checkCriterion(status)
            try accept(status, part)
        }
    }

    /// Takes in a record of another format than CloudEvents: each of its statuses counts or is rejected on its own.
    mutating func receiveBundle(_ place: Int, _ isReplay: Bool) {
        let topic = Int(group.position(at: place).topic), format = formats[topic]
        do throws(Rejection) {
            let bundle = try intake.statuses(in: group.message(at: place), format, zone: catalog.zone, topic: inputs[topic]), source = sourceBook.number(of: bundle.source)
            for (index, status) in bundle.parts.enumerated() {
                let part = Part(place: place, index: index, source: source, timeField: format.timeField)
                do throws(Rejection) {
                    switch try status.get() {
                    case .dossier(let status): try receive(status, part, isReplay)
                    case .other(let status): try receive(status, part, isReplay)
                    }
                } catch {
                    reject(Rejection(error.reason, field: error.field, source: bundle.source), part)
                }
            }
        } catch {
            reject(error, Part(place: place, source: SourceBook.nameless))
        }
    }

    /// Of a rejection, in Unicode scalars.
    private static let longestSource = 256

    /// What is needed of where a status stood and who said it.
    struct Part {
        /// Of its record in the group.
        var place: Int
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
    mutating func accept(_ status: DossierStatus, _ part: Part) throws(Rejection) {
        try accepted(register.accept(status, now: clock), dateField: status.content == nil ? part.timeField : "received", status.version.time, part)
    }

    @inline(__always)
    mutating func accepted(_ change: Register.Change, dateField: @autoclosure () -> String, _ time: Instant, _ part: Part) throws(Rejection) {
        switch change {
        case .superseded: sourceBook.count(part.source, at: time, isAccepted: false)
        case .departed: throw Rejection(.closedPeriod, field: dateField())
        case .replaced(let old, let new, let unknownAgency):
            counts.accepted += 1
            sourceBook.count(part.source, at: time, isAccepted: true)
            scoreboard.replace(old, by: new, cause: group.position(at: part.place))
            report(unknownAgency, part)
        }
    }

    mutating func accept(_ status: OtherStatus, _ part: Part) throws(Rejection) {
        switch status {
        case .heartbeat(let time): sourceBook.count(part.source, at: time, isAccepted: true)
        case .progress(let progress): try accepted(register.accept(progress, now: clock), dateField: part.timeField, status.time, part)
        case .item(let item): try accepted(register.accept(item, now: clock), dateField: item.content == nil ? part.timeField : item.kind.dateField, status.time, part)
        case .acknowledgement(let word): try accepted(register.accept(word, now: clock), dateField: part.timeField, status.time, part)
        }
    }

    mutating func accepted(_ outcome: Register.ItemOutcome, dateField: String, _ time: Instant, _ part: Part) throws(Rejection) {
        switch outcome {
        case .superseded: sourceBook.count(part.source, at: time, isAccepted: false)
        case .departed: throw Rejection(.closedPeriod, field: dateField)
        case .replaced(let change, let unknownAgency):
            counts.accepted += 1
            sourceBook.count(part.source, at: time, isAccepted: true)
            scoreboard.replace(change, cause: group.position(at: part.place))
            report(unknownAgency, part)
        }
    }

    @inline(__always)
    mutating func report(_ unknownAgency: UInt32?, _ part: Part) {
        // One that was left out is told with the agency's next status.
        guard let unknownAgency, !reportedAgencies.contains(unknownAgency), reject(Rejection(.unknownAgency, field: "agency"), part) else { return }
        reportedAgencies.insert(unknownAgency)
    }

    /// False: left out. Only what is told is worth a second look at the message and its SHA-256.
    @discardableResult
    mutating func reject(_ rejection: Rejection, _ part: Part) -> Bool {
        counts.rejected += 1
        // What has a fault was not asked whose it is.
        if rejection.reason != .unknownAgency { sourceBook.countRejected(rejection.source.map { sourceBook.number(of: $0) } ?? part.source) }
        guard rejectionLimit?.admits(rejection.reason, at: group.position(at: part.place)) ?? true else {
            counts.leftOut += 1
            return false
        }
        var rejection = rejection
        // A source of any length must fit into a record; one character may be a megabyte of accents.
        let position = group.position(at: part.place), message = group.message(at: part.place)
        rejection.source = (rejection.source ?? sourceBook.name(of: part.source) ?? intake.source(of: message)).map { String($0.unicodeScalars.prefix(Self.longestSource)) }
        let payload = message.value ?? UnsafeRawBufferPointer(start: nil, count: 0)
        if digest?.position != position { digest = (position, Digest.sha256(payload)) }
        effects.append(.reject(RejectedRecord(
            rejection: rejection, position: position, index: part.index, size: payload.count, sha256: digest?.sha256 ?? "", time: max(clock, wall))))
        return true
    }

    /// What the limit of rejections left out since it was last told: once a second at most, or `atOnce`, before a snapshot and at the end. To be called with every
    /// turn, because it also says how much time has passed. `now`: seconds of a clock that only runs forward.
    public mutating func takeLeftOut(now: Double, atOnce: Bool = false) -> [LeftOutRecord] {
        rejectionLimit?.take(now: now, atOnce: atOnce).map { LeftOutRecord($0, time: max(clock, wall)) } ?? []
    }
}
