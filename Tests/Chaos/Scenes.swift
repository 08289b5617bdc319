import Cases
import Catalog
import Foundation

/// What happens once in a while to all of it, and goes on for some seconds.
extension Drill {
    /// What has begun and must come to its end.
    struct Scenes {
        /// Puts the cluster up again.
        var arrival: (() throws -> Void)?
        /// Puts the catalog back, or a clock.
        var restoration: (() throws -> Void)?
        var played = 0
    }

    func playScene() throws {
        guard scenes.arrival == nil, scenes.restoration == nil else { return }
        // In turn, so that a short drill has each.
        switch scenes.played % 4 {
        case 0 where ground.isEmbedded, 2 where ground.isEmbedded: try rebuild()
        case 1, 2: try leap()
        default: try reload()
        }
        scenes.played += 1
    }

    /// To be called when time is over: nothing of what scenes have done lasts but what is lost.
    func endScenes() throws {
        try scenes.arrival?()
        try scenes.restoration?()
    }

    // MARK: Topics made anew

    /// The cluster is built anew at the same address, and some or all of its topics come back empty. An input comes back with another number of partitions, perhaps, and those who wrote to
    /// it write everything again; not before both daemons read it from its beginning, for that one outgrows the old place within seconds and is noticed is not promised.
    private func rebuild(losing one: String? = nil, isRepeated: Bool = true) throws {
        let names = ground.topics.map(\.name)
        let isWhole = dice.once(in: 5), lost = Set(names.filter { _ in isWhole || dice.once(in: 4) }).union([one ?? dice.one(of: names)])
        let isAnew = lost.contains(ground.inputs), isRejectedLost = lost.contains(ground.rejected)
        let count = isAnew ? dice.int(3...5) : ground.inputCount, rest = span(0.5, 6)
        if isAnew {
            isQuiet = true
            for daemon in daemons where daemon.isFrozen { daemon.thaw() }
        }
        if lost.contains(ground.alerts) { areAlertsWhole = false }
        let listed = names.filter(lost.contains).map { String($0.split(separator: ".").last ?? "") }.joined(separator: ", ")
        let words = lost.count == names.count ? "every topic is" : "\(listed) \(lost.count == 1 ? "is" : "are")"
        say("the cluster is built anew, away for \(String(format: "%.1f", rest)) s, and \(words) empty" + (isAnew ? ", with \(count) partitions of status" : ""))
        stream.leave()
        try ground.tearDown(losing: lost, inputs: count)
        scenes.arrival = { [self] in
            scenes.arrival = nil
            try ground.putUp()
            try stream.arrive(isAnew: isAnew, isRepeated: isRepeated, isRejectedLost: isRejectedLost, partitions: count)
            say("the cluster is back")
            guard isAnew else { return }
            stream.isSilent = true
            try awaitNotice(count, until: now + Self.secondsToNotice)
        }
        later(rest) { [self] in try scenes.arrival?() }
    }

    /// When all is well and nothing else is broken the cluster is built anew once more, and what was lost does not come again: what was counted stays counted, by who leads and by who stands
    /// by, and nothing but what they remember can bring back what they had written. Then come the last messages.
    func playLastScene() throws {
        let end = now + Self.secondsToNotice
        while now < end {
            let places = try daemons.map { try $0.offsets(of: ground.inputs) }
            if places[0] != nil, places.allSatisfy({ $0 == places[0] }) { break }
            usleep(500_000)
        }
        // Each has its turn, whatever dice say.
        try rebuild(losing: ground.topics[Int(seed % UInt64(ground.topics.count))].name, isRepeated: false)
        while scenes.arrival != nil || isQuiet, wrong.isEmpty { try pass() }
        stream.release()
        try deliver()
    }

    /// From the return of the cluster on; clients of old brokers try again after ten seconds at most.
    private static let secondsToNotice = 60.0

    /// Waits until both daemons read the empty input from its beginning.
    private func awaitNotice(_ count: Int, until end: Double) throws {
        let late = try daemons.filter { try $0.offsets(of: ground.inputs) != Array(repeating: 0, count: count) }
        guard !late.isEmpty, now < end else {
            for daemon in late {
                let offsets = try daemon.offsets(of: ground.inputs) ?? []
                wrong.append("daemon \(daemon.name) has not noticed in \(Int(Self.secondsToNotice)) s that the input was made anew: it reads on at \(offsets)")
            }
            if late.isEmpty { say("both daemons read the new input") }
            stream.isSilent = false
            isQuiet = false
            return
        }
        later(1) { [self] in try awaitNotice(count, until: end) }
    }

    // MARK: Another catalog

    /// Both daemons are told to judge by another catalog, and some seconds later by the one before.
    private func reload() throws {
        let rest = span(4, 12)
        var changes: [(file: URL, before: Data)] = []
        let drops = dice.once(in: 2), sample = dice.int(1...30)
        for daemon in daemons {
            let file = daemon.home.appendingPathComponent("criteria-2021.yaml"), before = try Data(contentsOf: file)
            var parts = String(decoding: before, as: UTF8.self).components(separatedBy: "  - code: ")
            if drops, parts.count > 2 { parts.removeLast() }
            let text = parts.joined(separator: "  - code: ").replacing(/min_sample: \d+/, with: "min_sample: \(sample)")
            changes.append((file, before))
            try Data(text.utf8).write(to: file)
        }
        say("both are told to judge by another catalog\(drops ? ", with a criterion less," : "") for \(String(format: "%.1f", rest)) s")
        for daemon in daemons {
            // One that was the last leader and has lost who it is would bar them all.
            daemon.isCatalogTold = true
            tellToReload(daemon)
        }
        scenes.restoration = { [self] in
            scenes.restoration = nil
            for (file, before) in changes { try before.write(to: file) }
            say("both are told to judge by the catalog as it was")
            for daemon in daemons { tellToReload(daemon) }
        }
        later(rest) { [self] in try scenes.restoration?() }
    }

    // MARK: A clock that is ahead

    /// One daemon, or both, starts anew by a clock that is days ahead, and some seconds later, in which it may come to lead, by the right one. What is published meanwhile may be wrong; nothing
    /// of it may stay.
    private func leap() throws {
        let one = dice.one(of: daemons), victims = dice.once(in: 3) ? [one] : daemons, days = Int64(dice.int(1...60)), rest = span(14, 22)
        let right = random.until.text(in: .utc), ahead = random.until.advanced(by: .seconds(days * 86_400)).text(in: .utc)
        func set(_ clock: String, inPlaceOf other: String) throws {
            for daemon in victims {
                let file = daemon.home.appendingPathComponent("parwatch.yaml"), text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
                try Data(text.replacing(other, with: clock).utf8).write(to: file)
                // One that is dead on purpose comes back by itself.
                if daemon.isMeantToBeDead { continue }
                daemon.kill()
                try daemon.start()
            }
        }
        let who = victims.map(\.name).joined(separator: " and ")
        say("\(who): the clock is \(days) days ahead for \(String(format: "%.1f", rest)) s")
        try set(ahead, inPlaceOf: right)
        scenes.restoration = { [self] in
            scenes.restoration = nil
            say("\(who): the clock is right again")
            try set(right, inPlaceOf: ahead)
        }
        later(rest) { [self] in try scenes.restoration?() }
    }

    /// A service manager tells only who has started: before that the signal ends the process.
    private func tellToReload(_ daemon: Patient) {
        guard daemon.secondsUp < Self.secondsToStart else { return daemon.signal(SIGHUP) }
        later(Self.secondsToStart) { [self] in tellToReload(daemon) }
    }

    private static let secondsToStart = 5.0
}
