/// `bare`, `daemon` and `core` over the same messages, turn and turn about, so that a slow minute of the machine hits all alike.
struct Throughput {
    let plan: Plan
    private var bare: [Outcome] = [], daemon: [Outcome] = [], parse: [Outcome] = [], core: [Outcome] = [], oneStep: [Outcome] = []
    /// By round: seconds from caught up until another consumer had the last alert, and how many alerts those were.
    private var written: [Double] = [], alerts: [Double] = []

    init(_ plan: Plan) { self.plan = plan }

    mutating func measure(into figures: Figures) throws {
        let cluster = plan.wants(.bare) || plan.wants(.daemon) ? try filledCluster() : nil
        guard cluster != nil || plan.wants(.core) else { return }
        for round in 1...plan.rounds {
            if let cluster, plan.wants(.bare) {
                Say.step("round \(round) of \(plan.rounds): bare")
                bare.append(try Child.measure(Outcome.self, ["bare", "--topic", cluster.name("status"), "--partitions", "\(plan.partitions)", "--messages", "\(plan.messages)"] + cluster.connection))
            }
            if let cluster, plan.wants(.daemon) {
                Say.step("round \(round) of \(plan.rounds): daemon")
                try runDaemon(cluster, round)
            }
            if plan.wants(.core) {
                Say.step("round \(round) of \(plan.rounds): core")
                parse.append(try Child.measure(Outcome.self, ["core", "--parse-only", "--messages", "\(plan.messages)"] + plan.catalog))
                core.append(try Child.measure(Outcome.self, ["core", "--messages", "\(plan.messages)"] + plan.catalog))
                oneStep.append(try Child.measure(Outcome.self, ["core", "--one-step", "--messages", "\(plan.messages)"] + plan.catalog))
            }
            try agree(round)
        }
        report(into: figures)
    }

    /// A broker that holds the messages, and empty output topics for every round.
    private func filledCluster() throws -> Cluster {
        Say.step("filling a topic with \(plan.messages) messages")
        var topics = [Cluster.Topic(name: "status", partitions: plan.partitions)]
        for round in 1...plan.rounds {
            topics.append(Cluster.Topic(name: "alerts.\(round)", partitions: 1, isCompacted: true))
            topics.append(Cluster.Topic(name: "scores.\(round)", partitions: 1, isCompacted: true))
            topics.append(Cluster.Topic(name: "rejected.\(round)", partitions: 1))
            topics += TopicNames.beside("alerts.\(round)")
        }
        let cluster = try plan.cluster(topics)
        _ = try Child.measure(
            Outcome.self, ["produce", "--topic", cluster.name("status"), "--messages", "\(plan.messages)", "--compression", plan.compression] + plan.catalog + cluster.connection)
        try cluster.verify("status", partitions: plan.partitions, records: plan.messages)
        return cluster
    }

    private mutating func runDaemon(_ cluster: Cluster, _ round: Int) throws {
        let watch = try Child(["watch", "--topic", cluster.name("alerts.\(round)")] + cluster.connection)
        let outcome = try Child.measure(
            Outcome.self,
            ["daemon", "--input", cluster.name("status"), "--alerts", cluster.name("alerts.\(round)"), "--scores", cluster.name("scores.\(round)"),
             "--rejected", cluster.name("rejected.\(round)"), "--messages", "\(plan.messages)"] + plan.catalog + cluster.connection)
        watch.release()
        let seen = try Child.answer(Watch.Seen.self, of: watch, within: 10)
        guard let last = seen.last, let caughtUp = outcome.endedAt else { throw Problem("daemon: no alert reached another consumer") }
        daemon.append(outcome)
        written.append(last - caughtUp)
        alerts.append(Double(seen.records))
    }

    /// Nothing that is fast and wrong is measured: all end in the same scores, and every message counts.
    private func agree(_ round: Int) throws {
        let states = [("daemon", daemon.last), ("core", core.last), ("core one-step", oneStep.last)].compactMap { name, outcome in outcome?.state.map { (name, $0) } }
        for (name, state) in states {
            guard state.accepted == plan.messages, state.rejected == 0 else {
                throw Problem("round \(round): \(name) accepted \(state.accepted) and rejected \(state.rejected) of \(plan.messages) messages")
            }
            guard state == states[0].1 else { throw Problem("round \(round): \(states[0].0) and \(name) end in different scores: \(states[0].1) and \(state)") }
        }
        if let alerts = core.last?.alerts, alerts == 0 { throw Problem("round \(round): no alert changed in core") }
    }

    private func report(into figures: Figures) {
        figures.begin("Throughput")
        for (key, name, outcomes) in [("bare", "bare", bare), ("daemon", "daemon", daemon), ("parse", "parse", parse), ("core", "core", core), ("core_one_step", "core one-step", oneStep)] where !outcomes.isEmpty {
            figures.add("\(key).messages_per_second", "\(name): rate", "messages/s", outcomes.map(\.perSecond))
            figures.add("\(key).user_seconds", "\(name): user CPU", "s", outcomes.map(\.taken.user))
            figures.add("\(key).system_seconds", "\(name): system CPU", "s", outcomes.map(\.taken.system))
            figures.add("\(key).cpu_ns_per_message", "\(name): CPU a message", "ns", outcomes.map { $0.taken.cpu / Double($0.messages) * 1e9 })
            figures.add("\(key).peak_mib", "\(name): peak memory", "MiB", outcomes.map { Double($0.peak) / 1_048_576 })
        }
        if !daemon.isEmpty {
            figures.add("daemon.seconds_to_last_alert", "daemon: caught up until the last alert was read elsewhere", "s", written)
            figures.add("daemon.messages_per_second_to_last_alert", "daemon: rate, until that alert", "messages/s", zip(daemon, written).map { Double($0.messages) / ($0.taken.at + $1) })
            figures.add("daemon.alerts", "daemon: alerts found", "alerts", alerts)
        }
        if !core.isEmpty { figures.add("core.alert_changes", "core: alert changes", "alerts", core.map { Double($0.alerts ?? 0) }) }
        if !daemon.isEmpty, !bare.isEmpty {
            figures.add("daemon_over_bare.rate", "daemon ÷ bare: rate", "×", zip(daemon, bare).map { $0.perSecond / $1.perSecond })
            figures.add("daemon_over_bare.cpu", "daemon ÷ bare: CPU a message", "×", zip(daemon, bare).map { $0.taken.cpu / $1.taken.cpu })
        }
        if !core.isEmpty { figures.add("core_over_parse.cpu", "core ÷ parse: CPU a message", "×", zip(core, parse).map { $0.taken.cpu / $1.taken.cpu }) }
        if let one = (core + bare).first { figures.add("message_bytes", "a message", "bytes", [Double(one.bytes) / Double(plan.messages)]) }
    }
}
