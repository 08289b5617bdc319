import Cases
import CatalogFiles
import Foundation
import Kafka
@testable import Snapshots
import Testing

/// What is kept on the disk makes a start short, and is never believed where it is wrong.
@Suite(.serialized) struct Restarts {
    private static let kept = "clock: {start: \"2021-06-01T00:00:00+07:00\", speed: 0.001}\nstate: {directory: state, snapshot_every: 1s}\n"

    private func snapshot(_ province: SmallProvince, _ suffix: String = "") -> URL { province.folder.appendingPathComponent("a/state/register.snapshot\(suffix)") }

    @Test func `after SIGTERM a start goes on from the last snapshot, under the same name, and reads the last record of a partition again and nothing else`() throws {
        try SmallProvince.with { province in
            var daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            for number in 0..<50 { try province.queue(province.dossier("S\(number)", at: "D1").field("state", "2")) }
            try province.flush()
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            let name = try #require(try province.health().keys.first)
            daemon.signal(SIGTERM)
            daemon.process.waitUntilExit()
            #expect(daemon.process.terminationStatus == 0 && daemon.text.contains("snapshot=taken"), "\(daemon.text)")

            daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            #expect(daemon.text.contains("snapshot loaded") && daemon.text.contains("subjects=51"))
            #expect(daemon.says("caught up") && daemon.text.contains(" records=1 "), "\(daemon.text)")
            try province.send("1", late: false)
            #expect(try eventually { try province.last()?.state == "resolved" })
            #expect(try province.health().keys.allSatisfy { $0 == name })
        }
    }

    @Test func `a start from an older snapshot reads what came since, and ends right`() throws {
        try SmallProvince.with { province in
            var daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            try #require(eventually { FileManager.default.fileExists(atPath: snapshot(province).path) }, "\(daemon.text)")
            daemon.signal(SIGKILL)
            daemon.process.waitUntilExit()
            try province.send("1", late: false)
            try province.send("2", at: "D2", late: true)
            daemon = try province.start("a", extra: Self.kept)
            #expect(try eventually { try province.last()?.state == "resolved" && province.last(SmallProvince.other)?.state == "firing" }, "\(daemon.text)")
            #expect(daemon.text.contains("snapshot loaded"))
        }
    }

    @Test func `where both snapshots are damaged the daemon says so, reads the inputs from their beginning, and ends right`() throws {
        try SmallProvince.with { province in
            var daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            try #require(eventually { FileManager.default.fileExists(atPath: snapshot(province).path) })
            try province.send("2", at: "D2", late: true)
            try #require(eventually { FileManager.default.fileExists(atPath: snapshot(province, ".previous").path) }, "\(daemon.text)")
            daemon.signal(SIGKILL)
            daemon.process.waitUntilExit()
            for suffix in ["", ".previous"] {
                var bytes = try Data(contentsOf: snapshot(province, suffix))
                bytes[bytes.count / 2] ^= 0x10
                try bytes.write(to: snapshot(province, suffix))
            }
            daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            #expect(daemon.text.components(separatedBy: " error ").count > 2 && daemon.text.contains("reading the inputs from their beginning"), "\(daemon.text)")
            try province.send("1", late: false)
            #expect(try eventually { try province.last()?.state == "resolved" })
            #expect(try province.last(SmallProvince.other)?.state == "firing")
        }
    }

    @Test(.enabled(if: TestCluster.real == nil, "a real cluster is not to be replaced"))
    func `an input that was made anew while the daemon was away, and has outgrown the place where it was, is read from its beginning`() throws {
        try SmallProvince.with { province in
            var daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            daemon.signal(SIGTERM)
            daemon.process.waitUntilExit()
            try #require(daemon.text.contains("snapshot=taken"))
            try province.replaceBroker()
            // The end of the dossier lies before the place at which the snapshot would go on.
            try province.send("1", late: false)
            for number in 0..<40 { try province.queue(province.dossier("S\(number)", at: "D1").field("state", "2"), partition: Int32(number % 4)) }
            try province.flush()
            daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            #expect(daemon.says("made anew"), "\(daemon.text)")
            try province.send("2", late: false)
            try province.send("3", at: "D2", late: true)
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" })
            #expect(try province.last()?.state != "firing", "\(daemon.text)")
        }
    }

    @Test(.enabled(if: TestCluster.real == nil, "a real cluster is not to be replaced"))
    func `an input that was made anew while the daemon was away, and is shorter than what was read, is told of and read from its beginning`() throws {
        try SmallProvince.with { province in
            var daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            func late(_ agency: String) -> DossierMessage {
                province.dossier("late", at: agency).field("state", "9").field("due", text: "2021-03-10T17:00:00+07:00").field("finished", text: "2021-03-20T09:00:00+07:00")
            }
            for number in 0..<4 { try province.queue(province.dossier("S\(number)", at: "D1").field("state", "2"), partition: 2) }
            try province.queue(late("D1"), partition: 2)
            try province.flush()
            try #require(try eventually { try province.last()?.state == "firing" }, "\(daemon.text)")
            daemon.signal(SIGTERM)
            daemon.process.waitUntilExit()
            try #require(daemon.text.contains("received=5"), "\(daemon.text)")
            try province.replaceBroker()
            try province.queue(late("D2"), partition: 2)
            try province.flush()
            daemon = try province.start("a", extra: Self.kept)
            #expect(daemon.says("[2] does not go on at offset 5, it has 0 to 1: the topic was made anew while this daemon was away; reading from 0"), "\(daemon.text)")
            #expect(try eventually { try province.last(SmallProvince.other)?.state == "firing" }, "\(daemon.text)")
            #expect(!daemon.text.contains("[1] does not go on"), "\(daemon.text)")
        }
    }

    @Test func `after a mistake in late_by that was mended, and however many snapshots were taken by it, a start goes on from what was there before`() throws {
        try SmallProvince.with { province in
            func modified() -> Date? { try? snapshot(province).resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate }
            func takeTwo(_ agency: String, _ daemon: DaemonProcess) throws {
                for number in 0..<2 {
                    let before = modified()
                    try province.send("\(agency) \(number)", at: agency, late: true)
                    try #require(eventually { modified() != before }, "\(daemon.text)")
                }
            }
            var daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            try takeTwo("D1", daemon)
            daemon.signal(SIGTERM)
            daemon.process.waitUntilExit()
            try #require(daemon.text.contains("snapshot=taken"))
            let right = try Data(contentsOf: snapshot(province))

            for _ in 0..<2 {
                daemon = try province.start("a", extra: Self.kept + "late_by: instant\n")
                try #require(daemon.says(" info leading "), "\(daemon.text)")
                try takeTwo("D2", daemon)
                daemon.signal(SIGTERM)
                daemon.process.waitUntilExit()
            }
            #expect(!daemon.text.contains("register.snapshot"), "the second start has snapshots of its own\n\(daemon.text)")
            let log = try String(contentsOf: province.folder.appendingPathComponent("a/log"), encoding: .utf8)
            #expect(log.contains("rests on late_by date in Asia/Ho_Chi_Minh, no ranks of sources, but the configuration says late_by instant"), "\(log)")
            #expect(log.components(separatedBy: "register.snapshot stays as ").count == 2, "\(log)")
            #expect(try Data(contentsOf: snapshot(province, ".refused")) == right)

            for _ in 0..<2 {
                daemon = try province.start("a", extra: Self.kept)
                try #require(daemon.says(" info leading "), "\(daemon.text)")
                #expect(daemon.text.contains("snapshot loaded"), "\(daemon.text)")
                daemon.signal(SIGTERM)
                daemon.process.waitUntilExit()
            }
            #expect(!daemon.text.contains("register.snapshot"), "\(daemon.text)")
            #expect(try Data(contentsOf: snapshot(province, ".refused")) == right, "it did not give way to one that is of no use")
        }
    }

    @Test(.enabled(if: TestCluster.real == nil, "a real cluster is not to be replaced"))
    func `at another cluster what was counted stays, and the inputs are read from their beginning, wherever the former one's were read to`() throws {
        try SmallProvince.with { province in
            var daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            for number in 0..<9 { try province.queue(province.dossier("S\(number)", at: "D1").field("state", "2"), partition: Int32(number % 4)) }
            try province.flush()
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            daemon.signal(SIGTERM)
            daemon.process.waitUntilExit()
            try #require(daemon.text.contains("snapshot=taken"))
            try alter(province) { basis in
                #expect(basis.cluster == "mockCluster")
                basis.cluster = "elsewhere"
                // What ends with a transaction's marker ends with no record that could be known again.
                for index in basis.positions.indices { basis.positions[index].fingerprint = nil }
            }
            try province.replaceBroker()
            // Lies before the place at which the snapshot would go on.
            try province.queue(province.dossier("2", at: "D2").field("state", "9").field("due", text: "2021-03-10T17:00:00+07:00").field("finished", text: "2021-03-20T09:00:00+07:00"), partition: 0)
            for number in 0..<40 { try province.queue(province.dossier("T\(number)", at: "D1").field("state", "2"), partition: Int32(number % 4)) }
            try province.flush()
            for _ in 0..<2 {
                daemon = try province.start("a", extra: Self.kept)
                try #require(daemon.says(" info leading "), "\(daemon.text)")
                #expect(try eventually { try province.last()?.state == "firing" && province.last(SmallProvince.other)?.state == "firing" }, "\(daemon.text)")
                #expect(!daemon.text.contains("INCOMPLETE"), "\(daemon.text)")
                daemon.signal(SIGTERM)
                daemon.process.waitUntilExit()
            }
            #expect(!daemon.text.contains("at cluster"), "its own snapshot is of this cluster\n\(daemon.text)")
            let log = try String(contentsOf: province.folder.appendingPathComponent("a/log"), encoding: .utf8)
            #expect(log.contains(" error the snapshot was taken at cluster elsewhere, this one is mockCluster: what was counted stays, and the inputs are read from their beginning"), "\(log)")
        }
    }

    /// Has the newest snapshot say another thing of what it rests on.
    private func alter(_ province: SmallProvince, _ change: (inout SnapshotBasis) -> Void) throws {
        let home = province.folder.appendingPathComponent("a")
        let catalog = try Configuration.load(path: home.appendingPathComponent("parwatch.yaml").path).catalog, directory = try StateDirectory(home.appendingPathComponent("state").path)
        let reader = try #require(try SnapshotReader(directory.newest, for: catalog))
        var basis = reader.basis
        change(&basis)
        var writer = try SnapshotWriter.begin(in: directory, basis)
        while let block = try reader.next() { try writer.append(block.section, Array(block.bytes)) }
        _ = try writer.finish(newestBecomes: .gone)
    }

    @Test func `what a clock that was ahead took from the register is there again once the clock is right`() throws {
        func kept(_ start: String) -> String { "clock: {start: \"\(start)\", speed: 0.001}\nstate: {directory: state, snapshot_every: 1s}\n" }
        try SmallProvince.with { province in
            var daemon = try province.start("a", maxAhead: "10m", extra: kept("2021-06-01T00:00:00+07:00"))
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            try province.send("1", late: true)
            for number in 0..<9 { try province.send("S\(number)", at: "D2", late: false) }
            try #require(try eventually { try province.last()?.state == "firing" })
            daemon.signal(SIGTERM)
            daemon.process.waitUntilExit()
            for _ in 0..<2 {
                daemon = try province.start("a", maxAhead: "10m", extra: kept("2024-06-01T00:00:00+07:00"))
                try #require(daemon.says(" info leading "), "\(daemon.text)")
                // Something comes, so that another snapshot is taken.
                try province.send("T", late: true)
                try #require(try eventually { try province.last()?.state == "resolved" }, "\(daemon.text)")
                daemon.signal(SIGTERM)
                daemon.process.waitUntilExit()
                try #require(daemon.text.contains("snapshot=taken"), "\(daemon.text)")
            }
            daemon = try province.start("a", maxAhead: "10m", extra: kept("2021-06-01T00:00:01+07:00"))
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            #expect(daemon.text.contains("was taken when the clock said 2024-06-01T"), "\(daemon.text)")
            #expect(daemon.text.contains("subjects=11"), "\(daemon.text)")
            #expect(try eventually { try province.last()?.state == "firing" }, "\(daemon.text)")
        }
    }

    @Test func `two daemons do not share a state directory`() throws {
        try SmallProvince.with { province in
            let first = try province.start("a", extra: Self.kept)
            try #require(first.says(" info leading "), "\(first.text)")
            let second = try province.start("a", extra: Self.kept)
            second.process.waitUntilExit()
            #expect(second.process.terminationStatus == 1 && second.text.contains("in use by another parwatch"), "\(second.text)")
        }
    }

    @Test(.enabled(if: TestCluster.real == nil, "the embedded broker drops old records"))
    func `where retention has overtaken the snapshot the daemon is incomplete, also after the next start, until an operator accepts the gap`() throws {
        try SmallProvince.with { province in
            var daemon = try province.start("a", extra: Self.kept)
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            try province.send("1", late: true)
            try #require(try eventually { try province.last()?.state == "firing" })
            daemon.signal(SIGTERM)
            daemon.process.waitUntilExit()
            try province.send("1", late: false)
            try province.overrun()
            for _ in 0..<2 {
                daemon = try province.start("a", extra: Self.kept)
                try #require(daemon.says(" info leading "), "\(daemon.text)")
                #expect(daemon.text.contains("INCOMPLETE: ") && daemon.text.contains("retention has overtaken"), "\(daemon.text)")
                daemon.signal(SIGTERM)
                daemon.process.waitUntilExit()
            }
            #expect(try province.last()?.state == "firing")
            daemon = try province.start("a", extra: Self.kept, arguments: ["--accept-gap"])
            try #require(daemon.says(" info leading "), "\(daemon.text)")
            #expect(!daemon.text.contains("INCOMPLETE"))
            // That it was finished in time is lost; the operator knows, and sends it again.
            try province.send("1", late: false)
            #expect(try eventually { try province.last()?.state == "resolved" })
        }
    }
}
