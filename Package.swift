// swift-tools-version: 6.2
// parwatch: watches how a province serves its people. ARCHITECTURE.md explains the modules; they stand here in the order in which a message passes them.
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("MemberImportVisibility")]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A module that is optimized in debug builds, too: the laws of the core are tested with many random cases. Engine is not, because Swift 6.3.1 crashes when it builds it so.
func optimized(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + [.unsafeFlags(["-O"], .when(configuration: .debug))])
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + dependencies, swiftSettings: strict)
}

let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")

let package = Package(
    name: "parwatch",
    products: [.executable(name: "parwatch", targets: ["parwatch"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C at the edge: Debian's libraries.
        .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(name: "CPrefetch"),
        .systemLibrary(name: "CCRC32C"),
        .systemLibrary(name: "CMalloc"),
        .target(name: "CSimdJSON", cxxSettings: [.unsafeFlags(["-O3"], .when(configuration: .release))], linkerSettings: [.linkedLibrary("simdjson")]),

        // The pure core: no I/O, no clock, no environment, no Foundation.
        optimized("JSON", ["CSimdJSON"]),
        optimized("XML", ["CExpat"]),
        optimized("Catalog"),
        optimized("Intake", ["Catalog", "JSON", "XML", "CLibcrypto"]),
        optimized("Register", ["Catalog", "CPrefetch", "Intake", heap]),
        optimized("Scoreboard", ["Catalog", "CPrefetch", "Register", heap]),
        optimized("Alerting", ["Catalog", "JSON", "Scoreboard", heap]),
        module("Engine", ["Alerting", "Catalog", "CPrefetch", "Intake", "JSON", "Register", "Scoreboard"]),

        // The outside: files, Kafka, the process.
        module("CatalogFiles", ["Catalog", "Intake", .product(name: "Configuration", package: "swift-configuration"), .product(name: "Yams", package: "Yams")]),
        module("Declaring", ["Catalog", "CatalogFiles", "Engine", "Intake", "JSON", "Scoreboard"]),
        module("Kafka", ["CRdKafka"]),
        module("Simulation"),
        module("Snapshots", ["Catalog", "CCRC32C"]),
        module("Service", ["Alerting", "CMalloc", "Catalog", "CatalogFiles", "Engine", "Intake", "JSON", "Kafka", "Scoreboard", "Snapshots", .product(name: "Logging", package: "swift-log")]),
        module("Web", ["Alerting", "Catalog", "CatalogFiles", "Engine", "Intake", "JSON", "Scoreboard", "Service",
                       .product(name: "Hummingbird", package: "hummingbird"), .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "HTTPTypes", package: "swift-http-types"),
                       .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                       .product(name: "NIOHTTPTypes", package: "swift-nio-extras"), .product(name: "NIOPosix", package: "swift-nio")]),
        .executableTarget(
            name: "parwatch",
            dependencies: ["Alerting", "Catalog", "CatalogFiles", "Declaring", "Engine", "Intake", "JSON", "Kafka", "Scoreboard", "Service", "Simulation", "Web",
                           .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),

        // What measures it: `scripts/bench`. Always built, so that it keeps compiling.
        .target(name: "BenchmarkMessages", dependencies: ["Catalog", "Intake"], path: "Benchmarks/Messages", swiftSettings: strict),
        .executableTarget(
            name: "parwatch-bench",
            dependencies: ["BenchmarkMessages", "CRdKafka", "Catalog", "CatalogFiles", "Engine", "Intake", "JSON", "Kafka", "Scoreboard", "Service", "Snapshots",
                           .product(name: "ArgumentParser", package: "swift-argument-parser"), .product(name: "Logging", package: "swift-log")],
            path: "Benchmarks/Harness", swiftSettings: strict),

        // Tests, with what several of them share: random cases and the oracles.
        .target(name: "Cases", dependencies: ["Catalog"], path: "Tests/Cases", swiftSettings: strict),
        tests(of: "JSON", ["Cases"]),
        tests(of: "XML"),
        tests(of: "Catalog", ["Cases", "CatalogFiles"]),
        tests(of: "Intake", ["Cases", "Catalog"]),
        tests(of: "Register", ["Cases", "Catalog", "Intake"]),
        tests(of: "Scoreboard", ["Cases", "Catalog", "Intake", "Register"]),
        tests(of: "Alerting", ["Cases", "Catalog", "JSON", "Scoreboard"]),
        tests(of: "Engine", ["Alerting", "Cases", "Catalog", "CatalogFiles", "Intake", "JSON", "Scoreboard"]),
        tests(of: "CatalogFiles", ["Cases", "Catalog"]),
        tests(of: "Declaring", ["Cases", "Catalog", "CatalogFiles"]),
        tests(of: "Kafka", ["CRdKafka"]),
        tests(of: "Simulation"),
        tests(of: "Snapshots", ["CCRC32C", "Cases", "Catalog"]),
        tests(of: "Service", ["Cases", "Catalog", "CatalogFiles", "Engine", "Intake", "Kafka", "Scoreboard", "Snapshots", .product(name: "Logging", package: "swift-log")]),
        // What breaks things: `scripts/chaos`.
        .executableTarget(
            name: "parwatch-chaos", dependencies: ["Cases", "Catalog", "Kafka", .product(name: "ArgumentParser", package: "swift-argument-parser")], path: "Tests/Chaos", swiftSettings: strict),
        .testTarget(name: "WebTests", dependencies: ["Alerting", "Cases", "Catalog", "JSON", "Scoreboard", "Web", "parwatch"], swiftSettings: strict),
        // The command line, as a user runs it.
        .testTarget(name: "CommandTests", dependencies: ["Cases", "parwatch"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// The small benchmarks, on a package that nothing else needs: fetched and built only when asked for, by `scripts/bench --micro`.
if Context.environment["PARWATCH_BENCHMARKS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
    package.targets.append(
        .executableTarget(
            name: "CoreBenchmarks",
            dependencies: ["BenchmarkMessages", "Catalog", "CatalogFiles", "Engine", "Intake", "Scoreboard", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Core", swiftSettings: strict, plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
}
