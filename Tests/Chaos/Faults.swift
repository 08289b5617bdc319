import Cases
import Foundation
import Kafka

/// What is broken, one thing after another, and mended seconds later. By then the cluster may be another: who mends asks for it.
extension Drill {
    func breakSomething() throws {
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
            later(span(0.2, 2)) { [self] in
                if !daemon.isMeantToBeDead, !isQuiet { daemon.freeze() }
                ground.broker?.delay(milliseconds: 0)
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
        switch dice.int(0...7) {
        case 0:
            let rest = span(0.3, 8)
            broker.takeDown(victim)
            say("\(who): down for \(String(format: "%.1f", rest)) s")
            later(rest) { [ground] in ground.broker?.bringUp(victim) }
        case 1:
            let rest = span(1, 7), delay = Int32(dice.int(50...2_000))
            broker.delay(victim, milliseconds: delay)
            say("\(who): answers \(delay) ms late for \(String(format: "%.1f", rest)) s")
            later(rest) { [ground] in ground.broker?.delay(victim, milliseconds: 0) }
        case 2:
            let target = dice.one(of: ground.partitions)
            if dice.once(in: 4) {
                let rest = span(0.3, 5)
                broker.moveLeader(of: target, to: nil)
                say("\(target): without a leader for \(String(format: "%.1f", rest)) s")
                later(rest) { [ground] in ground.broker?.moveLeader(of: target, to: one) }
            } else {
                broker.moveLeader(of: target, to: one)
                say("\(target): led by broker \(one)")
            }
        case 3:
            ground.moveCoordinator(to: one)
            say("the group is coordinated by broker \(one)")
        case 4:
            let rest = span(4, 12)
            broker.delay(victim, milliseconds: Self.silence)
            say("\(who): \(victim == nil ? "take" : "takes") every question and \(victim == nil ? "answer" : "answers") none for \(String(format: "%.1f", rest)) s")
            later(rest) { [ground] in
                ground.broker?.delay(victim, milliseconds: 0)
                if victim == nil || victim == ground.coordinator { ground.hangUp() }
            }
        case 5:
            let count = dice.int(1...6)
            broker.delay(one, next: count, .listOffsets, milliseconds: Self.silence)
            say("broker \(one): \(count) questions for offsets wait \(Self.silence / 1_000) s for their answer")
        default:
            let (request, codes) = dice.one(of: Self.errors)
            let errors = (0..<dice.int(1...8)).map { _ in dice.one(of: codes) }
            broker.fail(request, with: errors)
            say("\(request) fails: \(errors.map(\.name).joined(separator: ", "))")
            later(10) { [ground] in ground.broker?.failNoMore(request) }
        }
    }

    /// Milliseconds for which a question stays without an answer: longer than anyone waits.
    private static let silence: Int32 = 15_000

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
}

extension KafkaError.Code {
    static let notLeader = Self(rawValue: 6), requestTimedOut = Self(rawValue: 7), notEnoughReplicas = Self(rawValue: 19), storage = Self(rawValue: 56)
    fileprivate static let leaderNotAvailable = Self(rawValue: 5), fencedEpoch = Self(rawValue: 74), brokerNotAvailable = Self(rawValue: 8)
    fileprivate static let coordinatorLoading = Self(rawValue: 14), coordinatorNotAvailable = Self(rawValue: 15), notCoordinator = Self(rawValue: 16)
    fileprivate static let illegalGeneration = Self(rawValue: 22), unknownMember = Self(rawValue: 25), rebalancing = Self(rawValue: 27)
}
