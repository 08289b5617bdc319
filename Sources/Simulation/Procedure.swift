/// What people come for.
struct Procedure: Sendable {
    /// As JSON text.
    let code: [UInt8]
    let sector: StaticString?
    /// Of the service online: 3 (all but paying and fetching), 4 (all), or not said.
    let onlineLevel: Int?
    let workingDays: Int
}

/// The procedures that the offices of one level offer.
struct ProcedurePool: Sendable {
    static let size = 40

    private let procedures: [Procedure]

    /// `levelNumber` keeps the codes of different levels apart.
    init(level: String, levelNumber: Int, province: String, random: inout SplitMix64) {
        let sectors: [StaticString] = switch level {
        case "department": ["Đầu tư", "Giao thông vận tải", "Lý lịch tư pháp"]
        case "district": ["Xây dựng", "Đăng ký kinh doanh", "Chứng thực"]
        default: ["Hộ tịch", "Chứng thực", "Bảo trợ xã hội"]
        }
        procedures = (0..<Self.size).map { index in
            var code = Array("1.".utf8)
            code.append((levelNumber + 1) * 1000 + 3 * index + 1, digits: 6)
            code.append(".000.00.00.")
            code.append(jsonText: province)
            // Land has every seventh place, among the much and the little asked for: about 15 % of all dossiers.
            let sector: StaticString? = if [3, 10, 17].contains(index % 20) {
                "Đất đai"
            } else if index % 5 < 3 {
                sectors[index % sectors.count]
            } else {
                nil
            }
            let onlineLevel: Int? = switch index % 8 {
            case 7: nil
            case 1, 4: 4
            default: 3
            }
            return Procedure(code: code, sector: sector, onlineLevel: onlineLevel, workingDays: random.within(3...20))
        }
    }

    /// The first ones are asked for most.
    func draw(_ random: inout SplitMix64) -> Procedure {
        procedures[min(random.below(Self.size), random.below(Self.size))]
    }
}
