import Catalog
import Engine
import Foundation
import Logging
@testable import Service
import Snapshots
import Testing

/// How snapshots are taken.
@Suite struct Snapshotting {
    @Test func `a snapshot is taken while messages come, and a restart goes on from it`() throws {
        try withSnapshotRun { run in
            run.turn()
            #expect(run.health == SnapshotHealth())
            // More than a piece.
            run.receive(0..<45_000)
            let expected = scores(run.engine)
            try run.snapshot()
            expect(run.restored(), 45_000, next: 45_000, scores: expected)
            let health = run.keeper.health(now: run.now + 5)
            #expect(health.age == 5 && health.size > 45_000 * 48 && health.size < 46_000 * 48)
            #expect(run.heard.lines == ["debug snapshot written"])
            run.receive(45_000..<45_100)
            try run.snapshot()
            let now = scores(run.engine)
            expect(run.restored(), 45_100, next: 45_100, scores: now)
        }
    }

    @Test func `where nothing has come nothing is written, and the snapshot is as young as if it had been`() throws {
        try withSnapshotRun { run in
            run.receive(0..<10)
            try run.snapshot()
            let before = try FileManager.default.attributesOfItem(atPath: run.directory.newest)[.systemFileNumber] as? Int
            try run.snapshot()
            let after = try FileManager.default.attributesOfItem(atPath: run.directory.newest)[.systemFileNumber] as? Int
            #expect(before == after && run.heard.lines.count == 1)
        }
    }

    @Test func `a snapshot that was taken away, or replaced, while nothing came is noticed when the next is due, told of, and taken again`() throws {
        try withSnapshotRun { run in
            run.receive(0..<10)
            try run.snapshot()
            let expected = scores(run.engine), said = "warning the snapshot that was written last is gone: taking another"
            for loss in 1...2 {
                if loss == 1 { try FileManager.default.removeItem(atPath: run.directory.newest) } else { try Data("x".utf8).write(to: URL(fileURLWithPath: run.directory.newest)) }
                try run.snapshot { _ in run.heard.lines.count { $0 == said } == loss }
                run.now -= 60
                try run.snapshot()
                expect(run.restored(), 10, next: 10, scores: expected)
                #expect(!FileManager.default.fileExists(atPath: run.directory.previous), "what was none does not become the previous")
            }
            try FileManager.default.removeItem(atPath: run.directory.newest)
            #expect(run.finish(within: 10))
            expect(run.restored(), 10, next: 10, scores: expected)
        }
    }

    @Test func `on a full disk the last snapshot stays, it is said once a minute, and the next one comes when there is room`() throws {
        try withSnapshotRun { run in
            run.receive(0..<30_000)
            let first = scores(run.engine)
            try run.snapshot()
            for _ in 0..<2 {
                run.receive(Int(run.next)..<Int(run.next) + 10)
                let unfinished = run.directory.path + "/register.snapshot.unfinished"
                try FileManager.default.createSymbolicLink(atPath: unfinished, withDestinationPath: "/dev/full")
                run.keeper = SnapshotKeeper(run.directory, every: .seconds(1), now: run.now, log: Logger(label: "test") { [heard = run.heard] _ in heard })
                for _ in 0..<3 {
                    run.now += -59 + 1
                    try run.snapshot { $0.error != nil }
                    try? FileManager.default.createSymbolicLink(atPath: unfinished, withDestinationPath: "/dev/full")
                }
                try? FileManager.default.removeItem(atPath: unfinished)
            }
            #expect(run.health.error?.contains("No space left on device") == true)
            let errors = run.heard.lines.filter { $0.hasPrefix("error") }
            #expect(errors.count == 2 && errors[0].contains("register.snapshot.unfinished: write: No space left on device; a restart would read more of the inputs again"))
            expect(run.restored(), 30_000, next: 30_000, scores: first)
            try run.snapshot()
            let now = scores(run.engine)
            expect(run.restored(), 30_020, next: 30_020, scores: now)
        }
    }

    @Test func `where nothing can be written the engine goes on and the reason is said`() throws {
        // Nobody writes there, not even root.
        let run = try SnapshotRun(try StateDirectory("/sys"))
        run.receive(0..<10)
        try run.snapshot { $0.error != nil }
        run.receive(10..<20)
        #expect(run.subjects == 20)
        #expect(run.heard.lines.count == 1 && run.heard.lines[0].hasPrefix("error no snapshot written, /sys/register.snapshot.unfinished: open: "))
        #expect(InstanceID(in: run.directory).concern?.contains("/sys/instance cannot be written") == true)
    }

    @Test func `a disk that hangs holds up nobody, and the end of the daemon for no longer than it allows`() throws {
        try withSnapshotRun { run in
            let unfinished = run.directory.path + "/register.snapshot.unfinished"
            signal(SIGPIPE, SIG_IGN)
            // To open a pipe for writing waits until somebody reads it.
            #expect(mkfifo(unfinished, 0o600) == 0)
            run.receive(0..<200_000)
            run.now += 60
            for _ in 0..<1_000 { run.turn() }
            #expect(!run.isCopying)
            run.receive(200_000..<200_010)
            #expect(run.subjects == 200_010)
            #expect(run.heard.lines == [] && run.health.error == nil)
            run.tell(after: 300, "the disk has not taken it yet: it is slow, or hangs")
            #expect(!run.finish(within: 0.2))
            let reader = open(unfinished, O_RDONLY | O_NONBLOCK)
            #expect(reader >= 0)
            close(reader)
        }
    }

    @Test func `a snapshot becomes valid only when all rejections that it knows of have arrived`() throws {
        try withSnapshotRun { run in
            run.receive(0..<10)
            run.delivery = .init(handedOver: 3, settled: 2)
            run.now += 60
            // The thread that writes must keep up, or the copy is not whole yet.
            for _ in 0..<1_000 {
                run.turn()
                usleep(2_000)
            }
            #expect(!FileManager.default.fileExists(atPath: run.directory.newest))
            run.tell(after: 300, "rejections that came of what is in it have not been written: what the log says of the rejected topic is to be mended")
            // What was handed over later does not matter.
            run.delivery = .init(handedOver: 5, settled: 3)
            try run.snapshot { $0.age != nil }
            #expect(run.health.error == nil)
            run.turn()
            #expect(run.health.error == nil, "the next has only begun")
            #expect(FileManager.default.fileExists(atPath: run.directory.newest))
            run.receive(10..<20)
            #expect(!run.finish(within: 5))
            run.delivery.settled = 5
            #expect(run.finish(within: 5))
        }
    }

    @Test func `the last snapshot holds everything, also where one was being taken`() throws {
        try withSnapshotRun { run in
            run.receive(0..<10)
            #expect(run.finish(within: 10))
            let first = scores(run.engine)
            expect(run.restored(), 10, next: 10, scores: first)
            run.receive(10..<60_000)
            run.now += 60
            run.turn()
            run.turn()
            #expect(run.isCopying)
            run.receive(60_000..<60_500)
            #expect(run.finish(within: 20))
            let last = scores(run.engine)
            expect(run.restored(), 60_500, next: 60_500, scores: last)
            #expect(run.finish(within: 5), "nothing to do")
            run.receive(60_500..<60_501)
            #expect(!run.finish(within: 0))
            expect(run.restored(), 60_500, next: 60_500, scores: last)
        }
    }

    @Test func `a copy that another catalog has overtaken is begun again`() throws {
        try withSnapshotRun { run in
            run.receive(0..<45_000)
            run.now += 60
            run.turn()
            run.turn()
            var other = SnapshotRun.catalog
            other.hash = "sha256:1"
            other.frameworks[0].criteria.removeLast()
            try run.engine.adopt(other)
            run.now -= 60
            try run.snapshot()
            let expected = scores(run.engine)
            expect(run.restored(other), 45_000, next: 45_000, scores: expected)
        }
    }
}
