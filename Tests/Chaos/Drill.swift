import Cases
import Catalog
import Foundation
import Kafka

/// One drill: messages flow and things break until the time is over; then all is mended, and judged.
final class Drill {
    let seed: UInt64
    private let seconds: Double
    let ground: Ground
    let random: RandomCase
    private let judge: Judge
    let daemons: [Patient]
    private let startedAt = Date()
    var stream: Stream
    var dice: Seeded
    /// What is to be done later, such as mending what was broken.
    private var agenda: [(at: Double, what: () throws -> Void)] = []
    private var events = 0
    private var ownEnds = 0
    var wrong: [String] = []
    /// Nothing else is broken for the time being.
    var isQuiet = false
    var scenes = Scenes()
    /// Whether every incident is on the alert topic from its beginning.
    var areAlertsWhole = true

    /// Of the embedded broker, which holds 5 MiB of a partition.
    private static let mostMessages = 6_000.0
    private static let secondsToSettle = 120.0
    private static let secondsOfWeather = 30.0
    /// Of the random cases.
    static let source = "urn:parwatch:test"

    init(seed: UInt64, seconds: Double, ground: Ground, folder: URL) throws {
        self.seed = seed
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
        daemons = try Ground.ports(["a", "b"]).map { name, port in
            let home = folder.appendingPathComponent(name)
            var files = random
            // The clock all but stands still at the case's end, and starts there again with every process.
            files.files["parwatch.yaml"]? += ground.configuration
                + "publish_every: 1s\nmax_lag: 5s\nstate: {directory: state, snapshot_every: 2s}\nclock: {start: \"\(random.until.text(in: .utc))\", speed: 0.001}\nhttp: {listen: \"127.0.0.1:\(port)\"}\n"
            try files.write(to: home)
            return Patient(name, home, port: port)
        }
    }

    var now: Double { Date().timeIntervalSince(startedAt) }
    func say(_ text: String) { tell(String(format: "%7.1f  ", now) + text) }

    /// What is wrong at the end.
    func run() throws -> [String] {
        defer {
            for daemon in daemons { daemon.kill() }
            ground.remove()
        }
        say("brokers at \(ground.bootstrap); \(random.messages.count) messages to count")
        for daemon in daemons { try daemon.start() }
        var nextEvent = 3.0, nextScene = span(8, 16)
        while now < seconds, wrong.isEmpty {
            try pass()
            if isQuiet { continue }
            if now >= nextScene {
                try playScene()
                nextScene = now + span(15, 35)
            } else if now >= nextEvent {
                // Storms, and calms in which somebody can come to lead.
                let isStorm = now.truncatingRemainder(dividingBy: Self.secondsOfWeather) < Self.secondsOfWeather / 2
                events += 1
                try breakSomething()
                nextEvent = now - log(1 - Double(dice.int(0...999)) / 1_000) * (isStorm ? 1.2 : 6)
            }
        }
        try mend()
        guard wrong.isEmpty else { return wrong }
        var verdict = try settle()
        if ground.isEmbedded, wrong.isEmpty, verdict.wrong.isEmpty {
            try playLastScene()
            if wrong.isEmpty { verdict = try settle() }
        }
        say("\(events) faults, \(stream.sent) messages, \(stream.garbage) of them garbage (\(verdict.rejections)), \(verdict.alerts) alert records (\(verdict.notes) of late or repeated writes), "
            + "\(ownEnds) times a daemon gave up by itself")
        guard wrong.isEmpty, verdict.wrong.isEmpty else { return wrong + verdict.wrong }
        try endInGoodOrder()
        return wrong
    }

    func pass() throws {
        try stream.move(now)
        // What comes due meanwhile is for the next time.
        let instant = now, due = agenda.filter { $0.at <= instant }
        agenda.removeAll { $0.at <= instant }
        for item in due { try item.what() }
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

    func later(_ seconds: Double, _ what: @escaping () throws -> Void) { agenda.append((now + seconds, what)) }

    func span(_ least: Double, _ most: Double) -> Double { least + (most - least) * Double(dice.int(0...1_000)) / 1_000 }

    // MARK: Mending

    private func mend() throws {
        // What a scene has begun it ends.
        let end = now + 120
        while isQuiet, wrong.isEmpty, now < end { try pass() }
        agenda = []
        ground.mend()
        try endScenes()
        for daemon in daemons {
            if daemon.isFrozen { daemon.thaw() }
            if daemon.isMeantToBeDead { daemon.kill() }
            if !daemon.isRunning { try daemon.start() }
        }
        say("all is mended")
        try deliver()
    }

    /// Waits until all messages are where they belong.
    func deliver() throws {
        if !ground.isEmbedded { stream.release() }
        let end = now + 60
        while !stream.isDone, now < end, wrong.isEmpty { try pass() }
        if !stream.isDone, wrong.isEmpty { wrong.append("the drill could not deliver its own messages") }
    }

    /// Waits until all is right and stays so.
    private func settle() throws -> Judge.Verdict {
        let end = now + Self.secondsToSettle
        var last: Judge.Verdict?
        try judge.take(stream.present)
        while true {
            let pause = now + 3
            while now < pause, wrong.isEmpty { try pass() }
            let verdict = try judge.verdict(stream.places, areAlertsWhole: areAlertsWhole, daemons)
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
