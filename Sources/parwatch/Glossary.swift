import Catalog

/// What is counted, in words. docs/facts.md says when each fact is true.
enum Glossary {
    static func name(of kind: Kind) -> Bilingual {
        switch kind {
        case .dossier: Bilingual(vi: "hồ sơ", en: "dossiers")
        case .document: Bilingual(vi: "văn bản", en: "documents")
        case .procedure: Bilingual(vi: "thủ tục trong danh mục", en: "procedures of the catalogue")
        case .announcement: Bilingual(vi: "thủ tục có hiệu lực trong kỳ", en: "procedures that take effect in the period")
        case .feedback: Bilingual(vi: "phản ánh, kiến nghị", en: "feedback")
        case .rating: Bilingual(vi: "lượt đánh giá", en: "ratings")
        case .obligation: Bilingual(vi: "nhiệm vụ", en: "obligations")
        case .event: Bilingual(vi: "sự việc", en: "events")
        }
    }

    /// Its own name, if a fact has no other.
    static func vietnamese(_ fact: String, _ kind: Kind) -> String { (special[kind]?[fact] ?? general[fact]) ?? fact }

    private static let general = [
        "open": "đang giải quyết", "late": "trễ hạn", "on_time": "đúng hạn", "overdue": "đang quá hạn", "decided": "đã rõ đúng hạn hay trễ",
        "level_2": "mức độ 2", "level_3": "mức độ 3", "level_4": "mức độ 4", "listed": "thuộc danh mục", "done": "đã thực hiện",
    ]

    private static let special: [Kind: [String: String]] = [
        .dossier: [
            "accepted": "đã tiếp nhận", "finished": "đã giải quyết", "filed_online": "nộp trực tuyến", "filed_by_post": "tiếp nhận qua BCCI", "returned_by_post": "trả kết quả qua BCCI",
            "apologised": "đã xin lỗi", "supplemented_twice": "bị yêu cầu bổ sung quá 01 lần", "tracked": "có tiến độ",
        ],
        .document: [
            "electronic": "gửi điện tử", "paper": "gửi giấy", "signed": "ký số", "addressed": "có nơi nhận", "acknowledged": "có phản hồi trạng thái", "refused": "bị từ chối",
            "received": "đã tiếp nhận", "processed": "đã hoàn thành xử lý", "recalled": "đã thu hồi",
        ],
        .procedure: procedures, .announcement: procedures,
        .feedback: ["answered": "đã trả lời", "disclosed": "đã công khai"],
        .rating: [
            "scored": "đánh giá theo 9 chỉ số", "excellent": "xuất sắc", "good": "tốt", "fair": "khá", "average": "trung bình", "weak": "yếu", "good_or_better": "từ tốt trở lên",
            "satisfied": "hài lòng", "dissatisfied": "không hài lòng",
        ],
    ]

    private static let procedures = [
        "announced": "đã công bố", "published": "đã công khai", "announced_in_time": "công bố đúng thời hạn", "published_in_time": "công khai đúng thời hạn",
        "national_portal": "trên Cổng DVC quốc gia", "one_stop": "tại Bộ phận Một cửa", "internal_process": "có quy trình nội bộ", "linked_same_level": "liên thông cùng cấp",
        "linked_between_levels": "liên thông giữa các cấp", "shortened": "theo trình tự, thủ tục rút gọn",
    ]
}
