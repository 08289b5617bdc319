import Foundation
import Service
import Testing

/// What the service manager hears: sd_notify(3), systemd 252.
@Suite struct WhatSystemdHears {
    private func manager(_ listener: DatagramListener, _ more: [String: String] = [:]) -> Systemd {
        Systemd { (["NOTIFY_SOCKET": listener.address].merging(more) { $1 })[$0] }
    }

    @Test(arguments: [false, true]) func `the states of a service are told to a path and to an abstract socket`(abstract: Bool) throws {
        let listener = try DatagramListener(abstract: abstract)
        let systemd = manager(listener)
        systemd.ready("leader, 43 alerts firing")
        #expect(listener.text() == "READY=1\nSTATUS=leader, 43 alerts firing")
        var before = timespec(), after = timespec()
        clock_gettime(CLOCK_MONOTONIC, &before)
        systemd.reloading("reading the configuration anew")
        clock_gettime(CLOCK_MONOTONIC, &after)
        let lines = try #require(listener.text()).split(separator: "\n")
        #expect(lines.first == "RELOADING=1" && lines.last == "STATUS=reading the configuration anew" && lines.count == 3)
        let told = try #require(Int(lines[1].dropFirst("MONOTONIC_USEC=".count)))
        #expect((before.tv_sec * 1_000_000 + before.tv_nsec / 1_000...after.tv_sec * 1_000_000 + after.tv_nsec / 1_000).contains(told))
        systemd.ready("leader")
        #expect(listener.text() == "READY=1\nSTATUS=leader")
        systemd.stopping("delivering")
        #expect(listener.text() == "STOPPING=1\nSTATUS=delivering")
        #expect(listener.text() == nil)
    }

    @Test func `a status is told if it is new, at most once a second, on one line`() throws {
        let listener = try DatagramListener()
        let systemd = manager(listener)
        systemd.status("catching up: 1 of 100", now: 10)
        systemd.status("catching up: 2 of 100", now: 10.9)
        #expect(listener.text() == "STATUS=catching up: 1 of 100" && listener.text() == nil)
        systemd.status("catching up: 3\nof 100", now: 11)
        #expect(listener.text() == "STATUS=catching up: 3 of 100")
        systemd.status("catching up: 3\nof 100", now: 20)
        #expect(listener.text() == nil)
        systemd.ready("leader")
        systemd.status("leader", now: 30)
        #expect(listener.text() == "READY=1\nSTATUS=leader" && listener.text() == nil)
    }

    @Test func `before it is ready progress asks for more time, afterwards it is the watchdog's sign of life, three times within its patience`() throws {
        let listener = try DatagramListener()
        let systemd = manager(listener, ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"])
        systemd.progress(now: 100)
        systemd.progress(now: 119.9)
        systemd.progress(now: 120)
        #expect(listener.text() == "EXTEND_TIMEOUT_USEC=60000000" && listener.text() == "EXTEND_TIMEOUT_USEC=60000000" && listener.text() == nil)
        systemd.ready("leader")
        listener.drain()
        for turn in 0..<3_000 { systemd.progress(now: 120 + Double(turn) / 100) }
        for _ in 0..<3 { #expect(listener.text() == "WATCHDOG=1") }
        #expect(listener.text() == nil)
    }

    @Test(arguments: [[:], ["WATCHDOG_USEC": "0"], ["WATCHDOG_USEC": "soon"], ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"]])
    func `where no watchdog watches this process there is no sign of life`(environment: [String: String]) throws {
        let listener = try DatagramListener()
        let systemd = manager(listener, environment)
        systemd.ready("leader")
        listener.drain()
        systemd.progress(now: 1)
        #expect(listener.text() == nil)
    }

    @Test(arguments: [nil, "", "@", "relative", "/nowhere/at/all", "vsock:2:1234", "/" + String(repeating: "x", count: 108)])
    func `without a service manager, or with one out of reach, nothing happens`(address: String?) {
        let systemd = Systemd { ["NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"][$0] ?? nil }
        systemd.progress(now: 1)
        systemd.ready("leader")
        systemd.status("leader", now: 2)
        systemd.progress(now: 3)
        systemd.stopping("")
    }

    @Test func `READY that did not get through, because the manager was busy, comes with the next message`() throws {
        let listener = try DatagramListener()
        let systemd = manager(listener, ["WATCHDOG_USEC": "30000000"])
        try listener.fill()
        systemd.ready("leader")
        listener.drain()
        systemd.progress(now: 1)
        #expect(listener.text() == "READY=1\nWATCHDOG=1")
        try listener.fill()
        systemd.stopping("delivering")
        listener.drain()
        systemd.status("delivering", now: 2)
        #expect(listener.text() == "STOPPING=1\nSTATUS=delivering")
    }
}
