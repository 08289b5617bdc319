import Alerting
import Catalog
import Engine
import Intake
import Service

/// `/metrics`. Names are stable, in base units; docs/metrics.md explains each.
enum MetricsPage {
    /// `view` nil: the daemon has not begun to read.
    static func text(_ view: View?, pushes: PushFigures.Count?) -> String {
        var page = Exposition()
        standing(&page, view)
        input(&page, view)
        sources(&page, view)
        output(&page, view)
        state(&page, view)
        alertmanager(&page, pushes)
        messaging(&page, view)
        process(&page)
        return page.text
    }

    private static func standing(_ page: inout Exposition, _ view: View?) {
        let health = view?.health
        page.add("parwatch_build_info", .gauge, "Always 1; the version is a label.") { $0.sample(1, ["version": Daemon.version]) }
        page.add("parwatch_catalog_info", .gauge, "Always 1; who publishes, and the hash of the catalog in force, are labels.") {
            if let health { $0.sample(1, ["source": health.source, "catalog": health.catalog, "instance_id": health.instance]) }
        }
        page.add("parwatch_caught_up", .gauge, "1 when the inputs have been read to where they ended at the start.") { $0.sample(health?.isCaughtUp == true) }
        page.add("parwatch_backlog_records", .gauge, "Records that lay in the topics at the start.") { if let view { $0.sample(Int(view.backlog)) } }
        page.add("parwatch_backlog_read_records", .gauge, "How many of them have been read.") { if let view { $0.sample(Int(view.read)) } }
        page.add("parwatch_leader", .gauge, "1 while this daemon publishes alerts and scores.") { $0.sample(health?.role == .leader) }
        page.add("parwatch_term", .gauge, "The number of the leadership under which this daemon leads, or is about to; no sample while it stands by.") { if let term = health?.term { $0.sample(Int(term)) } }
        page.add("parwatch_judging_held", .gauge, "1 while judging stands still: no alert changes, because inputs lag, nobody confirms who leads, or alerts are not read back.") { $0.sample(health?.standstill != nil) }
        page.add("parwatch_gaps", .gauge, "What may be missing in the inputs, so that no alert is resolved; 0 is well.") { if let health { $0.sample(health.gaps.count) } }
        page.add("parwatch_reload_failed", .gauge, "1 if the last reload changed nothing, so that the old configuration is in force; the log says why.") { if let view { $0.sample(view.failedReload != nil) } }
        page.add("parwatch_clock_timestamp_seconds", .gauge, "The judging clock.") { if let health { $0.sample(Double(health.asOf.microseconds) / 1e6) } }
        page.add("parwatch_clock_simulated", .gauge, "1 if the clock is simulated, so that alerts do not speak of the present.") { if let health { $0.sample(health.isClockSimulated) } }
    }

    private static func input(_ page: inout Exposition, _ view: View?) {
        func perPartition(_ name: String, _ help: String, _ value: (View.Partition) -> Double) {
            page.add(name, .gauge, help) {
                for one in view?.partitions ?? [] { $0.sample(value(one), ["topic": one.topic, "partition": "\(one.number)"]) }
            }
        }
        perPartition("parwatch_lag_records", "Records that are known to lie in a partition of the inputs and were not read yet.") { Double($0.lag) }
        perPartition("parwatch_lag_seconds", "How old what was read of a partition is at most.") { $0.lagSeconds }
        perPartition("parwatch_next_offset", "The next offset to read of a partition.") { Double($0.position) }
        page.add("parwatch_received_records_total", .counter, "Input records read since the start.") { $0.sample(view?.counts.received ?? 0) }
        page.add("parwatch_accepted_records_total", .counter, "Of these, the ones that changed the register; the others were duplicates, superseded or rejected.") {
            $0.sample(view?.counts.accepted ?? 0)
        }
        page.add("parwatch_rejected_records_total", .counter, "Of these, the ones that cannot be counted; unknown_agency is kept and counts later.") {
            for reason in RejectionReason.allCases { $0.sample(view?.rejections[reason] ?? 0, ["reason": reason.rawValue]) }
        }
    }

    /// Those without a name have no sample of their newest: they may be many.
    private static func sources(_ page: inout Exposition, _ view: View?) {
        page.add("parwatch_source_newest_timestamp_seconds", .gauge, "The latest time that a source has said anything of, also before the start where there was a snapshot; so old is its newest word.") {
            for one in view?.sources ?? [] {
                if let name = one.name, let newest = one.newest { $0.sample(Double(newest.microseconds) / 1e6, ["source": name]) }
            }
        }
        page.add("parwatch_source_statuses_total", .counter, "What became of what a source said; without a name: all those there was no room for.") {
            for one in view?.sources ?? [] {
                for (outcome, count) in [("accepted", one.accepted), ("superseded", one.superseded), ("rejected", one.rejected)] { $0.sample(count, ["source": one.name ?? "", "outcome": outcome]) }
            }
        }
        page.add("parwatch_source_listed", .gauge, "1 if the catalog names it, so that it should be heard of.") {
            for one in view?.sources ?? [] { if let name = one.name { $0.sample(one.isListed, ["source": name]) } }
        }
    }

    private static func output(_ page: inout Exposition, _ view: View?) {
        page.add("parwatch_alerts", .gauge, "Alerts on the alert topic that are alive.") {
            for one in view?.alerts ?? [] { $0.sample(one.count, ["state": one.state.rawValue, "severity": one.severity.rawValue]) }
        }
        page.add("parwatch_written_records_total", .counter, "Records that the broker has acknowledged since the start.") {
            for one in view?.writes ?? [] { $0.sample(one.written, ["topic": one.topic]) }
        }
        page.add("parwatch_write_failures_total", .counter, "Attempts to write that failed; each is made again or overtaken by a newer record.") {
            for one in view?.writes ?? [] { $0.sample(one.failed, ["topic": one.topic]) }
        }
        page.add("parwatch_last_write_timestamp_seconds", .gauge, "When a record last arrived at the broker.") { if let since = view?.sinceLastWrite { $0.sample(ServiceClock.wallSeconds - since) } }
        page.add("parwatch_outstanding_records", .gauge, "Records on their way to the broker.") { if let view { $0.sample(view.outstanding) } }
    }

    private static func state(_ page: inout Exposition, _ view: View?) {
        let snapshot = view?.snapshot
        page.add("parwatch_register_dossiers", .gauge, "Subjects in the register: dossiers, and those of all other kinds.") { if let view { $0.sample(view.subjects) } }
        page.add("parwatch_snapshot_timestamp_seconds", .gauge, "The moment whose statuses the last snapshot of this process holds.") { if let age = snapshot?.age { $0.sample(ServiceClock.wallSeconds - age) } }
        page.add("parwatch_snapshot_size_bytes", .gauge, "Size of that snapshot.") { if let snapshot, snapshot.age != nil { $0.sample(snapshot.size) } }
        page.add("parwatch_snapshot_duration_seconds", .gauge, "How long it took until it was on the disk.") { if let snapshot, snapshot.age != nil { $0.sample(snapshot.took) } }
        page.add("parwatch_snapshot_failing", .gauge, "1 if the last attempt to write a snapshot failed, or none has come to its end for five periods; the log says why.") { if let snapshot { $0.sample(snapshot.error != nil) } }
    }

    private static func alertmanager(_ page: inout Exposition, _ pushes: PushFigures.Count?) {
        page.add("parwatch_alertmanager_pushes_total", .counter, "Requests to Alertmanager.") {
            guard let pushes else { return }
            $0.sample(pushes.succeeded, ["result": "success"])
            $0.sample(pushes.failed, ["result": "failure"])
        }
        page.add("parwatch_alertmanager_alerts", .gauge, "Alerts that Alertmanager was last told are firing.") { if let pushes { $0.sample(pushes.alive) } }
        page.add("parwatch_alertmanager_last_success_timestamp_seconds", .gauge, "When Alertmanager last took what it was sent.") { if let at = pushes?.lastSuccess { $0.sample(at) } }
    }

    /// Names and labels of OpenTelemetry's semantic conventions for messaging.
    private static func messaging(_ page: inout Exposition, _ view: View?) {
        page.add("messaging_client_consumed_messages_total", .counter, "Records read since the start, of inputs and of our own topics.") {
            for one in view?.consumed ?? [] { $0.sample(one.records, ["messaging_system": "kafka", "messaging_operation_name": "poll", "messaging_destination_name": one.topic]) }
        }
        page.add("messaging_client_sent_messages_total", .counter, "Records that the broker has acknowledged since the start.") {
            for one in view?.writes ?? [] { $0.sample(one.written, ["messaging_system": "kafka", "messaging_operation_name": "send", "messaging_destination_name": one.topic]) }
        }
    }

    private static func process(_ page: inout Exposition) {
        let figures = ProcessFigures()
        page.add("process_cpu_seconds_total", .counter, "User and system time of the process.") { $0.sample(figures.cpuSeconds) }
        page.add("process_resident_memory_bytes", .gauge, "Resident memory of the process.") { if let bytes = figures.residentBytes { $0.sample(bytes) } }
        page.add("process_open_fds", .gauge, "Open file descriptors.") { if let count = figures.openFiles { $0.sample(count) } }
        page.add("process_max_fds", .gauge, "The limit on open file descriptors.") { if let count = figures.mostFiles { $0.sample(count) } }
        page.add("process_start_time_seconds", .gauge, "When the process started.") { if let at = figures.startedAt { $0.sample(at) } }
    }
}
