import Cases
import Catalog
import Foundation
import Kafka

/// One drill: messages flow and things break until the time is over; then all is mended, and judged.
final class Drill {
    private let seconds: Double
    private let ground: Ground
    private let random: RandomCase
    private let judge: Judge
    private let daemons: [Patient]
    private let startedAt = Date()
    private var stream: Stream
    private var dice: Seeded
    /// What is to be done later, such as mending what was broken.
    private var agenda: [(at: Double, what: () throws -> Void)] = []
    private var events = 0
    private var ownEnds = 0
    private var wrong: [String] = []

    /// Of the embedded broker, which holds 5 MiB of a partition.
    private static let mostMessages = 6_000.0
    private static let secondsToSettle = 120.0
    private static let secondsOfWeather = 30.0

    init(seed: UInt64, seconds: Double, ground: Ground, folder: URL) throws {
        self.seconds = seconds
        dice = Seeded(seed ^ 0xC0FFEE)
        self.ground = ground
        var options = RandomCase.Options.steady
        // Each has four messages or so.
        let subjects = Int(min(seconds * 12, Self.mostMessages) / 4)
        options.subjects = subjects...subjects
        let random = RandomCase(seed: seed, options)
        self.random = random
        try random.write(to: folder)
        judge = Judge(ground: ground, random: random, folder: folder)
        stream = try Stream(ground, random.messages, seed: seed, seconds: seconds * 0.95)
        daemons = try ["a", "b"].map { name in
            let home = folder.appendingPathComponent(name)
            var files = random
            // The clock all but stands still at the case's end, and starts there again with every process.
            files.files["parwatch.yaml"]? += ground.configuration
                + "publish_every: 1s\nmax_lag: 5s\nstate: {directory: state, snapshot_every: 2s}\nclock: {start: \"\(random.until.text(in: .utc))\", speed: 0.001}\n"
            try files.write(to: home)
            return Patient(name, home)
        }
    }

    private var now: Double { Date().timeIntervalSince(startedAt) }
    private func say(_ text: String) { tell(String(format: "%7.1f  ", now) + text) }

    /// What is wrong at the end.
    func run() throws -> [String] {
        defer {
            for daemon in daemons { daemon.kill() }
            ground.remove()
        }
        say("brokers at \(ground.bootstrap); \(random.messages.count) messages to count")
        for daemon in daemons { try daemon.start() }
        var nextEvent = 3.0
        while now < seconds, wrong.isEmpty {
            try pass()
            if now >= nextEvent {
                // Storms, and calms in which somebody can come to lead.
                let isStorm = now.truncatingRemainder(dividingBy: Self.secondsOfWeather) < Self.secondsOfWeather / 2
                try breakSomething()
                nextEvent = now - log(1 - Double(dice.int(0...999)) / 1_000) * (isStorm ? 1.2 : 6)
            }
        }
        try mend()
        guard wrong.isEmpty else { return wrong }
        let verdict = try settle()
        say("\(events) faults, \(stream.sent) messages, \(stream.garbage) of them garbage (\(verdict.rejections)), \(verdict.alerts) alert records (\(verdict.notes) of late or repeated writes), "
            + "\(ownEnds) times a daemon gave up by itself")
        guard wrong.isEmpty, verdict.wrong.isEmpty else { return wrong + verdict.wrong }
        try endInGoodOrder()
        return wrong
    }

    private func pass() throws {
        try stream.move(now)
        for item in agenda.filter({ $0.at <= now }) { try item.what() }
        agenda.removeAll { $0.at <= now }
        for daemon in daemons where !daemon.isRunning && !daemon.isMeantToBeDead { try lookAfter(daemon) }
        usleep(20_000)
    }

    /// It has ended by itself: that is no fault if it says so, and systemd starts it again. A crash is one.
    private func lookAfter(_ daemon: Patient) throws {
        guard let process = daemon.process else { return }
        if process.terminationReason == .uncaughtSignal {
            wrong.append("daemon \(daemon.name) crashed by signal \(process.terminationStatus)")
        } else {
            ownEnds += 1
            say("\(daemon.name): gave up with status \(process.terminationStatus); started again")
        }
        try daemon.start()
    }

    private func later(_ seconds: Double, _ what: @escaping () throws -> Void) { agenda.append((now + seconds, what)) }

    private func span(_ least: Double, _ most: Double) -> Double { least + (most - least) * Double(dice.int(0...1_000)) / 1_000 }

    // MARK: Breaking

    private func breakSomething() throws {
        events += 1
        if let broker = ground.broker, !dice.once(in: 3) { breakBroker(broker) } else { try breakDaemon() }
    }

    private func breakDaemon() throws {
        let daemon = dice.one(of: daemons), name = daemon.name
        guard !daemon.isMeantToBeDead else { return }
        switch dice.int(0...6) {
        case 6:
            guard let broker = ground.broker, !daemon.isFrozen else { return }
            let rest = span(5, 11)
            broker.delay(milliseconds: 1_500)
            say("\(name): SIGSTOP with writes on their way, for \(String(format: "%.1f", rest)) s")
            later(span(0.2, 2)) {
                if !daemon.isMeantToBeDead { daemon.freeze() }
                broker.delay(milliseconds: 0)
            }
            later(2 + rest) { daemon.thaw() }
        case 0, 1:
            let rest = span(0, 4), care = dice.int(0...5), place = span(0, 1)
            daemon.kill()
            switch care {
            case 0: daemon.loseSnapshots()
            case 1: daemon.damageSnapshot(at: place, cuts: false)
            case 2: daemon.damageSnapshot(at: place, cuts: true)
            default: break
            }
            let with = [0: ", its snapshots lost", 1: ", a bit of its snapshot turned", 2: ", its snapshot cut off"][care] ?? ""
            say("\(name): SIGKILL, back in \(String(format: "%.1f", rest)) s\(with)")
            later(rest) { try daemon.start() }
        case 2:
            daemon.thaw()
            daemon.askToEnd()
            say("\(name): SIGTERM")
            later(8) { [self] in
                if daemon.isRunning { wrong.append("daemon \(name) still runs 8 s after SIGTERM") }
                daemon.kill()
                try daemon.start()
            }
        default:
            guard !daemon.isFrozen else { return }
            let rest = span(0.3, 11)
            daemon.freeze()
            say("\(name): SIGSTOP for \(String(format: "%.1f", rest)) s")
            later(rest) { daemon.thaw() }
        }
    }

    private func breakBroker(_ broker: EmbeddedBroker) {
        let one = Int32(dice.int(1...Int(broker.brokers.upperBound))), victim = dice.once(in: 3) ? nil : one
        let who = victim.map { "broker \($0)" } ?? "all brokers"
        switch dice.int(0...5) {
        case 0:
            let rest = span(0.3, 8)
            broker.takeDown(victim)
            say("\(who): down for \(String(format: "%.1f", rest)) s")
            later(rest) { broker.bringUp(victim) }
        case 1:
            let rest = span(1, 7), delay = Int32(dice.int(50...2_000))
            broker.delay(victim, milliseconds: delay)
            say("\(who): answers \(delay) ms late for \(String(format: "%.1f", rest)) s")
            later(rest) { broker.delay(victim, milliseconds: 0) }
        case 2:
            let target = dice.one(of: ground.partitions)
            if dice.once(in: 4) {
                let rest = span(0.3, 5)
                broker.moveLeader(of: target, to: nil)
                say("\(target): without a leader for \(String(format: "%.1f", rest)) s")
                later(rest) { broker.moveLeader(of: target, to: one) }
            } else {
                broker.moveLeader(of: target, to: one)
                say("\(target): led by broker \(one)")
            }
        case 3:
            broker.moveCoordinator(of: "\(Self.source).leader", to: one)
            say("the group is coordinated by broker \(one)")
        default:
            let (request, codes) = dice.one(of: Self.errors)
            let errors = (0..<dice.int(1...8)).map { _ in dice.one(of: codes) }
            broker.fail(request, with: errors)
            say("\(request) fails: \(errors.map(\.name).joined(separator: ", "))")
            later(10) { broker.failNoMore(request) }
        }
    }

    /// Of the random cases.
    private static let source = "urn:parwatch:test"

    /// What brokers answer in bad times. Not to SyncGroup: the embedded broker then ends the process (`member->resp` in rdkafka_mock_cgrp.c).
    private static let errors: [(EmbeddedBroker.Request, [KafkaError.Code])] = [
        (.produce, [.notLeader, .requestTimedOut, .notEnoughReplicas, .storage, .topicForbidden]),
        (.fetch, [.notLeader, .storage, .unknownTopic, .leaderNotAvailable, .fencedEpoch]),
        (.metadata, [.leaderNotAvailable, .brokerNotAvailable]),
        (.listOffsets, [.notLeader, .leaderNotAvailable, .requestTimedOut]),
        (.findCoordinator, [.coordinatorNotAvailable, .coordinatorLoading]),
        (.joinGroup, [.coordinatorLoading, .notCoordinator, .unknownMember, .rebalancing]),
        (.heartbeat, [.rebalancing, .notCoordinator, .unknownMember, .illegalGeneration]),
        (.offsetCommit, [.notCoordinator, .coordinatorLoading, .illegalGeneration, .requestTimedOut]),
        (.initProducerID, [.coordinatorLoading, .requestTimedOut]),
    ]

    // MARK: Mending

    private func mend() throws {
        agenda = []
        if let broker = ground.broker {
            broker.bringUp()
            broker.delay(milliseconds: 0)
            for request in EmbeddedBroker.Request.allCases { broker.failNoMore(request) }
            for (index, target) in ground.partitions.enumerated() { broker.moveLeader(of: target, to: Int32(index % 3) + 1) }
        }
        for daemon in daemons {
            if daemon.isFrozen { daemon.thaw() }
            if daemon.isMeantToBeDead { daemon.kill() }
            if !daemon.isRunning { try daemon.start() }
        }
        say("all is mended")
        let end = now + 60
        while !stream.isDone, now < end { try pass() }
        if !stream.isDone { wrong.append("the drill could not deliver its own messages") }
    }

    /// Waits until all is right and stays so.
    private func settle() throws -> Judge.Verdict {
        let end = now + Self.secondsToSettle
        var last: Judge.Verdict?
        while true {
            let pause = now + 3
            while now < pause, wrong.isEmpty { try pass() }
            let verdict = try judge.verdict(stream.places)
            if verdict.isFinal || !wrong.isEmpty { return verdict }
            if verdict.wrong.isEmpty, last?.wrong.isEmpty == true, last?.alerts == verdict.alerts {
                say("settled")
                return verdict
            }
            if now > end {
                if verdict.wrong.isEmpty { wrong.append("the alert topic does not come to rest: \(last?.alerts ?? 0) records, then \(verdict.alerts)") }
                return verdict
            }
            last = verdict
        }
    }

    private func endInGoodOrder() throws {
        for daemon in daemons { daemon.askToEnd() }
        let end = now + 8
        while now < end, daemons.contains(where: \.isRunning) { usleep(50_000) }
        for daemon in daemons {
            if daemon.isRunning { wrong.append("daemon \(daemon.name) still runs 8 s after SIGTERM") } else if daemon.process?.terminationStatus != 0 {
                wrong.append("daemon \(daemon.name) ended with status \(daemon.process?.terminationStatus ?? -1) after SIGTERM")
            }
        }
    }
}

extension KafkaError.Code {
    fileprivate static let notLeader = Self(rawValue: 6), requestTimedOut = Self(rawValue: 7), notEnoughReplicas = Self(rawValue: 19), storage = Self(rawValue: 56)
    fileprivate static let leaderNotAvailable = Self(rawValue: 5), fencedEpoch = Self(rawValue: 74), brokerNotAvailable = Self(rawValue: 8)
    fileprivate static let coordinatorLoading = Self(rawValue: 14), coordinatorNotAvailable = Self(rawValue: 15), notCoordinator = Self(rawValue: 16)
    fileprivate static let illegalGeneration = Self(rawValue: 22), unknownMember = Self(rawValue: 25), rebalancing = Self(rawValue: 27)
}
